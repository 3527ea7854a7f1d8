import { expect, test } from 'vitest';
import { identityChecks } from '../../../../../main/core/checks/kinds/identity/index.ts';
import { memoryChecks } from '../../../../../main/core/checks/kinds/memory/index.ts';
import { networkChecks } from '../../../../../main/core/checks/kinds/network/index.ts';
import { powerChecks } from '../../../../../main/core/checks/kinds/power/index.ts';
import { checkWords } from '../../../../../preload/contract/check-words/index.ts';

const checks = [...powerChecks, ...identityChecks, ...networkChecks, ...memoryChecks];

test.each(checks.map((check) => [check.name, check] as const))(
  '%s: each value and each next has words, and no word stands alone',
  (name, check) => {
    const words = checkWords[name];
    expect(words).toBeDefined();
    expect(Object.keys(words?.values ?? {}).sort()).toEqual(check.values.map((value) => value.name).sort());
    expect(Object.keys(words?.nexts ?? {}).sort()).toEqual([...check.nexts].sort());
    for (const { en, zh } of [
      words?.title,
      words?.what,
      ...Object.values(words?.values ?? {}),
      ...Object.values(words?.nexts ?? {}),
    ].filter((one) => one !== undefined)) {
      expect(en).not.toBe('');
      expect(zh).not.toBe('');
    }
  },
);

test.each(checks.map((check) => [check.name, check] as const))('%s: what is asked by default has a next step', (_, check) => {
  for (const { name, limit, next } of check.values) {
    if (next !== undefined) expect(check.nexts, name).toContain(next);
    // The failed steps of identity.sim have the one of the step that failed.
    else if (limit !== undefined) expect(name).toBe('failedSteps');
  }
});
