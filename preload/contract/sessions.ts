import { z } from 'zod';
import { bytes } from './bytes.ts';
import { pipelineEvent, turnInitiator, turnOutcome } from './events.ts';

/** Stored times are microseconds from the session's start. */
const us = z.number().int();

export const sessionSummary = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['recording', 'closed', 'recovered']),
  startedWallMs: z.number().int(),
  durationUs: us,
  boards: z.array(z.string()),
  conversationCount: z.number().int(),
  turnCount: z.number().int(),
  logRowCount: z.number().int(),
  droppedCount: z.number().int(),
  appVersion: z.string(),
  note: z.string(),
});

/**
 * One part of a turn's latency. Parts are contiguous and add up to the total (± 1 ms). `owner` says whose time it is:
 * a setting's, an engine's, the transport's and device's, or the pipeline's own.
 */
export const breakdownPart = z.object({
  key: z.enum([
    'vad_silence',
    'asr_final_wait',
    'eou_wait',
    'llm_ttft',
    'text_agg',
    'tts_ttfb',
    'send_wait',
    'transport_device',
    'tts_lead_silence',
  ]),
  owner: z.enum(['setting', 'engine', 'pipeline', 'device']),
  fromUs: us,
  toUs: us,
  durationUs: us,
});

/**
 * The additive breakdown of reference/voice.md §2.2: `totalUs` is U1 → D1 at the device, null when a bound is missing
 * (never 0), with `missing` naming the bounds. `product` are the vendors' own metric names derived from the same
 * events, milliseconds, null when unknown.
 */
export const turnBreakdown = z.object({
  totalUs: us.nullable(),
  serverUs: us.nullable(), // U1 → S0
  audibleSource: z.enum(['device', 'echo', 'estimate', 'recording']).nullable(),
  parts: z.array(breakdownPart),
  missing: z.array(z.string()),
  /** How much earlier than the commit the language model had already answered, when it was started early. */
  preemptGainUs: us.nullable(),
  product: z.object({
    asr_latency: z.number().nullable(),
    llm_network_latency: z.number().nullable(),
    llm_first_token: z.number().nullable(),
    tts_network_latency: z.number().nullable(),
    tts_first_frame_latency: z.number().nullable(),
    tts_discontinuity: z.number().int().nullable(),
    interruption: z.number().nullable(),
  }),
  /** Speaker silent − onset of the interrupting speech, and its split. */
  interruption: z
    .object({ stopUs: us.nullable(), detectUs: us.nullable(), serverStopUs: us.nullable(), residualUs: us.nullable() })
    .nullable(),
});

export const turnRecord = z.object({
  conversationId: z.string(),
  turnId: z.number().int(),
  initiator: turnInitiator,
  outcome: turnOutcome.nullable(), // null while under way
  startedUs: us,
  endedUs: us.nullable(),
  userText: z.string(),
  replyText: z.string(),
  heardText: z.string(),
  toolCalls: z.array(
    z.object({
      callId: z.string(),
      name: z.string(),
      arguments: z.unknown(),
      isOk: z.boolean().nullable(),
      result: z.unknown(),
      atUs: us,
      elapsedUs: us.nullable(),
    }),
  ),
  breakdown: turnBreakdown,
});

export const conversationRecord = z.object({
  conversationId: z.string(),
  gateway: z.string(),
  productId: z.string(),
  deviceName: z.string(),
  language: z.string(),
  openedUs: us,
  closedUs: us.nullable(),
  closeReason: z.string().nullable(),
  uplinkPackets: z.number().int(),
  downlinkPackets: z.number().int(),
});

export const sessionDetail = z.object({
  session: sessionSummary,
  ports: z.array(z.object({ address: z.string(), rowCount: z.number().int(), rawBytes: z.number().int() })),
  conversations: z.array(conversationRecord),
  turns: z.array(turnRecord),
  flashes: z.array(
    z.object({
      atUs: us,
      address: z.string(),
      chip: z.string().nullable(),
      state: z.string(),
      files: z.array(z.object({ offset: us, name: z.string(), sizeBytes: us, md5: z.string().nullable() })),
      elapsedMs: z.number(),
    }),
  ),
});

