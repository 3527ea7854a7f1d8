import { randomBytes } from 'node:crypto';
import { createTwetalkFirmware } from '../../../pipeline/boards/twetalk/firmware.ts';
import type { TwetalkFirmware } from '../../../pipeline/boards/twetalk/firmware-options.ts';
import type { Conversation, Engines } from '../../../pipeline/conversation.ts';
import type { LlmRequest } from '../../../pipeline/engines/llm/engine.ts';
import { startTwetalkGateway } from '../../../pipeline/gateways/twetalk/gateway.ts';
import { type Observer, observers } from '../../../pipeline/observer.ts';
import { createStartConversation } from '../../../pipeline/turn/start.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import { type ConversationSettings, settingsSchema } from '../../../preload/contract/settings.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { checkedLayer, resolved } from '../agents/layers.ts';
import { turnsOf } from '../analysis/turns.ts';
import { Devices, memoryDeviceStore } from '../devices/registry.ts';
import type { Log } from '../log.ts';
import { type Happening, happened } from '../quality/expectations/event.ts';
import type { ScenarioFacts } from './expectations.ts';
import type { Scenario } from './schema.ts';

const PRODUCT = 'SCENARIO01';
const START_TIMEOUT_US = 20_000_000;

/** What happened at the board's side, in the order it did. */
export type BoardEvent =
  | { kind: 'board.message'; atUs: MonoUs; type: string; text: string | null }
  | { kind: 'board.audible' | 'board.silent'; atUs: MonoUs }
  | { kind: 'board.tool'; atUs: MonoUs; name: string; parameters: string };
export type ScenarioEvent = PipelineEvent | BoardEvent;

export interface ScenarioDeps {
  clock: Clock;
  /** Hears of it too: a scenario is recorded as any conversation is. */
  observer: Observer;
  /** Of this run: they read its settings as they stand. */
  engines: (settings: ConversationSettings) => Engines;
  log: Log;
}

/** A board and its bench, and what happens between them. Disposed of, everything of it is gone. */
export interface ScenarioRun extends AsyncDisposable {
  readonly board: TwetalkFirmware;
  readonly conversation: Conversation;
  readonly events: readonly ScenarioEvent[];
  /** Changes settings while it runs. */
  set(layer: Record<string, Record<string, unknown>>): void;
  /** The first such event from `fromIndex` on, past or to come. Rejects with 'talk/no-reply' {waitedMs, waitedFor}. */
  until(happening: Happening, options: { fromIndex: number; timeoutUs: number; signal: AbortSignal }): Promise<ScenarioEvent>;
  facts(stepEndsUs: readonly number[]): ScenarioFacts;
}

