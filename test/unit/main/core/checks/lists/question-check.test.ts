import { expect, test } from 'vitest';
import { questionCheck } from '../../../../../../main/core/checks/lists/question-check.ts';
import { judge } from '../../../../../../main/core/checks/runner/judge.ts';
import { verdict } from '../../../../../../main/core/checks/runner/verdict.ts';
import type { CheckResult } from '../../../../../../preload/contract/checks.ts';
import { FakeBench } from '../../../../../fakes/fake-bench.ts';

test.each([
  ['yes', 'passed', null, ['passed', 'passed']],
  ['no', 'failed', null, ['failed', 'failed']],
  ['nobody', 'person', 'nobody-there', ['incomplete', 'passed']],
  ['skip', 'person', 'person-skipped', ['incomplete', 'passed']],
] as const)('a question that is answered %s is %s: open unless the list calls it optional', async (answer, state, reason, runs) => {
  const bench = new FakeBench();
  bench.onAsk = () => answer;
  const check = questionCheck({ zh: '屏幕亮吗', en: 'Is the screen lit?' }, 'judge', 'power');
  const judged = judge(check, {}, await bench.run(check));
  expect(judged).toMatchObject({ state, reason });
  const results = [
    { id: 'good', state: 'passed', reason: null },
    { id: 'lit', ...judged },
  ] as unknown as CheckResult[];
  expect([verdict(results, () => false), verdict(results, () => true)]).toEqual(runs);
});
