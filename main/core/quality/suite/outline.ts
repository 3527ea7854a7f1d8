import type { SuiteHow, SuiteOutline } from '../../../../preload/contract/quality.ts';
import { described } from '../expectations/described.ts';
import type { SuiteFile } from './read.ts';
import type { SuiteCase } from './schema.ts';

export function howOf(each: SuiteCase): { how: SuiteHow; subject: string } {
  return 'scenario' in each ? { how: 'scenario', subject: each.scenario } : { how: each.how, subject: each.session };
}

/** What a form shows. */
export function outlineOf({ suite, cases, expectationLines }: SuiteFile): SuiteOutline {
  const written = (expectations: readonly object[], lines: readonly (number | null)[]) =>
    expectations.map((expectation, i) => ({ text: described(expectation), line: lines[i] ?? null }));
  return {
    name: suite.name,
    expectations: written(suite.expect, expectationLines),
    cases: suite.cases.map((each, i) => ({
      name: cases[i]?.name ?? '',
      line: cases[i]?.line ?? null,
      ...howOf(each),
      golden: each.golden?.session ?? null,
      settings: 'settings' in each ? each.settings : {},
      agent: 'agent' in each ? (each.agent ?? null) : null,
      isSkipped: each.skip === true,
      expectations: written(each.expect, cases[i]?.expectationLines ?? []),
    })),
  };
}
