import { z } from 'zod';
import { rerunPace } from '../../../../preload/contract/replay.ts';
import { scenarioEngines } from '../../../../preload/contract/scenarios.ts';
import { metricNamed } from '../../analysis/assertions.ts';
import { budget, sessionExpectation } from '../expectations/schema.ts';

/** A session of the library by its id, or a `.talkbench` file beside the suite. */
const reference = z.string().min(1).max(400);
const rate = z.number().min(0).max(10);
const metricName = z.string().refine((name) => metricNamed(name) !== undefined, 'no such metric');

/** What of the golden session has to be as it was. What is left out is not asked, but for `turns`, `tools` and `outcomes`. */
export const goldenWanted = z.strictObject({
  session: reference,
  /** The most errors of the transcript for each unit of the golden one (docs/suites.md). */
  errorRate: rate.default(0),
  /** The least likeness of the replies, 0 … 1. */
  replySimilarity: z.number().min(0).max(1).optional(),
  turns: z.enum(['same', 'any']).default('same'),
  tools: z.enum(['same', 'any']).default('same'),
  outcomes: z.enum(['same', 'any']).default('same'),
  /** How much slower the median may be, ms, by metric: {v2v: 200}. */
  slowerMs: z.record(metricName, z.number()).default({}),
});
export type GoldenWanted = z.output<typeof goldenWanted>;

const settings = z.record(z.string(), z.record(z.string(), z.unknown()));

/** A session of an evening has some hundred turns, and a draft expects something of each. */
export const MOST_EXPECTATIONS = 2000;

const common = {
  name: z.string().min(1).max(120).optional(),
  /** Not run, and said so. */
  skip: z.boolean().optional(),
  expect: z.array(sessionExpectation).max(MOST_EXPECTATIONS).default([]),
  golden: z.union([reference.transform((session) => goldenWanted.parse({ session })), goldenWanted]).optional(),
  budget: budget.optional(),
};

export const suiteCase = z.union([
  z.strictObject({
    ...common,
    session: reference,
    /** check: as it was recorded · resimulate: with other settings, reckoned · rerun: the recorded speech spoken again. */
    how: z.enum(['check', 'resimulate', 'rerun']).default('check'),
    settings: settings.default({}),
    /** rerun: the agent's id. */
    agent: z.string().optional(),
    /** rerun: at the recorded instants, or each turn when the one before it was answered. */
    pace: rerunPace.default('recorded'),
    language: z.enum(['zh', 'en']).optional(),
    /** Only the n-th conversation. */
    conversation: z.number().int().positive().optional(),
  }),
  z.strictObject({ ...common, scenario: reference, engines: scenarioEngines.default('own') }),
]);
export type SuiteCase = z.output<typeof suiteCase>;

export const SUITE_VERSION = 1;

export const suite = z.strictObject({
  version: z.literal(SUITE_VERSION),
  name: z.string().min(1).max(120),
  /** Of every case, beside its own. */
  expect: z.array(sessionExpectation).max(MOST_EXPECTATIONS).default([]),
  /** Over the turns of all cases together. */
  budget: budget.optional(),
  cases: z.array(suiteCase).min(1).max(1000),
});
export type Suite = z.output<typeof suite>;
