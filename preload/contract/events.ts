import { z } from 'zod';
import { bytes } from './bytes.ts';
import { talkErrorSchema } from './errors.ts';
import { monoUs } from './time.ts';

/**
 * Everything the pipeline tells the world, in the order it happened. The recorder stores each one, the analysis
 * derives every number from them, the timeline draws them. The letters (U1, U4, L2a, S0, D1 …) are the instants of
 * reference/voice.md §2.1; `atUs` of an event is the instant it names.
 *
 * `turnId` counts from 1 within a conversation; events outside a turn have none.
 */
const base = { atUs: monoUs, conversationId: z.string() };
const turn = { ...base, turnId: z.number().int().positive() };

export const turnStateName = z.enum(['idle', 'listening', 'user-speaking', 'committing', 'thinking', 'speaking', 'paused']);
export const turnInitiator = z.enum(['greeting', 'user-speech', 'user-text', 'idle', 'injected']);
/**
 * completed: the whole reply was played · interrupted: the user (or `interrupt`) cut it · no-reply: the agent chose
 * to say nothing · failed: an engine failed · unanswered: the user's turn was committed and superseded or the
 * conversation closed before a first sample. Unanswered and failed turns count as censored in latency statistics.
 */
export const turnOutcome = z.enum(['completed', 'interrupted', 'no-reply', 'failed', 'unanswered']);

export const stageName = z.enum(['vad', 'stt', 'llm', 'tts', 'transport', 'tool']);