/** A gateway of its own on the loopback, its own device, real sockets between them. Rejects with TalkError 'talk/refused' and 'cancelled'. */
export async function startRun(scenario: Scenario, deps: ScenarioDeps, signal: AbortSignal): Promise<ScenarioRun> {
  const { clock, log } = deps;
  await using opened = new AsyncDisposableStack();
  const events: ScenarioEvent[] = [];
  const requests: LlmRequest[] = [];
  const waiting = new Set<() => void>();
  const speaker = { playedMs: 0, underruns: 0, overflows: 0 };

  function happens(event: ScenarioEvent): void {
    events.push(event);
    for (const look of waiting) look();
  }

  const bench = settingsSchema.parse({ agent: { greetingZh: '', greetingEn: '' }, listeners: { mqttPort: 0, gatewayPort: 0 } });
  const checked = (layer: Record<string, Record<string, unknown>>) => ({ origin: 'bench' as const, layer: checkedLayer(layer).layer });
  const layers = [scenario.settings, ...scenario.layers].map(checked);
  let { settings } = resolved(bench, layers);

  const devices = await Devices.open({ store: memoryDeviceStore(), wallMs: () => clock.wallMs(), onStoreFault: () => {} });
  const device = { productId: PRODUCT, deviceName: `scenario-${randomBytes(4).toString('hex')}` };
  const { generatedSecret: secret = '' } = await devices.put(device.productId, device.deviceName);
  const observer = observers([{ event: happens, packet: () => {} }, deps.observer], (error) =>
    log.error({ err: error }, 'an observer failed'),
  );
  const recorded = (engines: Engines): Engines => ({
    ...engines,
    llm: {
      id: engines.llm.id,
      respond(request, of) {
        requests.push(structuredClone(request));
        return engines.llm.respond(request, of);
      },
    },
  });
  const gateway = opened.adopt(
    await startTwetalkGateway({
      clock,
      observer,
      settings: () => bench,
      conversationSettings: () => () => settings,
      devices,
      startConversation: createStartConversation({ clock, observer, engines: () => recorded(deps.engines(settings)) }),
      log,
    }),
    (it) => it.close(),
  );
  const mqttPort = gateway.listeners.find(({ name, state }) => name === 'mqtt' && state === 'listening')?.port;
  if (mqttPort === undefined) throw new TalkError('listen/refused', { listener: 'mqtt', host: '127.0.0.1', reason: 'scenario' });

  const board = createTwetalkFirmware({
    clock,
    broker: { host: '127.0.0.1', port: mqttPort },
    ...device,
    secret,
    language: scenario.language,
    ...scenario.board,
    print(text) {
      if (text.includes('playback underrun')) speaker.underruns += 1;
      if (text.includes('recv ring buffer full')) speaker.overflows += 1;
    },
    onState: () => {},
    onPlayout(report) {
      happens({ kind: `board.${report.kind}`, atUs: report.atUs });
      gateway.conversationOf(device)?.conversation.playout({ ...report, source: 'device' });
    },
    onMessage: (type, text) => happens({ kind: 'board.message', atUs: clock.nowUs(), type, text }),
    onAction(name, parameters) {
      happens({ kind: 'board.tool', atUs: clock.nowUs(), name, parameters });
      const tool = scenario.tools[name];
      if (tool === undefined) return null;
      if (tool.isSilent) return new Promise(() => {});
      const answer = { code: tool.code, response: JSON.stringify(tool.response ?? {}) };
      return new Promise((resolve) => void clock.at((clock.nowUs() + tool.delayMs * 1000) as MonoUs, () => resolve(answer)));
    },
  });
  opened.defer(() => board.stop());
  await board.start();

  async function until(
    happening: Happening,
    options: { fromIndex: number; timeoutUs: number; signal: AbortSignal },
  ): Promise<ScenarioEvent> {
    let next = options.fromIndex;
    return new Promise((resolve, reject) => {
      const end = () => {
        waiting.delete(look);
        cancel();
        options.signal.removeEventListener('abort', onAbort);
      };
      const onAbort = () => {
        end();
        reject(new TalkError('cancelled'));
      };
      const look = () => {
        for (; next < events.length; next += 1) {
          const event = events[next];
          if (event === undefined || !happened(event, happening)) continue;
          end();
          resolve(event);
          return;
        }
      };
      const cancel = clock.at((clock.nowUs() + options.timeoutUs) as MonoUs, () => {
        end();
        reject(new TalkError('talk/no-reply', { waitedMs: options.timeoutUs / 1000, waitedFor: happening.event }, { retryable: true }));
      });
      if (options.signal.aborted) onAbort();
      else {
        options.signal.addEventListener('abort', onAbort, { once: true });
        waiting.add(look);
        look();
      }
    });
  }

  await until({ event: 'conversation.opened', where: {} }, { fromIndex: 0, timeoutUs: START_TIMEOUT_US, signal });
  const conversation = gateway.conversationOf(device)?.conversation;
  if (conversation === undefined) throw new TalkError('talk/no-reply', { waitedMs: 0, waitedFor: 'conversation.opened' });
  const everything = opened.move();

  return {
    board,
    conversation,
    events,
    set(layer) {
      settings = resolved(settings, [checked(layer)]).settings;
    },
    until,
    facts(stepEndsUs) {
      const { pcm } = board.receivedAudio();
      const playedMs = board.receivedAudio().packets.length * scenario.board.audioInterval;
      const startedUs = events.find(({ kind }) => kind === 'conversation.opened')?.atUs ?? 0;
      const turns = turnsOf(events.filter((event): event is PipelineEvent => !event.kind.startsWith('board.')));
      return { events, turns, requests, stepEndsUs, startedUs, speaker: { ...speaker, playedMs: pcm.length === 0 ? 0 : playedMs } };
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}