/** Peaks of one track: for bucket i the minimum and maximum sample (−1..1 as int8), placed at `fromUs + i·bucketUs`. */
export const trackPeaks = z.object({ bucketUs: us, fromUs: us, minimum: bytes, maximum: bytes });

export const percentileRow = z.object({
  key: z.string(),
  n: z.number().int(),
  censored: z.number().int(),
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
  max: z.number().nullable(),
});

const sessionId = z.object({ id: z.string() });

export const sessionCalls = {
  /** Newest first. */
  'sessions.list': {
    request: z.object({ limit: z.number().int().min(1).max(1000).default(200), beforeWallMs: z.number().int().optional() }),
    reply: z.object({ sessions: z.array(sessionSummary) }),
    role: 'viewer',
  },
  'sessions.show': { request: sessionId, reply: sessionDetail, role: 'viewer' },
  /** Events in order, `afterOrdinal` exclusive; a page ends at 5,000. */
  'sessions.events': {
    request: z.object({
      id: z.string(),
      afterOrdinal: z.number().int().default(-1),
      limit: z.number().int().min(1).max(5000).default(5000),
      kinds: z.array(z.string()).optional(),
    }),
    reply: z.object({ events: z.array(z.object({ ordinal: z.number().int(), event: pipelineEvent })), hasMore: z.boolean() }),
    role: 'viewer',
  },
  /** Both tracks decoded, placed by capture time, 16 kHz: a stereo WAV (left the user, right the agent) of [fromUs, toUs). */
  'sessions.audio': {
    request: z.object({ id: z.string(), conversationId: z.string(), fromUs: us.optional(), toUs: us.optional() }),
    reply: z.object({ fromUs: us, wav: bytes }),
    role: 'viewer',
  },
  'sessions.peaks': {
    request: z.object({ id: z.string(), conversationId: z.string(), bucketUs: us.default(10_000) }),
    reply: z.object({ uplink: trackPeaks, downlink: trackPeaks }),
    role: 'viewer',
  },
  'sessions.latency': {
    request: z.object({ ids: z.array(z.string()).min(1) }),
    reply: z.object({ turns: z.array(turnRecord), percentiles: z.array(percentileRow), unanswered: z.number().int() }),
    role: 'viewer',
  },
  /** Starts a recording if none runs; replies with the running session's id either way. */
  'sessions.start': { request: z.object({ title: z.string().max(200).optional() }), reply: z.object({ id: z.string() }), role: 'operator' },
  'sessions.stop': { request: z.object({}), reply: z.object({ id: z.string().nullable() }), role: 'operator' },
  'sessions.update': {
    request: z.object({ id: z.string(), title: z.string().max(200).optional(), note: z.string().max(20_000).optional() }),
    reply: sessionSummary,
    role: 'operator',
  },
  'sessions.remove': { request: sessionId, reply: z.object({}), role: 'operator' },
  /** One self-describing `.talkbench` file (SQLite). Secrets never; IMEI/IMSI/ICCID redacted unless `includeIdentities`. */
  'sessions.export': {
    request: z.object({ id: z.string(), includeIdentities: z.boolean().default(false) }),
    reply: z.object({ fileName: z.string(), data: bytes }),
    role: 'viewer',
  },
  'sessions.import': { request: z.object({ data: bytes }), reply: z.object({ id: z.string() }), role: 'operator' },
} as const;

/** Snapshot: the newest sessions; a delta is one session's new summary (removed ones carry `removed`). */
export const sessionStreams = {
  'sessions.list': {
    request: z.object({}),
    snapshot: z.array(sessionSummary),
    delta: z.object({ summary: sessionSummary.nullable(), removedId: z.string().optional() }),
  },
} as const;

export type SessionSummary = z.infer<typeof sessionSummary>;
export type SessionDetail = z.infer<typeof sessionDetail>;
export type TurnRecord = z.infer<typeof turnRecord>;
export type TurnBreakdown = z.infer<typeof turnBreakdown>;
export type BreakdownPart = z.infer<typeof breakdownPart>;
export type ConversationRecord = z.infer<typeof conversationRecord>;
export type TrackPeaks = z.infer<typeof trackPeaks>;
export type PercentileRow = z.infer<typeof percentileRow>;
