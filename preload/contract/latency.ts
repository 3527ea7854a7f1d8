import { z } from 'zod';
import { bytes } from './bytes.ts';
import { turnInitiator, turnOutcome } from './events.ts';
import { breakdownPart, turnBreakdown, turnRecord } from './sessions.ts';

/**
 * Latency of many sessions: rows, statistics, comparison, budgets, and the check against the recorded sound. Milliseconds
 * throughout. Definitions: reference/voice.md §2; for people: docs/latency.md.
 */

/** What turns can be told apart by. 'turn': first or later of its conversation; 'tool': whether the board's tools were called. */
export const latencyFacets = [
  'session',
  'turn',
  'tool',
  'engine.vad',
  'engine.stt',
  'engine.llm',
  'engine.tts',
  'firmware',
  'language',
  'gateway',
  'agent',
  'board',
] as const;
export const latencyFacet = z.enum(latencyFacets);

/** Only turns that have, of every facet named, one of these values. */
export const turnFilter = z.partialRecord(latencyFacet, z.array(z.string()).min(1).max(1000));

/** The cloud products' own names; `interruption` is onset → decided. */
export const productMetrics = turnBreakdown.shape.product.keyof().options;

/**
 * What is measured of a turn. The parts add up with `unexplained` to `v2v_device`; `tool_wait` lies within `llm_ttft`. All are
 * milliseconds but `tts_discontinuity`, a count.
 */
export const latencyMetrics = [
  'v2v_device', // U1 → D1; 'v2v' for short
  'v2v_server', // U1 → S0
  ...breakdownPart.shape.key.options,
  'unexplained', // of v2v_device, what no part could be made of: a bound is missing
  'tool_wait', // of llm_ttft, while the board's tools ran
  ...productMetrics,
  'interruption_stop', // onset → speaker silent
] as const;
export const latencyMetric = z.enum(latencyMetrics);

const ms = z.number();
const count = z.number().int();

/** Why there is no number: no turn has the metric, too few turns have, or the rank falls among turns that were never answered. */
export const noValueReason = z.enum(['no-values', 'too-few', 'censored']);
export const statisticValue = z.object({ ms: ms.nullable(), reason: noValueReason.nullable() });

/**
 * One metric over a group of turns. Percentiles are nearest rank over `n` + `censored`: a turn that was never answered is
 * slower than any that was. Under 100 values there is no p99. `isFew`: under 20 values, to be read with care.
 */
export const latencyStatistic = z.object({
  metric: latencyMetric,
  n: count,
  censored: count,
  isFew: z.boolean(),
  mean: ms.nullable(),
  p50: statisticValue,
  p90: statisticValue,
  p95: statisticValue,
  p99: statisticValue,
  max: ms.nullable(),
});

export const latencyRow = z.object({
  sessionId: z.string(),
  conversationId: z.string(),
  turnId: count,
  /** From the session's start. */
  startedUs: count,
  initiator: turnInitiator,
  outcome: turnOutcome.nullable(),
  /** Never answered, or failed: without a value where it should have one. */
  isCensored: z.boolean(),
  /** The beginning of a long one. */
  userText: z.string(),
  /** 'unknown' where the recording does not tell. */
  facets: z.record(latencyFacet, z.string()),
  /** Where it was asked for. */
  breakdown: turnBreakdown.optional(),
  /** Only what is known. */
  values: z.partialRecord(latencyMetric, ms),
});

export const latencyGroup = z.object({
  /** Of the facet asked for; 'all' without one. */
  name: z.string(),
  turns: count,
  /** Of them those the user spoke: what the statistics are of. `n` + `censored` under this: turns that were answered and not measured. */
  spoken: count,
  /** Of them those that were never answered, or failed. */
  unanswered: count,
  statistics: z.array(latencyStatistic),
});

/** What the table is sorted by: the order they were spoken in, or a metric. Censored turns are the slowest; those without a value come last. */
export const turnOrder = z.object({ by: z.enum(['order', ...latencyMetrics]), isDescending: z.boolean() });

/** Percentiles of one stretch: a session, or so many turns of the only one. `atUs`: of its first turn, from its session's start. */
export const trendPoint = z.object({
  sessionId: z.string(),
  atUs: count,
  n: count,
  censored: count,
  isFew: z.boolean(),
  p50: statisticValue,
  p90: statisticValue,
  p95: statisticValue,
});

