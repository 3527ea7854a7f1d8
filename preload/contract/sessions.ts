import { z } from 'zod';
import { bytes } from './bytes.ts';
import { type PipelineEventKind, pipelineEvent, turnInitiator, turnOutcome } from './events.ts';
import { exportRedaction, redactionPreview } from './redaction.ts';

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
  /** Retention leaves it alone. */
  isKept: z.boolean().optional(),
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
  /** The user is there as listened to as well: `sessions.audio` with `isDenoised`. */
  hasDenoised: z.boolean().optional(),
});

/** A flash job, or another task on a board's flash, as the session keeps it. Words of other versions stay what they are. */
export const flashRecord = z.object({
  jobId: z.string(),
  atUs: us,
  elapsedMs: z.number(),
  /** 'write', 'read', 'erase', … */
  kind: z.string(),
  /** What did it, and by which loader's protocol. */
  tool: z.object({ name: z.string(), version: z.string(), family: z.string() }),
  address: z.string(),
  label: z.string().nullable(),
  device: z.object({ productId: z.string(), deviceName: z.string() }).nullable(),
  chip: z.string().nullable(),
  mac: z.string().nullable(),
  state: z.string(),
  /** What the board was left doing; null where it was not kept. */
  boardState: z.string().nullable(),
  files: z.array(
    z.object({
      offset: us,
      name: z.string(),
      sizeBytes: us,
      /** Of the file as given, hex; '' where it was not kept. */
      sha256: z.string(),
      md5: z.string().nullable(),
      verified: z.boolean().nullable(),
    }),
  ),
  /** What a read brought. */
  result: z.object({ name: z.string(), sizeBytes: us, sha256: z.string() }).nullable(),
  error: z.object({ code: z.string(), data: z.record(z.string(), z.unknown()) }).nullable(),
});

