import { z } from 'zod';

/**
 * What a user wants blacked out of an export: a word, found wherever it stands and in any case, or a `/regular expression/` with its
 * flags, which is looked for line by line.
 */
export const redactionRule = z
  .string()
  .min(2)
  .max(500)
  .refine((rule) => ruleProblem(rule) === null, 'no regular expression');

/** Null when the rule can be looked for, else what is wrong with it. */
export function ruleProblem(rule: string): string | null {
  const given = expressionOf(rule);
  if (given === null) return null;
  try {
    new RegExp(given.source, given.flags);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Source and flags of a rule that is an expression; null of a word. */
export function expressionOf(rule: string): { source: string; flags: string } | null {
  const [, source, flags = ''] = /^\/(.+)\/([a-z]*)$/s.exec(rule) ?? [];
  if (source === undefined) return null;
  // All of them are looked for, and from anywhere.
  return { source, flags: `g${flags.replace(/[gyd]/g, '')}` };
}

const leftOut = z.enum(['sound', 'transcripts']);

/** What an export does to what it tells; the same for all formats, and for the preview. */
export const exportRedaction = z.object({
  /** IMEI, IMSI and ICCID stay. Secrets never do. */
  includeIdentities: z.boolean().default(false),
  redactions: z.array(redactionRule).max(100).default([]),
  /** Sound: no packet of any track. Transcripts: nothing that was said, by whom ever, nor the messages and tool values that carry it. */
  leaveOut: z.array(leftOut).default([]),
});

/** Where something was found. */
const redactionPlace = z.enum(['title', 'notes', 'log', 'bytes', 'wire', 'events', 'conversations', 'ports', 'flash']);

const redactionExample = z.object({
  place: redactionPlace,
  /** Of a log row its seq, of a message or event its ordinal; null elsewhere. */
  at: z.number().int().nullable(),
  /** The port, message or event it is in. */
  name: z.string(),
  /** What will stand there, with some of what is around it. */
  text: z.string(),
});

const redactionFinding = z.object({
  kind: z.enum(['secret', 'identity', 'rule', 'transcript']),
  /** The user's own, as it was given; null of the other kinds. */
  rule: z.string().nullable(),
  count: z.number().int(),
  places: z.array(z.object({ place: redactionPlace, count: z.number().int() })),
  examples: z.array(redactionExample),
});

/** What an export with these choices would black out and leave out. A rule that finds nothing is there with a count of 0. */
export const redactionPreview = z.object({
  findings: z.array(redactionFinding),
  leftOut: z.object({ packets: z.number().int(), soundBytes: z.number().int(), texts: z.number().int(), messages: z.number().int() }),
});

export type ExportRedaction = z.infer<typeof exportRedaction>;
export type RedactionPlace = z.infer<typeof redactionPlace>;
export type RedactionFinding = z.infer<typeof redactionFinding>;
export type RedactionPreview = z.infer<typeof redactionPreview>;
