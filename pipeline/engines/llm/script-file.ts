import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { scriptedFailure } from '../scripted/failures.ts';

const pace = {
  /** From the request to the response headers, and from there to the first token, ms. */
  headersMs: z.number().min(0).max(600_000).optional(),
  firstTokenMs: z.number().min(0).max(600_000).optional(),
  tokensPerSecond: z.number().positive().max(100_000).optional(),
};

const reply = z.strictObject({
  ...pace,
  /** A regular expression for what the user said, in any case; a string that is none is looked for as it is. */
  when: z.string().optional(),
  /** The n-th request that gets here, from 1; without it every one. */
  time: z.number().int().positive().optional(),
  think: z.string().optional(),
  say: z.string().optional(),
  call: z
    .union([
      z.strictObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()).default({}) }),
      z.array(z.strictObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()).default({}) })).min(1),
    ])
    .optional(),
  /** Said when the tools have answered; `${result.volume}` is a part of the (first) answer. */
  sayAfter: z.string().optional(),
  /** How it fails, after what `say` has. 'silent' says nothing any more, for ever. */
  fail: scriptedFailure.optional(),
});

export const scriptSchema = z.strictObject({ ...pace, replies: z.array(reply).max(1000), otherwise: z.string().default('') });

export type Script = z.infer<typeof scriptSchema>;
export type ScriptReply = z.infer<typeof reply>;

/** Reads a script. Throws TalkError 'scenario/bad-file' {line?, reason}. */
export function readScript(text: string): Script {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new TalkError('scenario/bad-file', { line: error.linePos?.[0].line, reason: error.message.split('\n')[0] });
  }
  const checked = scriptSchema.safeParse(document);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw new TalkError('scenario/bad-file', { reason: `${issue?.path.join('.') || 'script'}: ${issue?.message}` });
}
