import { z } from 'zod';
import { checkGroup, checkLimit } from '../../../../preload/contract/checks.ts';

/** A text for people: the same in both languages, or one of each. */
const words = (most: number) => {
  const text = z.string().min(1).max(most);
  return z.union([z.strictObject({ zh: text, en: text }), text.transform((same) => ({ zh: same, en: same }))]);
};
export type Words = z.output<ReturnType<typeof words>>;

const id = z.string().regex(/^[\w.-]{1,60}$/, 'want letters, digits, "_", "." or "-", 60 at most');
const checkName = z.string().min(1).max(60);

const common = {
  title: words(120).optional(),
  /** Skipped, or left to a person who is not there: does not keep the board from passing. */
  optional: z.boolean().default(false),
  /** Skipped unless the item of this id has passed. */
  after: id.optional(),
};

const checkItem = z.strictObject({
  check: checkName,
  /** Its check's name, unless it is said. */
  id: id.optional(),
  ...common,
  parameters: z.record(z.string(), z.unknown()).default({}),
  /** By value. Stands in the place of the check's own limit; null asks nothing. */
  limits: z.record(z.string(), checkLimit.nullable()).default({}),
  /** A check that has not ended by then is ended: a fault of the bench, not of the board. */
  timeoutS: z.number().min(1).max(86_400).default(7200),
});

/** Something that only the list knows of, and only a person can tell. */
const questionItem = z.strictObject({
  question: words(500),
  id,
  ...common,
  /** judge: yes or no · do: "done" when it is so. */
  kind: z.enum(['judge', 'do']).default('judge'),
  /** Where it is shown; that of the item before it unless it is said. */
  group: checkGroup.optional(),
});

const item = z.union([checkItem, questionItem, checkName.transform((check) => checkItem.parse({ check }))]);

/** What a list may say: docs/checks.md. */
export const checkListFile = z.strictObject({
  name: words(120),
  /** Of the list, shown with each run: '3', '2026.04'. */
  version: z.union([z.string().min(1).max(40), z.number().transform(String)]),
  /** The boards it is for: 'esp32s3', 'cat1', or a name of one's own. Empty: any. */
  boardKinds: z.array(z.string().min(1).max(60)).max(100).default([]),
  /** What the boards' serial numbers look like: a run whose own does not is not begun. `matches`: a regular expression for the whole of it. */
  serialNumber: z.strictObject({ matches: z.string().min(1).max(500), example: z.string().min(1).max(200) }).optional(),
  /** What follows a check that failed is skipped. */
  stopAtFirstFailure: z.boolean().default(false),
  checks: z.array(item).min(1).max(500),
});
export type CheckListFile = z.output<typeof checkListFile>;
