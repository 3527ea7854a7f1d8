import { type BoardValue, readNumber } from './board-json.ts';
import type { ThingModel } from './thing-model.ts';
import type { BoardTraits } from './traits.ts';

export interface ThingServiceDeps {
  thing: ThingModel;
  traits: Pick<BoardTraits, 'answersActions' | 'obeysVolume'>;
  publish: (kind: 'property' | 'action', payload: string) => Promise<void>;
  ticksMs: () => number;
  isStopped: () => boolean;
  /** As FirmwareOptions has it. */
  onAction: ((actionId: string, params: string) => Promise<{ code: number; response: string }> | null) | undefined;
}

/** The application's side of the thing model: what it is told, asked and reports (reference/twetalk.md §3.3, §3.4). */
export class ThingService {
  readonly #deps: ThingServiceDeps;

  constructor(deps: ThingServiceDeps) {
    this.#deps = deps;
  }

  async control(text: string, clientToken: string): Promise<void> {
    const { thing, traits, publish } = this.#deps;
    const volume = readNumber(text, 'params.volume');
    if (volume !== null) {
      if (traits.obeysVolume) thing.setVolume(volume);
      await this.report({ volume: thing.volume });
    }
    await publish('property', `{"method":"control_reply","clientToken":"${clientToken}","code":0}`);
  }

  async act(members: Map<string, BoardValue>, clientToken: string): Promise<void> {
    const { thing, traits, publish, onAction, isStopped } = this.#deps;
    if (!traits.answersActions) return;
    const before = thing.volume;
    const actionId = members.get('actionId')?.text ?? '';
    const params = members.get('params')?.text ?? '{}';
    const own = onAction?.(actionId, params) ?? null;
    const { code, response } = own === null ? { code: 0, response: thing.run(actionId, params) } : await own;
    if (response === null || isStopped()) return;
    if (!traits.obeysVolume) thing.setVolume(before);
    await publish('action', `{"method":"action_reply","clientToken":"${clientToken}","code":${code},"response":${response}}`);
    if (thing.volume !== before) await this.report({ volume: thing.volume });
  }

  async report(properties: Record<string, number>): Promise<void> {
    const clientToken = `clear-control-${Math.floor(this.#deps.ticksMs() / 1000)}`;
    const params = JSON.stringify(properties);
    await this.#deps.publish('property', `{"method":"report","params":${params},"clientToken":"${clientToken}"}`);
  }
}
