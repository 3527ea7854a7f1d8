import { z } from 'zod';
import { bytes } from './bytes.ts';
import { refusalHints } from './cloud/refusals.ts';
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
    /** As the board told it last; absent where it never did. */
    firmwareVersion: z.string().optional(),
    /** Whose settings these are; absent: the bench's own. */
    agent: z.object({ id: z.string(), name: z.string() }).optional(),
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
    /** Of the candidate languages, which one it was; and the speaker's emotion in the engine's own word. */
    language: z.string().optional(),
    emotion: z.string().optional(),
    /** Another voice than the enrolled one: it was not taken for the user's. */
    isForeignVoice: z.boolean().optional(),
    turnId: z.number().int().optional(),
  }),
  /** U4: the endpoint decision. */
  z.object({ ...turn, kind: z.literal('turn.committed'), reason: z.string(), text: z.string() }),
  /** What the endpoint decision waits for: the silence asked, why, and how complete the text sounds (0..1). Told when it changes. */
  z.object({
    ...base,
    kind: z.literal('endpoint.asked'),
    turnId: z.number().int().optional(),
    silenceMs: z.number(),
    reason: z.string(),
    completeness: z.number().optional(),
  }),
  /** An answer was asked for before the endpoint: used, or thrown away and why. */
  z.object({
    ...turn,
    kind: z.literal('turn.preempted'),
    isUsed: z.boolean(),
    reason: z.string(),
    wastedTokens: z.number().int().optional(),
  }),
  /** Nobody said anything: reminder `retry`; 0 is the end. */
  z.object({ ...base, kind: z.literal('conversation.idle'), retry: z.number().int(), text: z.string() }),
  /** Settings that take effect from the next turn on: keys and their new values. */
  z.object({ ...base, kind: z.literal('conversation.changed'), changes: z.record(z.string(), z.unknown()) }),
  /** What earlier rounds were put together to, or what is kept of the device. */
  z.object({ ...base, kind: z.literal('agent.memory'), what: z.enum(['summary', 'fact']), text: z.string() }),
  /** unknown-variable {name}: a prompt's place that nothing fills · rounds-left-out {count}: of this request, for maxContextTokens. */
  z.object({
    ...base,
    kind: z.literal('agent.note'),
    note: z.enum(['unknown-variable', 'rounds-left-out']),
    data: z.record(z.string(), z.unknown()),
  }),

  z.object({
    ...turn,
    kind: z.literal('llm.request'),
    engine: z.string(),
    model: z.string(),
    step: z.number().int(),
    requestId: z.string().optional(),
    attempt: z.number().int().optional(),
  }), // L0
  z.object({ ...turn, kind: z.literal('llm.headers') }), // L1
  z.object({ ...turn, kind: z.literal('llm.first-token') }), // L2
  /** Thought, not said: neither spoken nor part of the history. */
  z.object({ ...turn, kind: z.literal('llm.reasoning'), text: z.string() }),
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
    requestId: z.string().optional(),
    attempt: z.number().int().optional(),
    /** Said while something takes long; no part of the reply. */
    isFiller: z.boolean().optional(),
  }), // T0
  z.object({ ...turn, kind: z.literal('tts.headers'), sentence: z.number().int() }), // T1
  /** T2; the first audible sample (T2a) is `leadSilenceUs` of audio later. */
  z.object({ ...turn, kind: z.literal('tts.first-audio'), sentence: z.number().int(), leadSilenceUs: z.number().int() }),
  /** A piece of audio came from the engine: so much sound. */
  z.object({ ...turn, kind: z.literal('tts.audio'), sentence: z.number().int(), durationUs: z.number().int() }),
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
  /** Somebody connected to a device-facing listener; who it is, nobody knows yet. */
  z.object({
    atUs: monoUs,
    kind: z.literal('listener.connection'),
    listener: z.string(),
    remoteAddress: z.string(),
    /** It was ended at once: that address holds as many as one may (`reach.connectionsPerAddress`). */
    isRefused: z.literal(true).optional(),
  }),
  z.object({ atUs: monoUs, kind: z.literal('device.online'), productId: z.string(), deviceName: z.string() }),
  z.object({ atUs: monoUs, kind: z.literal('device.offline'), productId: z.string(), deviceName: z.string(), reason: z.string() }),
  /** `expected`: what would have been right, in words and never with a secret; `hint`: the same for whoever has other words for it. */
  z.object({
    atUs: monoUs,
    kind: z.literal('device.refused'),
    productId: z.string(),
    deviceName: z.string(),
    /** One of `refusalReasons` (cloud/refusals.ts). */
    reason: z.string(),
    /** Whose protocol it spoke; 'twetalk' where it is left out. */
    gateway: z.string().optional(),
    expected: z.string().optional(),
    hint: z.enum(refusalHints).optional(),
  }),
  z.object({
    atUs: monoUs,
    kind: z.literal('device.property'),
    productId: z.string(),
    deviceName: z.string(),
    properties: z.record(z.string(), z.unknown()),
  }),
  /** `event_post`; `isMalformed`: what the SDK's own bug makes of it, read all the same. */
  z.object({
    atUs: monoUs,
    kind: z.literal('device.event'),
    productId: z.string(),
    deviceName: z.string(),
    eventId: z.string(),
    type: z.string(),
    params: z.record(z.string(), z.unknown()),
    isMalformed: z.boolean().optional(),
  }),
  /** An update of the firmware: told to the board, and each report of it. */
  z.object({
    atUs: monoUs,
    kind: z.literal('device.ota'),
    productId: z.string(),
    deviceName: z.string(),
    version: z.string(),
    state: z.string(), // sent downloading burning done fail
    percent: z.number(),
    resultCode: z.string(),
  }),
  /** A call between the board and the mini-program: each change of its state. `stream` says who called. */
  z.object({
    atUs: monoUs,
    conversationId: z.string().optional(),
    kind: z.literal('device.call'),
    productId: z.string(),
    deviceName: z.string(),
    callId: z.string(),
    stream: z.enum(['user_to_device', 'device_to_user']),
    state: z.enum(['ringing', 'talking', 'ended']),
    contact: z.string(),
    end: z.string().optional(), // how it ended: the contract's callEnd
    code: z.number().int().optional(),
    talkingMs: z.number().optional(),
  }),

  z.object({
    atUs: monoUs,
    conversationId: z.string().optional(),
    turnId: z.number().int().optional(),
    kind: z.literal('engine.error'),
    stage: stageName,
    error: talkErrorSchema,
    /** The documents' code of it, 30100 … 30302. */
    productCode: z.number().int().optional(),
    requestId: z.string().optional(),
    /** The turn could not go on. */
    isBlocking: z.boolean().optional(),
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

/**
 * One packet of a conversation's audio exactly as it was on the wire; or, on 'uplink-denoised', what was listened to after the noise
 * was taken off the uplink, in the uplink's media time.
 */
export interface AudioPacket {
  conversationId: string;
  track: 'uplink' | 'uplink-denoised' | 'downlink';
  /** Index within the track of this conversation, from 0. */
  index: number;
  /** Received (uplink), when its last sample came in without jitter (denoised), or handed to the socket (downlink). */
  atUs: number;
  /** Media time: where the packet stands in its own track. Downlink pauses between replies are gaps, not packets. */
  mediaUs: number;
  durationUs: number;
  codec: 'opus' | 'pcm';
  sampleRate: number;
  bytes: Uint8Array;
}
