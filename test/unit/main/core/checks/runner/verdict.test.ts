import { expect, test } from 'vitest';
import { verdict } from '../../../../../../main/core/checks/runner/verdict.ts';
import type { CheckResult } from '../../../../../../preload/contract/checks.ts';

const result = (id: string, state: CheckResult['state'], reason: string | null = null) => ({ id, state, reason }) as CheckResult;

test.each([
  ['no-ear', 'passed'],
  // It failed, and nobody knows whose fault that was.
  ['bench-busy', 'incomplete'],
])('a run with an optional check that was skipped for %s is %s', (reason, state) => {
  expect(verdict([result('a', 'passed'), result('b', 'skipped', reason)], () => true)).toBe(state);
});
