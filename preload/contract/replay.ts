import { z } from 'zod';
import { agentLayer } from './agents.ts';
import { bytes } from './bytes.ts';
import { talkErrorSchema } from './errors.ts';
import { turnInitiator, turnOutcome } from './events.ts';

/**
 * What can be done again with a recorded conversation, each in its own section. For people: docs/replay.md.
 */

// resimulate: the recorded speech and the engines' recorded answers through the real turn-taking, on a clock that does not wait.

const ms = z.number();

/** A setting as it is written in a command: 'turns.vadSilenceMs'. */
const settingKey = z.string().regex(/^[a-zA-Z]+\.[a-zA-Z]+$/);
/** A partial tree: `{turns: {vadSilenceMs: 800}}`. */
const settingChanges = z.record(z.string(), z.record(z.string(), z.unknown()));

/**
 * Settings whose effect follows from what was recorded. Any other one acts on what an engine or the user would have said, or on when a
 * button would have been pressed: only a conversation can tell that.
 */
export const resimulatedSettings = [
  'turns.vadThreshold',
  'turns.vadSilenceMs',
  'turns.minimumSpeechMs',
  'turns.prerollMs',
  'turns.endpointing',
  'turns.endpointMinMs',
  'turns.endpointMaxMs',
  'turns.longestUtteranceMs',
  'turns.interruption',
  'turns.interruptionMs',
  'turns.interruptionMinimumWords',
  'turns.interruptionWhileThinking',
  'turns.backchannels',
  'turns.isGreetingProtected',
  'turns.isPreemptive',
  'turns.falseInterruptionTimeoutMs',
  'turns.aecWarmupMs',
  'turns.isHalfDuplex',
  'downlink.leadMs',
  'downlink.deviceDelayMs',
  'voice.leadSilenceMs',
  'conversation.sessionTimeoutS',
  'conversation.isIdleDetected',
  'conversation.idleTimeoutS',
  'conversation.idleMaxRetries',
  'conversation.idleMessages',
  'agent.greetingZh',
  'agent.greetingEn',
  'agent.toolTimeoutMs',
  'agent.maxToolSteps',
  'agent.llmTimeoutS',
  'agent.llmRetries',
  'agent.fillerZh',
  'agent.fillerEn',
  'agent.fillerAfterMs',
  'engines.vad',
] as const;

/** What of a simulated turn was not recorded and is modelled: the rules are in docs/replay.md. */
export const modelledPart = z.enum(['transcript', 'reply', 'speech', 'tool', 'delay']);

/** One turn as it went in a simulation, or in the recording itself. Instants are ms of the session; null: not reached. */
export const simulatedTurn = z.object({
  turnId: z.number().int(),
  initiator: turnInitiator,
  outcome: turnOutcome.nullable(),
  /** First and last speech of the user's, U0 of the first stretch and U1 of the last. */
  speechStartMs: ms.nullable(),
  speechEndMs: ms.nullable(),
  /** U4, and why the turn was taken for ended. */
  committedMs: ms.nullable(),
  reason: z.string().nullable(),
  userText: z.string(),
  replyText: z.string(),
  heardText: z.string(),
  /** S0 and D1. */
  firstFrameMs: ms.nullable(),
  audibleMs: ms.nullable(),
  /** U1 → D1 and its parts by their keys (docs/latency.md). */
  v2vMs: ms.nullable(),
  parts: z.record(z.string(), ms),
  /** What cut its reply: the policy's reason. */
  interruption: z.string().nullable(),
  /** Speech that held its reply and came to nothing. */
  falseInterruptions: z.number().int(),
  modelled: z.array(modelledPart),
});

/**
 * same: nothing but instants within the tolerance · moved: commit or answer at another time · text: other words, at whatever time ·
 * outcome: the same words at whatever time, another end of the reply · merged: several turns became one · split: one became several · regrouped: several became several others · gained, lost: on one side only.
 */
export const turnChange = z.enum(['same', 'moved', 'text', 'outcome', 'merged', 'split', 'regrouped', 'gained', 'lost']);

