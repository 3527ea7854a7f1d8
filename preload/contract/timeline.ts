import { z } from 'zod';
import { bytes } from './bytes.ts';

/**
 * A session as lanes of marks, spans and levels: what a timeline draws, without the texts. Columns are bytes of little-endian numbers,
 * so that a million events are some ten megabytes; texts are asked for where they are seen. Times are microseconds from the session's
 * start. For people: docs/timeline.md.
 */
const us = z.number().int();

/** `transcript` … are of one conversation; `mqtt` … `device` of everything on the bench; `log` is a lane a port. */
export const timelineLanes = [
  'conversation',
  'turn',
  'state',
  'speech',
  'transcript',
  'llm',
  'tokens',
  'tool',
  'tts',
  'heard',
  'queue',
  'mqtt',
  'websocket',
  'udp',
  'tcp',
  'http',
  'device',
  'error',
  'log',
] as const;
export const timelineLane = z.enum(timelineLanes);

/** Whose or of what kind a thing is; its colour. `unheard`: generated, and never played. */
export const timelineTones = [
  'user',
  'agent',
  'engine',
  'setting',
  'pipeline',
  'device',
  'quiet',
  'warn',
  'error',
  'up',
  'down',
  'unheard',
] as const;
export const timelineTone = z.enum(timelineTones);

/**
 * Things of one lane and tone, in order of `fromUs`. `marks` are instants, `spans` have `toUs`, `levels` have a value that holds until
 * the next one. `ids`: ordinals of events; on `log`, seqs of rows.
 */
export const timelineSeries = z.object({
  lane: timelineLane,
  tone: timelineTone,
  form: z.enum(['marks', 'spans', 'levels']),
  /** Of the lane `log`: its address. */
  port: z.string().optional(),
  fromUs: bytes, // float64
  toUs: bytes.optional(), // float64
  values: bytes.optional(), // float32
  ids: bytes, // uint32
});

/** A span that has not ended yet: it reaches to the end of the session, so far. */
export const openSpan = z.object({ lane: timelineLane, tone: timelineTone, fromUs: us, id: us });

export const causeStages = ['speech-end', 'transcript', 'first-token', 'first-audio', 'first-frame', 'audible'] as const;

export const peakTrack = z.enum(['uplink', 'uplink-denoised', 'downlink']);

const sessionId = z.string();

export const timelineCalls = {
  /**
   * The next stretch of a session's lanes, those of one conversation and of none; call again with `cursor` until `hasMore` is false,
   * and later for what has come since. What had been open is in no series until it has ended. Throws TalkError 'session/not-found',
   * 'bad-request' (a cursor of another making).
   */
  'timeline.events': {
    request: z.object({ id: sessionId, conversationId: z.string().nullable(), cursor: z.string().nullable() }),
    reply: z.object({
      series: z.array(timelineSeries),
      open: z.array(openSpan),
      cursor: z.string(),
      hasMore: z.boolean(),
      /** Events so far, and of all there are. */
      doneEvents: z.number().int(),
      totalEvents: z.number().int(),
    }),
    role: 'viewer',
  },
  /** The same of log rows that tell an event, a warning or an error. */
  'timeline.rows': {
    request: z.object({ id: sessionId, cursor: z.string().nullable() }),
    reply: z.object({ series: z.array(timelineSeries), cursor: z.string(), hasMore: z.boolean() }),
    role: 'viewer',
  },
  /** What stands on events and log rows, a line each, in the order asked for; empty for what is not there. */
  'timeline.labels': {
    request: z.object({
      id: sessionId,
      events: z.array(z.number().int().min(0)).max(500),
      rows: z.array(z.number().int().min(0)).max(500),
    }),
    reply: z.object({ events: z.array(z.string()), rows: z.array(z.string()) }),
    role: 'viewer',
  },
  /**
   * Events that have `text` anywhere in them (any case of ASCII letters) and whose kind begins with `kind`, in order; at most 20,000
   * and whether there are more.
   */
  'timeline.find': {
    request: z.object({
      id: sessionId,
      conversationId: z.string().nullable(),
      text: z.string().max(200),
      kind: z.string().max(60).default(''),
    }),
    reply: z.object({ ids: bytes, fromUs: bytes, hasMore: z.boolean() }), // uint32, float64
    role: 'viewer',
  },
  /** From the end of what the user said to the reply's sound: what of it is known, in order of the chain. */
  'timeline.causes': {
    request: z.object({ id: sessionId, conversationId: z.string(), turnId: z.number().int() }),
    reply: z.object({ links: z.array(z.object({ stage: z.enum(causeStages), atUs: us, ordinal: us })) }),
    role: 'viewer',
  },
  /** The tracks a conversation has, and between which instants their packets came. */
  'timeline.tracks': {
    request: z.object({ id: sessionId, conversationId: z.string() }),
    reply: z.object({
      chunkUs: us,
      tracks: z.array(z.object({ track: peakTrack, fromUs: us, toUs: us, packets: z.number().int() })),
    }),
    role: 'viewer',
  },
  /**
   * Least and greatest sample of each bucket of [chunk, chunk + 1) × `chunkUs`, int8, by media time. `isFinal`: no packet can still
   * come to it. Computed once, then kept.
   */
  'timeline.peaks': {
    request: z.object({ id: sessionId, conversationId: z.string(), track: peakTrack, chunk: z.number().int().min(0) }),
    reply: z.object({ fromUs: us, bucketUs: us, minimum: bytes, maximum: bytes, isFinal: z.boolean() }),
    role: 'viewer',
  },
} as const;

export type TimelineLane = z.infer<typeof timelineLane>;
export type TimelineTone = z.infer<typeof timelineTone>;
export type TimelineSeries = z.infer<typeof timelineSeries>;
export type OpenSpan = z.infer<typeof openSpan>;
export type CauseStage = (typeof causeStages)[number];
export type PeakTrack = z.infer<typeof peakTrack>;
