import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { infoOf } from '../../../../../main/core/checks/catalogue.ts';
import { allChecks } from '../../../../../main/core/checks/kinds/index.ts';
import { checkWords } from '../../../../../preload/contract/check-words/index.ts';
import { checkInfo } from '../../../../../preload/contract/checks.ts';

const document = readFileSync(join(import.meta.dirname, '../../../../../docs/checks.md'), 'utf8');

test('names are unique, and begin with their group', () => {
  const names = allChecks.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(allChecks.filter(({ name, group }) => !name.startsWith(`${group}.`))).toEqual([]);
});

test.each(allChecks)('$name says everything that can be said of it: presets, words in both languages, what to do', (check) => {
  const info = infoOf(check);
  expect(checkInfo.safeParse(info).error).toBeUndefined();
  const words = checkWords[check.name];
  expect(words, 'has words').toBeDefined();
  const texts = [
    words?.title,
    words?.what,
    ...check.values.map(({ name }) => words?.values[name]),
    ...check.nexts.map((next) => words?.nexts[next]),
  ];
  for (const text of texts) expect([text?.en, text?.zh]).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/\S/)]);
  // Whatever fails has a next step that has words.
  expect(check.nexts.length).toBeGreaterThan(0);
  for (const { next } of check.values) if (next !== undefined) expect(check.nexts).toContain(next);
});

test.each(allChecks)('docs/checks.md has $name with its values (node scripts/check-table.ts)', ({ name, values }) => {
  const from = document.indexOf(`### ${name}\n`);
  expect(from).toBeGreaterThan(0);
  const section = document.slice(from, document.indexOf('\n### ', from + 1) >>> 0);
  expect(values.map((value) => value.name).filter((value) => !section.includes(`\`${value}\``))).toEqual([]);
});
