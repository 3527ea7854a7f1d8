import { z } from 'zod';

/** What people write on a session: at an instant or over a stretch of it. The note on the whole session is `sessions.update`'s. */

const us = z.number().int();

/** The same five as a log row's bookmark. */
export const noteColour = z.enum(['yellow', 'red', 'green', 'blue', 'violet']);

export const sessionNote = z.object({
  id: z.number().int(),
  /** Microseconds from the session's start. */
  atUs: us,
  /** Exclusive end of the stretch, later than `atUs`; null: an instant. */
  toUs: us.nullable(),
  text: z.string(),
  colour: noteColour,
});

/** Where a text was found: in what was said, or in a note. */
export const textHit = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('turn'),
    sessionId: z.string(),
    conversationId: z.string(),
    turnId: z.number().int(),
    startedUs: us,
    userText: z.string(),
    replyText: z.string(),
  }),
  /** `atUs` null: the note on the whole session. */
  z.object({ kind: z.literal('note'), sessionId: z.string(), id: z.number().int(), atUs: us.nullable(), text: z.string() }),
]);

const text = z.string().trim().min(1).max(20_000);
const noteOf = z.object({ sessionId: z.string(), id: z.number().int() });

export const noteCalls = {
  /** Those of one session in order of time. Throws 'session/not-found', as all of these do. */
  'notes.list': { request: z.object({ sessionId: z.string() }), reply: z.object({ notes: z.array(sessionNote) }), role: 'viewer' },
  'notes.add': {
    request: z
      .object({ sessionId: z.string(), atUs: us.min(0), toUs: us.nullable().default(null), text, colour: noteColour.default('yellow') })
      .refine(({ atUs, toUs }) => toUs === null || toUs > atUs),
    reply: z.object({ id: z.number().int() }),
    role: 'operator',
  },
  /** What is not given stays. Throws 'not-found' {what: 'note'}. */
  'notes.change': {
    request: noteOf.extend({
      atUs: us.min(0).optional(),
      toUs: us.nullable().optional(),
      text: text.optional(),
      colour: noteColour.optional(),
    }),
    reply: z.object({}),
    role: 'operator',
  },
  /** Throws 'not-found' {what: 'note'}. */
  'notes.remove': { request: noteOf, reply: z.object({}), role: 'operator' },
  /** In the transcripts and notes of all sessions, the newest first. */
  'notes.find': {
    request: z.object({ text: z.string().trim().min(1).max(500), limit: z.number().int().min(1).max(500).default(50) }),
    reply: z.object({ hits: z.array(textHit) }),
    role: 'viewer',
  },
} as const;

/** Snapshot and delta: all notes of the session, in order of time. */
export const noteStreams = {
  'notes.state': { request: z.object({ sessionId: z.string() }), snapshot: z.array(sessionNote), delta: z.array(sessionNote) },
} as const;

export type SessionNote = z.infer<typeof sessionNote>;
export type NoteColour = z.infer<typeof noteColour>;
export type TextHit = z.infer<typeof textHit>;