export const pipelineEvent = z.discriminatedUnion('kind', [
  z.object({
    ...base,
    kind: z.literal('conversation.opened'),
    gateway: z.string(), // 'twetalk'
    productId: z.string(),
    deviceName: z.string(),
    language: z.string(),
    uplink: z.object({ codec: z.enum(['opus', 'pcm']), sampleRate: z.number().int(), frameMs: z.number() }),
    downlink: z.object({ codec: z.enum(['opus', 'pcm']), sampleRate: z.number().int(), frameMs: z.number() }),
    /** As received; tokens removed. */
    query: z.record(z.string(), z.string()),
    engines: z.object({ vad: z.string(), stt: z.string(), llm: z.string(), tts: z.string() }),
    /** The turn-taking settings in force, for later comparison. */
    settings: z.record(z.string(), z.unknown()),
  }),
  z.object({ ...base, kind: z.literal('conversation.closed'), reason: z.string(), code: z.number().int().optional() }),
  z.object({ ...base, kind: z.literal('turn.state'), state: turnStateName, turnId: z.number().int().optional() }),
  z.object({ ...turn, kind: z.literal('turn.started'), initiator: turnInitiator }),
  z.object({
    ...turn,
    kind: z.literal('turn.ended'),
    outcome: turnOutcome,
    userText: z.string(),
    /** What the agent generated, and what of it was heard according to the playout ledger. */
    replyText: z.string(),
    heardText: z.string(),
  }),

  /** U0: first speech sample, mapped from media time to the clock. */
  z.object({ ...base, kind: z.literal('user.speech-started'), mediaUs: z.number().int(), turnId: z.number().int().optional() }),
  /** `atUs` is U1, the last speech sample; `declaredUs` is U2, when the VAD knew. */
  z.object({
    ...base,
    kind: z.literal('user.speech-ended'),
    mediaUs: z.number().int(),
    declaredUs: monoUs,
    turnId: z.number().int().optional(),
  }),
  z.object({ ...base, kind: z.literal('stt.partial'), text: z.string(), turnId: z.number().int().optional() }),
  /** U3. `score` 0..1 where the engine gives one; an empty text is "speech, but nothing recognised". */
  z.object({
    ...base,
    kind: z.literal('stt.final'),
    text: z.string(),
    engine: z.string(),
    score: z.number().optional(),
    turnId: z.number().int().optional(),
  }),
  /** U4: the endpoint decision. */
  z.object({ ...turn, kind: z.literal('turn.committed'), reason: z.string(), text: z.string() }),

  z.object({ ...turn, kind: z.literal('llm.request'), engine: z.string(), model: z.string(), step: z.number().int() }), // L0
  z.object({ ...turn, kind: z.literal('llm.headers') }), // L1
  z.object({ ...turn, kind: z.literal('llm.first-token') }), // L2
  z.object({ ...turn, kind: z.literal('llm.first-answer') }), // L2a: first that is neither reasoning nor a tool call
  z.object({ ...turn, kind: z.literal('llm.text'), text: z.string() }),
  z.object({ ...turn, kind: z.literal('llm.first-chunk'), text: z.string() }), // L3: first speakable chunk
  z.object({
    ...turn,
    kind: z.literal('llm.done'),
    finish: z.enum(['stop', 'tool-calls', 'length', 'cancelled', 'error']),
    inputTokens: z.number().int().optional(),
    outputTokens: z.number().int().optional(),
  }),

  z.object({
    ...turn,
    kind: z.literal('tts.request'),
    engine: z.string(),
    voice: z.string(),
    sentence: z.number().int(),
    text: z.string(),
  }), // T0
  z.object({ ...turn, kind: z.literal('tts.headers'), sentence: z.number().int() }), // T1
  /** T2; the first audible sample (T2a) is `leadSilenceUs` of audio later. */
  z.object({ ...turn, kind: z.literal('tts.first-audio'), sentence: z.number().int(), leadSilenceUs: z.number().int() }),
  z.object({ ...turn, kind: z.literal('tts.done'), sentence: z.number().int(), durationUs: z.number().int() }),

  z.object({ ...turn, kind: z.literal('downlink.first-frame') }), // S0
  /** D1: the first audible reply sample leaves the speaker. */
  z.object({ ...turn, kind: z.literal('downlink.audible'), source: z.enum(['device', 'echo', 'estimate', 'recording']) }),
  z.object({ ...turn, kind: z.literal('downlink.sentence-started'), sentence: z.number().int(), text: z.string() }),
  z.object({ ...turn, kind: z.literal('downlink.underrun'), gapUs: z.number().int() }),
  z.object({ ...turn, kind: z.literal('downlink.last-frame') }),
  z.object({ ...turn, kind: z.literal('downlink.play-ended') }), // estimated
  z.object({ ...base, kind: z.literal('downlink.queue'), queuedUs: z.number().int() }), // pacer depth, sampled

  z.object({ ...turn, kind: z.literal('interruption.onset') }), // I0
  z.object({ ...turn, kind: z.literal('interruption.decided'), reason: z.string() }), // I1
  z.object({ ...turn, kind: z.literal('interruption.server-stopped') }), // I2
  z.object({ ...turn, kind: z.literal('interruption.silent'), source: z.enum(['device', 'echo', 'estimate', 'recording']) }), // I3
  z.object({ ...turn, kind: z.literal('interruption.false'), resumed: z.boolean(), reason: z.string() }),

  z.object({ ...turn, kind: z.literal('tool.call'), callId: z.string(), name: z.string(), arguments: z.unknown() }),
  z.object({
    ...turn,
    kind: z.literal('tool.result'),
    callId: z.string(),
    name: z.string(),
    isOk: z.boolean(),
    result: z.unknown(),
    elapsedUs: z.number().int(),
  }),

  /** One message on a device-facing wire, whole and as it came. Audio packets are not here (see AudioPacket). */
  z.object({
    atUs: monoUs,
    conversationId: z.string().optional(),
    kind: z.literal('wire.message'),
    gateway: z.string(),
    channel: z.enum(['mqtt', 'websocket', 'http', 'tcp', 'udp']),
    direction: z.enum(['up', 'down']),
    /** MQTT topic, URL path or message type: what a reader would call it. */
    name: z.string(),
    deviceId: z.string().optional(),
    text: z.string().optional(),
    bytes: bytes.optional(),
    /** Set when no gateway knew what it was: it is recorded, shown, and answered with nothing. */
    isUnknown: z.boolean().optional(),
    /** What a reader should know besides: 'malformed-json', 'audioInterval=33: 60 taken' … Not for programs. */
    note: z.string().optional(),
  }),
  z.object({ atUs: monoUs, kind: z.literal('device.online'), productId: z.string(), deviceName: z.string() }),
  z.object({ atUs: monoUs, kind: z.literal('device.offline'), productId: z.string(), deviceName: z.string(), reason: z.string() }),
  z.object({ atUs: monoUs, kind: z.literal('device.refused'), productId: z.string(), deviceName: z.string(), reason: z.string() }),
  z.object({
    atUs: monoUs,
    kind: z.literal('device.property'),
    productId: z.string(),
    deviceName: z.string(),
    properties: z.record(z.string(), z.unknown()),
  }),

  z.object({
    atUs: monoUs,
    conversationId: z.string().optional(),
    turnId: z.number().int().optional(),
    kind: z.literal('engine.error'),
    stage: stageName,
    error: talkErrorSchema,
  }),
  /** A stage did not stop within its watchdog after an abort: its output is ignored from then on. */
  z.object({ ...turn, kind: z.literal('stage.leaked'), stage: stageName }),
  z.object({ atUs: monoUs, conversationId: z.string().optional(), kind: z.literal('dropped'), what: z.string(), count: z.number().int() }),
]);

export type PipelineEvent = z.infer<typeof pipelineEvent>;
export type PipelineEventKind = PipelineEvent['kind'];
export type TurnStateName = z.infer<typeof turnStateName>;
export type TurnInitiator = z.infer<typeof turnInitiator>;
export type TurnOutcome = z.infer<typeof turnOutcome>;
export type StageName = z.infer<typeof stageName>;

/** One packet of a conversation's audio exactly as it was on the wire. */
export interface AudioPacket {
  conversationId: string;
  track: 'uplink' | 'downlink';
  /** Index within the track of this conversation, from 0. */
  index: number;
  /** Received (uplink) or handed to the socket (downlink). */
  atUs: number;
  /** Media time: where the packet stands in its own track. Downlink pauses between replies are gaps, not packets. */
  mediaUs: number;
  durationUs: number;
  codec: 'opus' | 'pcm';
  sampleRate: number;
  bytes: Uint8Array;
}