export const sessionDetail = z.object({
  session: sessionSummary,
  ports: z.array(z.object({ address: z.string(), rowCount: z.number().int(), rawBytes: z.number().int() })),
  conversations: z.array(conversationRecord),
  turns: z.array(turnRecord),
  flashes: z.array(flashRecord),
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

export const sessionExportFormat = z.enum(['talkbench', 'wav', 'ogg', 'srt', 'vtt', 'csv', 'jsonl', 'perfetto', 'otlp', 'html']);

/** The few kinds of event that tell what was said and what went wrong. Asked for alone, they are found at once in the longest session. */
export const transcriptEventKinds = [
  ...['conversation.opened', 'conversation.closed', 'conversation.idle', 'conversation.changed'],
  ...['turn.started', 'turn.committed', 'user.speech-started', 'user.speech-ended', 'stt.final'],
  ...['downlink.audible', 'downlink.sentence-started', 'downlink.underrun', 'downlink.play-ended'],
  ...['interruption.decided', 'interruption.silent', 'tool.call', 'tool.result'],
  ...['agent.note', 'engine.error', 'device.offline', 'dropped'],
] as readonly PipelineEventKind[];

/** Sessions go oldest first: while the library is larger, and once they are older. Null: no limit. */
export const retentionRule = z.object({
  maximumGb: z.number().min(0.1).max(100_000).nullable().default(null),
  maximumAgeDays: z.number().int().min(1).max(36_500).nullable().default(null),
});

export const sessionStorage = z.object({
  /** Of the library's file; `freeBytes` of it will be used again before it grows. */
  libraryBytes: z.number(),
  freeBytes: z.number(),
  /** Null where the system does not say. */
  diskFreeBytes: z.number().nullable(),
  sessions: z.number().int(),
  keptSessions: z.number().int(),
  /** Oldest first. */
  /** Sounds kept with runs of checks go before sessions do; their results stay. */
  wouldRemoveSounds: z.object({ runs: z.number().int(), sizeBytes: z.number() }).optional(),
  wouldRemove: z.array(
    z.object({ id: z.string(), title: z.string(), startedWallMs: z.number(), sizeBytes: z.number(), reason: z.enum(['age', 'size']) }),
  ),
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
  /** Events in order, `afterOrdinal` exclusive; a page ends at 5,000 or 8 MiB of them, `hasMore` says that others follow the last. */
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
    request: z.object({
      id: z.string(),
      conversationId: z.string(),
      fromUs: us.optional(),
      toUs: us.optional(),
      /** The user as listened to, its noise taken off, where that was recorded; silence where it was not. */
      isDenoised: z.boolean().optional(),
    }),
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
  /**
   * A session as a file. Without `format`, one self-describing `.talkbench` file (SQLite), whole. Any other format comes in pieces of a
   * few MB: call again with the `cursor` of the reply until it is null. Secrets never; IMEI/IMSI/ICCID redacted unless
   * `includeIdentities`; what else goes and what is left out, the user says (`exportRedaction`). docs/exports.md says what is in each. Throws TalkError 'session/not-found' | 'bad-request' (a choice that is
   * missing or of nothing), 'not-found' (the cursor's file is gone).
   */
  'sessions.export': {
    request: z.object({
      id: z.string(),
      ...exportRedaction.shape,
      redactions: exportRedaction.shape.redactions.optional(),
      leaveOut: exportRedaction.shape.leaveOut.optional(),
      format: sessionExportFormat.optional(),
      /** Only this conversation. 'wav', 'ogg', 'srt' and 'vtt' are of one: needed where the session has several. */
      conversationId: z.string().optional(),
      /** 'ogg' only; the uplink unless told. */
      track: z.enum(['uplink', 'uplink-denoised', 'downlink']).optional(),
      /** 'csv' and 'jsonl' only; the turns unless told. */
      content: z.enum(['turns', 'events', 'notes']).optional(),
      /** Of the words in 'html'; English unless told. */
      language: z.enum(['en', 'zh']).optional(),
      cursor: z.string().optional(),
    }),
    reply: z.object({
      fileName: z.string(),
      data: bytes,
      cursor: z.string().nullable().optional(),
      totalBytes: z.number().int().optional(),
      /** What was written, counted: {turns, spans, packets, gapUs …}, by format. */
      facts: z.record(z.string(), z.number()).optional(),
    }),
    role: 'viewer',
  },
  /** What an export with these choices would black out and leave out, found as the export finds it. */
  'sessions.preview': {
    request: z.object({ id: z.string(), ...exportRedaction.shape }),
    reply: redactionPreview,
    role: 'viewer',
  },
  /**
   * A `.talkbench` file, or one of Pipecat's `.whisk` (labelled as imported; docs/exports.md says what is known of it). Throws TalkError
   * 'session/bad-file', 'store/disk-full'.
   */
  'sessions.import': {
    request: z.object({ data: bytes, fileName: z.string().max(300).optional() }),
    reply: z.object({ id: z.string() }),
    role: 'operator',
  },
  /** Retention leaves a kept session alone. */
  'sessions.keep': { request: z.object({ id: z.string(), isKept: z.boolean() }), reply: sessionSummary, role: 'operator' },
  /**
   * How large the library is, what disk is left, and what retention would remove: by the settings, or by `retention` while somebody
   * thinks about other ones.
   */
  'sessions.storage': {
    request: z.object({ retention: retentionRule.optional() }),
    reply: sessionStorage,
    role: 'viewer',
  },
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
export type FlashRecord = z.infer<typeof flashRecord>;
export type TurnRecord = z.infer<typeof turnRecord>;
export type TurnBreakdown = z.infer<typeof turnBreakdown>;
export type BreakdownPart = z.infer<typeof breakdownPart>;
export type ConversationRecord = z.infer<typeof conversationRecord>;
export type TrackPeaks = z.infer<typeof trackPeaks>;
export type PercentileRow = z.infer<typeof percentileRow>;
export type SessionStorage = z.infer<typeof sessionStorage>;
export type RetentionRule = z.infer<typeof retentionRule>;
export type SessionExportFormat = z.infer<typeof sessionExportFormat>;