/** Turns that are about the same speech, before and after. Differences are after − before, null where either is missing. */
export const turnPair = z.object({
  change: turnChange,
  before: z.array(simulatedTurn),
  after: z.array(simulatedTurn),
  /** Of the last turn on each side. */
  committedByMs: ms.nullable(),
  v2vByMs: ms.nullable(),
  partsByMs: z.record(z.string(), ms),
  /** Replies cut on one side only. */
  interruptionsGained: z.number().int(),
  interruptionsLost: z.number().int(),
});

/** A percentile over user turns: nearest rank over `n` answered and `censored` unanswered ones; null without a number. */
const simulatedQuantile = z.object({ p50: ms.nullable(), p95: ms.nullable(), n: z.number().int(), censored: z.number().int() });

export const simulatedFigures = z.object({
  turns: z.number().int(),
  userTurns: z.number().int(),
  v2v: simulatedQuantile,
  /** U1 → U4: what the endpoint decision waits, with the transcript. */
  endpoint: simulatedQuantile,
  interruptions: z.number().int(),
  falseInterruptions: z.number().int(),
  /** Turns committed although their user went on within 1.5 s of falling silent: they had not ended. */
  earlyCuts: z.number().int(),
  unanswered: z.number().int(),
  /** Turns in which something is modelled. */
  modelled: z.number().int(),
});

/** How far the simulation under the recorded settings is from the recording. Compared are its turns, in order. */
export const simulationFidelity = z.object({
  recordedTurns: z.number().int(),
  simulatedTurns: z.number().int(),
  /** Turns with the same words on both sides. */
  matched: z.number().int(),
  /** |simulated − recorded| of the commit, over matched turns. */
  commitMedianMs: ms.nullable(),
  commitMaxMs: ms.nullable(),
  v2vMedianMs: ms.nullable(),
  v2vMaxMs: ms.nullable(),
});

/** Why a simulation is less than the recording: {kind, count}. Each has a sentence in docs/replay.md. */
export const simulationNote = z.object({
  kind: z.enum([
    'settings-not-recorded', // sections that recordings of older versions lack: their defaults
    'vad-replaced', // the recorded detector is not here
    'denoised', // listened to what was listened to
    'dropped-packets', // the recording itself is incomplete
    'voice-not-told-apart',
    'ran-on', // past the recording's end, until the last reply was over
  ]),
  count: z.number().int(),
});

export const resimulatedConversation = z.object({
  sessionId: z.string(),
  conversationId: z.string(),
  language: z.string(),
  durationMs: ms,
  /** The detector that listened again. */
  vad: z.string(),
  recorded: z.array(simulatedTurn),
  pairs: z.array(turnPair),
  fidelity: simulationFidelity,
  notes: z.array(simulationNote),
});

export const sweepPoint = z.object({
  value: z.unknown(),
  figures: simulatedFigures,
  /** Against the recorded settings. */
  merged: z.number().int(),
  split: z.number().int(),
  interruptionsGained: z.number().int(),
  interruptionsLost: z.number().int(),
});

/** The same recording, settings and version give the same value, byte for byte. */
export const resimulation = z.object({
  changes: settingChanges,
  conversations: z.array(resimulatedConversation),
  before: simulatedFigures,
  after: simulatedFigures,
  sweep: z.object({ key: settingKey, points: z.array(sweepPoint) }).nullable(),
});

const runId = z.string().regex(/^[\w-]{1,64}$/);

export const replayCalls = {
  /**
   * What would have been with other settings. Cancellable. Fails with 'session/not-found', 'replay/no-conversation' {id}, 'settings/invalid',
   * 'replay/needs-rerun' {keys} (what engines answer to other settings nobody recorded), 'engine/unavailable' (no detector).
   */
  'replay.resimulate': {
    request: z.object({
      sessionIds: z.array(z.string()).min(1).max(100),
      /** One of the only session's; all when left out. */
      conversationId: z.string().optional(),
      changes: settingChanges.default({}),
      sweep: z.object({ key: settingKey, values: z.array(z.unknown()).min(1).max(50) }).optional(),
      /** For `replay.progress`. */
      runId: runId.optional(),
    }),
    reply: z.object({
      result: resimulation,
      /** What it took: simulated time by real time is the factor. */
      cost: z.object({ elapsedMs: ms, simulatedMs: ms }),
    }),
    role: 'viewer',
  },
} as const;