/** One line of a budget or an assertion and what was found. Not met also where there is no number: `reason` says why. */
export const latencyCheck = z.object({
  text: z.string(),
  metric: latencyMetric,
  /** 'p95', 'mean', 'n' … */
  statistic: z.string(),
  limit: z.number(),
  group: z.string(),
  found: z.number().nullable(),
  reason: noValueReason.nullable(),
  n: count,
  censored: count,
  isMet: z.boolean(),
});

/** Recorded configuration that differs: every value that was in force in each group. Absent values are an empty list. */
export const configurationDifference = z.object({ key: z.string(), a: z.array(z.string()), b: z.array(z.string()) });

export const differenceVerdict = z.enum(['b-faster', 'b-slower', 'undecided', 'too-few']);

/** b − a of one percentile, with the bootstrap's 95 % interval; null: without bound, or not known. */
export const latencyDifference = z.object({
  metric: latencyMetric,
  statistic: z.enum(['p50', 'p95']),
  a: statisticValue,
  b: statisticValue,
  difference: ms.nullable(),
  low: ms.nullable(),
  high: ms.nullable(),
  verdict: differenceVerdict,
});

/** One exchange as the sound alone tells it. Times from the recording's start. */
export const soundTurn = z.object({
  userFromMs: ms,
  userToMs: ms,
  agentFromMs: ms.nullable(),
  agentToMs: ms.nullable(),
  /** Reply start − user's end; negative: the agent spoke before the user had ended; null: unanswered. */
  gapMs: ms.nullable(),
});

/** The user began to speak while the agent did. */
export const soundOverlap = z.object({
  atMs: ms,
  overlapMs: ms,
  /** The agent fell silent while the user still spoke or at once after it: a barge-in, and how long it took. */
  stopMs: ms.nullable(),
});

export const soundStatistic = latencyStatistic.omit({ metric: true }).extend({ metric: z.enum(['gap', 'stop']) });

/** A recording of two tracks, of any product. */
export const recordingAnalysis = z.object({
  durationMs: ms,
  sampleRate: count,
  /** Level in dBFS from which each track counts as sounding. */
  thresholdDb: z.object({ user: z.number(), agent: z.number() }),
  turns: z.array(soundTurn),
  overlaps: z.array(soundOverlap),
  unanswered: count,
  statistics: z.array(soundStatistic),
});

/** One turn's events beside the recorded sound: speech end to the reply's first sound as it left the server. */
export const soundCheckTurn = z.object({
  turnId: count,
  eventsMs: ms.nullable(),
  soundMs: ms.nullable(),
  /** sound − events: of the whole, of the speech's end, of the reply's start. */
  differenceMs: ms.nullable(),
  speechEndDifferenceMs: ms.nullable(),
  replyStartDifferenceMs: ms.nullable(),
  /** agrees: within the tolerance · differs · no-reply-heard, no-speech-heard: the events tell of one and the tracks hold none · no-instants: nothing to compare, or after a conversation's first hour, which is not looked at */
  verdict: z.enum(['agrees', 'differs', 'no-reply-heard', 'no-speech-heard', 'no-instants']),
});

const ids = z.array(z.string()).min(1).max(10_000);

