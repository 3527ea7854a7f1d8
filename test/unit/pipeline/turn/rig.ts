import type { Conversation, ConversationOptions, Engines } from '../../../../pipeline/conversation.ts';
import { createStartConversation } from '../../../../pipeline/turn/start.ts';
import type { AudioPacket, PipelineEvent, PipelineEventKind } from '../../../../preload/contract/events.ts';
import { type ConversationSettings, settingsSchema } from '../../../../preload/contract/settings.ts';
import {
  FakeLlm,
  type FakeReply,
  FakeStt,
  FakeTts,
  type FakeTtsOptions,
  type FakeUtterance,
  FakeVad,
  silencePcm,
  speechPcm,
} from '../../../fakes/engines.ts';
import { FakePeer, type ToolBehaviour } from '../../../fakes/peer.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

export interface RigOptions {
  language?: 'zh' | 'en';
  greeting?: string;
  utterances?: readonly FakeUtterance[];
  replies?: readonly FakeReply[];
  tts?: FakeTtsOptions;
  tools?: Record<string, ToolBehaviour>;
  /** Partial sections, over the schema's defaults. */
  settings?: Record<string, Record<string, unknown>>;
  turns?: Record<string, unknown>;
  /** In place of the fakes, or besides them. */
  engines?: Partial<Engines>;
  variables?: Record<string, string>;
  vadTailMs?: number;
  frameMs?: 20 | 40 | 60;
  codec?: 'opus' | 'pcm';
  /** In the same call as the start, before anything has run. */
  onStarted?: (conversation: Conversation) => void;
}

/** A whole conversation on fakes and the virtual clock, with everything it told. */
export interface Rig {
  clock: VirtualClock;
  peer: FakePeer;
  vad: FakeVad;
  stt: FakeStt;
  llm: FakeLlm;
  tts: FakeTts;
  events: PipelineEvent[];
  packets: AudioPacket[];
  conversation: Conversation;
  /** As they stand: put others in place for the turns to come. */
  live: { settings: ConversationSettings; engines: Engines };
  /** Changes leaves of one section, as an edit on the bench does. */
  edit(section: keyof ConversationSettings, leaves: Record<string, unknown>): void;
  /** Advances by `ms` while the board sends this much of speech or silence. */
  hear(kind: 'speech' | 'silence', ms: number): Promise<void>;
  of<K extends PipelineEventKind>(kind: K): Extract<PipelineEvent, { kind: K }>[];
  advanceMs(ms: number): Promise<void>;
}

export async function createRig(options: RigOptions = {}): Promise<Rig> {
  const clock = new VirtualClock(5_000_000);
  const frameMs = options.frameMs ?? 20;
  const peer = new FakePeer(clock, { frameMs, ...(options.tools && { tools: options.tools }) });
  const vad = new FakeVad({ tailMs: options.vadTailMs ?? 0 });
  const stt = new FakeStt(clock, options.utterances);
  const llm = new FakeLlm(clock, options.replies);
  const tts = new FakeTts(clock, options.tts);
  const events: PipelineEvent[] = [];
  const packets: AudioPacket[] = [];
  const greeting = options.greeting ?? '';
  const format = { codec: options.codec ?? 'pcm', sampleRate: 16000, frameMs } as const;
  const { agent, turns, ...sections } = options.settings ?? {};
  const live: Rig['live'] = {
    settings: settingsSchema.parse({
      ...sections,
      agent: { greetingZh: greeting, greetingEn: greeting, ...agent },
      turns: { ...turns, ...options.turns },
    }),
    engines: { vad, stt, llm, tts, ...options.engines },
  };
  const conversationOptions: ConversationOptions = {
    conversationId: 'c1',
    gateway: 'fake',
    productId: 'P',
    deviceName: 'D',
    language: options.language ?? 'zh',
    uplink: { codec: 'pcm', sampleRate: 16000, frameMs: 20 },
    downlink: format,
    variables: options.variables ?? {},
    query: {},
    settings: () => live.settings,
  };
  const start = createStartConversation({
    clock,
    observer: { event: (event) => events.push(event), packet: (packet) => packets.push(packet) },
    engines: () => live.engines,
  });
  const conversation = start(conversationOptions, peer);
  options.onStarted?.(conversation);
  await clock.settle();
  return {
    clock,
    peer,
    vad,
    stt,
    llm,
    tts,
    events,
    packets,
    conversation,
    live,
    edit(section, leaves) {
      live.settings = { ...live.settings, [section]: { ...live.settings[section], ...leaves } };
    },
    async hear(kind, ms) {
      for (let sent = 0; sent < ms; sent += 20) {
        await clock.advance(20_000);
        const pcm = kind === 'speech' ? speechPcm(20) : silencePcm(20);
        conversation.uplink(new Uint8Array(pcm.buffer), clock.nowUs());
      }
      await clock.settle();
    },
    of: <K extends PipelineEventKind>(kind: K) =>
      events.filter((event): event is Extract<PipelineEvent, { kind: K }> => event.kind === kind),
    advanceMs: (ms) => clock.advance(ms * 1000),
  };
}
