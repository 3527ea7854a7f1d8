import { expect, test } from 'vitest';
import { allChecks } from '../../../../../../main/core/checks/kinds/index.ts';
import { builtInLists } from '../../../../../../main/core/checks/lists/built-in/index.ts';
import { inspectList } from '../../../../../../main/core/checks/lists/read.ts';

test.each(builtInLists)('$id can be read', ({ text }) => {
  expect(inspectList(text, allChecks).problems).toEqual([]);
});

test('all of them have their ids to themselves, and every check is in one', () => {
  expect(new Set(builtInLists.map(({ id }) => id)).size).toBe(builtInLists.length);
  const named = new Set(builtInLists.flatMap(({ text }) => inspectList(text, allChecks).list?.items.map(({ check }) => check.name) ?? []));
  expect(allChecks.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
});
