import { z } from 'zod';
import { compareTexts } from '../golden/text-errors.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const regularExpression = z.string().max(2000).refine(isRegularExpression, 'no regular expression');

/**
 * A condition on a fact: a plain value is equal to it, or several conditions of which all hold. One vocabulary for scenarios, suites and
 * whatever else expects something: docs/suites.md.
 */
export const matcher = z.union([
  scalar,
  z
    .strictObject({
      contains: z.string(),
      lacks: z.string(),
      matches: regularExpression,
      oneOf: z.array(scalar),
      under: z.number(),
      over: z.number(),
      atMost: z.number(),
      atLeast: z.number(),
      /** The same when spoken: punctuation, case, width and how numbers are written are left out of account. */
      equals: z.string(),
      /** With `equals`: so many errors for each unit of the wanted text (WER of words, CER of characters) are let pass. */
      errorRate: z.number().min(0).max(10),
    })
    .partial()
    .refine(({ errorRate, equals }) => errorRate === undefined || equals !== undefined, 'errorRate goes with equals'),
]);
export type Matcher = z.infer<typeof matcher>;

/** By a fact's path, like `error.code`, to a condition. */
export const where = z.record(z.string(), matcher).default({});

export function matches(value: unknown, wanted: Matcher): boolean {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  const { contains, lacks, matches: pattern, oneOf, under, over, atMost, atLeast, equals, errorRate = 0 } = wanted;
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return (
    (contains === undefined || text.toLowerCase().includes(contains.toLowerCase())) &&
    (lacks === undefined || !text.toLowerCase().includes(lacks.toLowerCase())) &&
    (pattern === undefined || new RegExp(pattern, 'iu').test(text)) &&
    (oneOf === undefined || oneOf.some((one) => one === value)) &&
    (under === undefined || (typeof value === 'number' && value < under)) &&
    (over === undefined || (typeof value === 'number' && value > over)) &&
    (atMost === undefined || (typeof value === 'number' && value <= atMost)) &&
    (atLeast === undefined || (typeof value === 'number' && value >= atLeast)) &&
    (equals === undefined || (errorRateOf(equals, text) ?? Number.POSITIVE_INFINITY) <= errorRate)
  );
}

/** What a reader needs to see beside the value: how far the text is from the one wanted. */
export function distanceText(value: unknown, wanted: Matcher | undefined): string {
  if (typeof wanted !== 'object' || wanted?.equals === undefined || typeof value !== 'string') return '';
  const rate = errorRateOf(wanted.equals, value);
  return ` (errorRate ${rate === null ? '∞' : rate.toFixed(3)})`;
}

function errorRateOf(wanted: string, text: string): number | null {
  return compareTexts(wanted, text).errors.mixed.rate;
}

/** Whether each fact named by a path fits. */
export function factsMatch(facts: object, wanted: Readonly<Record<string, Matcher>>): boolean {
  return Object.entries(wanted).every(([path, condition]) => matches(valueAt(facts, path), condition));
}

export function valueAt(facts: object, path: string): unknown {
  let value: unknown = facts;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function isRegularExpression(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
