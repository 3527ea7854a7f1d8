import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../../fakes/cli.ts';

const table = readFileSync(join(projectRoot, 'docs/complaints.md'), 'utf8');
const answers = [...table.matchAll(/`(test\/[^`]+)` “([^”]+)”/gu)].map(([, file = '', words = '']) => [file, words] as const);

test('every row of the table of complaints names a test', () => {
  const rows = table.split('\n').filter((line) => /^\| (?!Complaint|-)/u.test(line));
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((row) => !/`test\/[^`]+` “[^”]+”/u.test(row))).toEqual([]);
});

test.each(answers)('%s has “%s”', (file, words) => {
  const path = join(projectRoot, file);
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain(words);
});