export const replayStreams = {
  /** How far a run is; begins at 0, so subscribe before the call. */
  'replay.progress': {
    request: z.object({ runId }),
    snapshot: z.object({ fraction: z.number() }),
    delta: z.object({ runId: z.string(), fraction: z.number() }),
  },
} as const;

export type ModelledPart = z.infer<typeof modelledPart>;
export type SimulatedTurn = z.infer<typeof simulatedTurn>;
export type TurnChange = z.infer<typeof turnChange>;
export type TurnPair = z.infer<typeof turnPair>;
export type SimulatedFigures = z.infer<typeof simulatedFigures>;
export type SimulationFidelity = z.infer<typeof simulationFidelity>;
export type SimulationNote = z.infer<typeof simulationNote>;
export type ResimulatedConversation = z.infer<typeof resimulatedConversation>;
export type SweepPoint = z.infer<typeof sweepPoint>;
export type Resimulation = z.infer<typeof resimulation>;

// Run again: what the user said in a recorded conversation, said again by a virtual device over the same protocol.

/** recorded: at the recorded moments · turns: each utterance begins only once the reply to the one before is over. */
export const rerunPace = z.enum(['recorded', 'turns']);

/**
 * Another bench or a real cloud, as the recorded conversation's protocol reaches it: TWeTalk `mqtt://HOST:PORT` (the voice connection's
 * address is asked there) · TRTC rooms of a bench `ws(s)://HOST:PORT` · Tuya `tuya://HOST:PORT` or `tuya-tls://HOST:PORT` · xiaozhi
 * `ws(s)://…` or its OTA `http(s)://…`. The credentials are the user's own: used for this once, and kept to be blacked out of exports alone.
 */
export const rerunRemote = z.object({
  address: z.string().min(1).max(500),
  productId: z.string().max(64).optional(),
  deviceName: z.string().max(64).optional(),
  /** TWeTalk: the device's key, base64. Tuya: its local key. TRTC: a UserSig. xiaozhi: the token. */
  secret: z.string().max(4000).optional(),
  /** TRTC. */
  sdkAppId: z.number().int().positive().optional(),
  roomId: z.string().max(127).optional(),
});

export const rerunRequest = z.object({
  sessionId: z.string(),
  /** Without it every conversation of the session that has an uplink, each as far after the first as it was. */
  conversationId: z.string().optional(),
  /** Id of an agent, in place of what the recorded device has on this bench. */
  agent: z.string().optional(),
  /** Laid over that: `{turns: {vadSilenceMs: 400}}`. Of this run alone. */
  settings: agentLayer.optional(),
  language: z.enum(['zh', 'en']).optional(),
  pace: rerunPace.default('recorded'),
  /** Of this bench where none is named. */
  remote: rerunRemote.optional(),
  /** As the recorded device itself rather than as a device of its own: refused while that one is online. */
  isAsRecorded: z.boolean().default(false),
  title: z.string().max(200).optional(),
});

export const rerunProgress = z.object({
  id: z.string(),
  sourceSessionId: z.string(),
  state: z.enum(['connecting', 'speaking', 'waiting', 'ending', 'done', 'failed', 'cancelled']),
  /** Of the recorded speech, all conversations together. */
  doneUs: z.number().int(),
  totalUs: z.number().int(),
  /** The new session, once it has begun. */
  sessionId: z.string().nullable(),
  conversations: z.array(z.object({ recordedId: z.string(), conversationId: z.string().nullable() })),
  error: talkErrorSchema.nullable(),
});

/** What came of it that no event of the new session says. */
export const rerunFacts = z.object({
  recordedId: z.string(),
  conversationId: z.string(),
  /** Of the recording. */
  packets: z.number().int(),
  /** Of them (or of what they were coded to) that went out: fewer than all where the far end hung up, or silence was left out. */
  sentPackets: z.number().int(),
  /** Of those, as they were recorded. */
  exactPackets: z.number().int(),
  /** Frames of silence that were put in while nothing recorded was due. */
  filledFrames: z.number().int(),
  toolsAnswered: z.number().int(),
  /** Tools that the recording has no answer for. */
  toolsUnanswered: z.array(z.string()),
});

