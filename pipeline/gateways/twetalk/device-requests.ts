import { randomUUID } from 'node:crypto';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { type PendingAnswer, pendingAnswer } from '../../pending-answer.ts';
import { type DeviceName, deviceId } from '../devices.ts';
import { type BoardJson, encodeForBoard, toBoardJson } from './board-text.ts';
import { downTopic } from './topics.ts';

interface Pending {
  deviceId: string;
  kind: 'action' | 'property';
  reply: PendingAnswer<Record<string, unknown>>;
}

interface Waiting {
  timeoutMs: number;
  signal: AbortSignal;
}

export interface DeviceRequestsDeps {
  clock: Clock;
  publish: (topic: string, payload: string) => Promise<void>;
  /** Throws TalkError 'device/offline' | 'device/not-subscribed' where it is known that nobody would hear it. */
  mustBeHeard: (device: DeviceName, topic: string) => void;
}

/**
 * What is asked of a board and answered under the same client token: actions and controls. Every request ends exactly once. The stock
 * firmware has no actions and answers none, so the timeout is an ordinary outcome. All of them reject with TalkError 'device/offline' |
 * 'device/not-subscribed' | 'tool/timeout' | 'tool/failed', or the signal's reason.
 */
export class DeviceRequests {
  readonly #deps: DeviceRequestsDeps;
  readonly #pending = new Map<string, Pending>();

  constructor(deps: DeviceRequestsDeps) {
    this.#deps = deps;
  }

  /** Runs a thing-model action; resolves with the reply's `response`. */
  async action(device: DeviceName, actionId: string, parameters: Record<string, unknown>, waiting: Waiting): Promise<unknown> {
    const timestamp = Math.floor(this.#deps.clock.wallMs() / 1000);
    const body = { method: 'action', actionId, timestamp, params: toBoardJson(parameters) };
    const { response } = await this.#ask(device, 'action', actionId, body, waiting);
    return response ?? null;
  }

  /** Sets properties; resolves when the board has said that it did. */
  async control(device: DeviceName, properties: Record<string, unknown>, waiting: Waiting): Promise<void> {
    await this.#ask(device, 'property', 'control', { method: 'control', params: toBoardJson(properties) }, waiting);
  }

  /** Whether the reply was one somebody waited for. */
  settle(device: DeviceName, kind: Pending['kind'], reply: Record<string, unknown>): boolean {
    const request = typeof reply.clientToken === 'string' ? this.#pending.get(reply.clientToken) : undefined;
    if (request === undefined || request.kind !== kind || request.deviceId !== deviceId(device)) return false;
    request.reply.resolve(reply);
    return true;
  }

  async #ask(
    device: DeviceName,
    kind: Pending['kind'],
    name: string,
    body: { method: string; [key: string]: BoardJson },
    waiting: Waiting,
  ): Promise<Record<string, unknown>> {
    waiting.signal.throwIfAborted();
    const topic = downTopic(kind, device);
    this.#deps.mustBeHeard(device, topic);
    const clientToken = randomUUID();
    const { method, ...rest } = body;
    const payload = encodeForBoard({ method, clientToken, ...rest });
    const reply = pendingAnswer<Record<string, unknown>>({
      ...{ clock: this.#deps.clock, name, ...waiting },
      onEnd: () => this.#pending.delete(clientToken),
    });
    this.#pending.set(clientToken, { deviceId: deviceId(device), kind, reply });
    this.#deps.publish(topic, payload).catch((cause: unknown) => {
      this.#pending.get(clientToken)?.reply.resolve({ code: -1, status: cause instanceof TalkError ? cause.code : 'not-published' });
    });
    const answer = await reply.answer;
    if (answer.code !== 0) throw new TalkError('tool/failed', { name, code: answer.code ?? null, status: answer.status ?? null });
    return answer;
  }
}