export const latencyCalls = {
  /**
   * Figures of these sessions' turns. `assertions` ('v2v.p95<1200, unanswered==0') and `budget` (the text of a JSON or YAML file) are
   * checked for every group. Throws 'latency/bad-assertion', 'latency/bad-budget', 'session/not-found'.
   */
  'latency.show': {
    request: z.object({
      ids,
      where: turnFilter.optional(),
      by: latencyFacet.optional(),
      assertions: z.string().optional(),
      budget: z.string().optional(),
    }),
    reply: z.object({ groups: z.array(latencyGroup), checks: z.array(latencyCheck) }),
    role: 'viewer',
  },
  /** The turns one by one, a page of them. Throws 'session/not-found'. */
  'latency.turns': {
    request: z.object({
      ids,
      where: turnFilter.optional(),
      order: turnOrder.default({ by: 'order', isDescending: false }),
      from: count.min(0).default(0),
      count: count.min(1).max(1000).default(200),
      withBreakdown: z.boolean().default(false),
    }),
    reply: z.object({ total: count, rows: z.array(latencyRow) }),
    role: 'viewer',
  },
  /** One turn, whole. Throws 'session/not-found' also where only the turn is not there. */
  'latency.turn': {
    request: z.object({ sessionId: z.string(), conversationId: z.string(), turnId: count }),
    reply: turnRecord,
    role: 'viewer',
  },
  /** What the turns of these sessions can be told apart by: each facet's values, the most frequent first (at most 200). */
  'latency.facets': {
    request: z.object({ ids }),
    reply: z.object({ turns: count, facets: z.record(latencyFacet, z.array(z.object({ value: z.string(), turns: count }))) }),
    role: 'viewer',
  },
  /** What changed from the sessions `a` to the sessions `b`. The same request gives the same intervals. Assertions are checked on b. */
  'latency.compare': {
    request: z.object({
      a: ids,
      b: ids,
      whereA: turnFilter.optional(),
      whereB: turnFilter.optional(),
      assertions: z.string().optional(),
      budget: z.string().optional(),
    }),
    reply: z.object({
      a: latencyGroup,
      b: latencyGroup,
      /** Turns that are in both: no comparison of two things. */
      shared: count,
      configuration: z.array(configurationDifference),
      differences: z.array(latencyDifference),
      checks: z.array(latencyCheck),
    }),
    role: 'viewer',
  },
  /**
   * Of one metric: the share of turns answered within `ms` (steps; censored turns keep it under 1), and equal buckets, the same for
   * every group, up to `toMs` (the greatest value unless told; what is `beyond` is counted).
   */
  'latency.distribution': {
    request: z.object({
      ids,
      where: turnFilter.optional(),
      metric: latencyMetric,
      by: latencyFacet.optional(),
      buckets: count.min(1).max(1000).default(40),
      toMs: ms.optional(),
    }),
    reply: z.object({
      groups: z.array(
        z.object({
          name: z.string(),
          n: count,
          censored: count,
          cdf: z.array(z.object({ ms, share: z.number() })),
          histogram: z.object({ fromMs: ms, bucketMs: ms, counts: z.array(count), beyond: count }),
        }),
      ),
    }),
    role: 'viewer',
  },
  /** Of one metric: percentiles from session to session in the order they began, or along the only one. Sessions' clocks are not one. */
  'latency.trend': {
    request: z.object({ ids, where: turnFilter.optional(), metric: latencyMetric, by: latencyFacet.optional() }),
    reply: z.object({ isPerSession: z.boolean(), groups: z.array(z.object({ name: z.string(), points: z.array(trendPoint) })) }),
    role: 'viewer',
  },
  /** The events of a session beside its own recorded sound. */
  'latency.check': {
    request: z.object({ id: z.string(), toleranceMs: z.number().positive().default(100) }),
    reply: z.object({
      conversations: z.array(z.object({ conversationId: z.string(), turns: z.array(soundCheckTurn) })),
      compared: count,
      /** Median of the differences' magnitudes; null when nothing could be compared. */
      medianDifferenceMs: ms.nullable(),
    }),
    role: 'viewer',
  },
  /** A stereo WAV of any product, one speaker a channel. Throws 'audio/bad-wav', 'latency/not-stereo'. */
  'latency.recording': {
    request: z.object({ wav: bytes, user: z.enum(['left', 'right']).default('left') }),
    reply: recordingAnalysis,
    role: 'viewer',
  },
} as const;

export type LatencyFacet = z.infer<typeof latencyFacet>;
export type LatencyMetric = z.infer<typeof latencyMetric>;
export type TurnFilter = z.infer<typeof turnFilter>;
export type TurnOrder = z.infer<typeof turnOrder>;
export type TrendPoint = z.infer<typeof trendPoint>;
export type StatisticValue = z.infer<typeof statisticValue>;
export type LatencyStatistic = z.infer<typeof latencyStatistic>;
export type LatencyRow = z.infer<typeof latencyRow>;
export type LatencyGroup = z.infer<typeof latencyGroup>;
export type LatencyCheck = z.infer<typeof latencyCheck>;
export type ConfigurationDifference = z.infer<typeof configurationDifference>;
export type LatencyDifference = z.infer<typeof latencyDifference>;
export type SoundTurn = z.infer<typeof soundTurn>;
export type SoundOverlap = z.infer<typeof soundOverlap>;
export type RecordingAnalysis = z.infer<typeof recordingAnalysis>;
export type SoundCheckTurn = z.infer<typeof soundCheckTurn>;