// Log replay: recorded bytes of a port, or a file's, once more through a port that the monitor opens like a board's.

/** Of a session's ports, or files: `name` says what to call the port. */
export const logReplaySource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), sessionId: z.string(), ports: z.array(z.string()).min(1).optional() }),
  z.object({
    kind: z.literal('files'),
    files: z
      .array(z.object({ name: z.string().max(255), data: bytes }))
      .min(1)
      .max(500),
  }),
]);

/** How many times as fast as it was; 0: as fast as the monitor takes it. */
export const logReplaySpeed = z.union([z.literal(0), z.number().min(0.5).max(20)]);

export const logReplayState = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['playing', 'paused', 'ended']),
  speed: logReplaySpeed,
  isLooping: z.boolean(),
  positionUs: z.number().int(),
  durationUs: z.number().int(),
  /** timestamps: of the recording, or found in the file · lines: none were found, so many lines a second. */
  timing: z.enum(['timestamps', 'lines']),
  ports: z.array(z.object({ address: z.string(), from: z.string(), sentBytes: z.number().int(), totalBytes: z.number().int() })),
});

export const rerunCalls = {
  /**
   * Replies when all has been said and answered. Cancellable. Throws TalkError 'session/not-found', 'not-found' (conversation, agent),
   * 'replay/no-uplink', 'replay/bad-uplink', 'replay/no-device', 'replay/bad-address', 'replay/device-online', 'settings/invalid', 'talk/refused', 'cancelled'.
   */
  'replay.rerun': {
    request: rerunRequest,
    reply: z.object({ sessionId: z.string(), conversationId: z.string(), conversations: z.array(rerunFacts) }),
    role: 'operator',
  },
} as const;

export const logReplayCalls = {
  /** Opens the ports in the monitor and plays. Throws TalkError 'session/not-found', 'replay/no-log'. */
  'replay.startLog': {
    request: z.object({
      source: logReplaySource,
      speed: logReplaySpeed.default(1),
      isLooping: z.boolean().default(false),
      /** Where to begin. */
      positionUs: z.number().int().min(0).default(0),
      /** Of files without timestamps. */
      linesPerSecond: z.number().min(0.1).max(10_000).default(20),
      isPaused: z.boolean().default(false),
    }),
    reply: logReplayState,
    role: 'operator',
  },
  /** What is left out stays as it is. */
  'replay.controlLog': {
    request: z.object({
      id: z.string(),
      isPaused: z.boolean().optional(),
      speed: logReplaySpeed.optional(),
      isLooping: z.boolean().optional(),
      positionUs: z.number().int().min(0).optional(),
    }),
    reply: logReplayState,
    role: 'operator',
  },
  /** Closes its ports. */
  'replay.stopLog': { request: z.object({ id: z.string() }), reply: z.object({}), role: 'operator' },
} as const;

/** Deltas: one run's new state. */
export const rerunStreams = {
  'replay.reruns': { request: z.object({}), snapshot: z.array(rerunProgress), delta: rerunProgress },
} as const;

/** Deltas: one replay's new state; one that was stopped is told by `removedId`. */
export const logReplayStreams = {
  'replay.logs': {
    request: z.object({}),
    snapshot: z.array(logReplayState),
    delta: z.object({ state: logReplayState.nullable(), removedId: z.string().optional() }),
  },
} as const;

export type RerunPace = z.infer<typeof rerunPace>;
export type RerunRemote = z.infer<typeof rerunRemote>;
export type RerunProgress = z.infer<typeof rerunProgress>;
export type RerunFacts = z.infer<typeof rerunFacts>;
export type LogReplaySource = z.infer<typeof logReplaySource>;
export type LogReplaySpeed = z.infer<typeof logReplaySpeed>;
export type LogReplayState = z.infer<typeof logReplayState>;
