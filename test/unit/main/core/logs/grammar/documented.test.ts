import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allGrammars } from '../../../../../../main/core/logs/grammar/all.ts';

const page = readFileSync(join(import.meta.dirname, '../../../../../../docs/grammars.md'), 'utf8');

test('every grammar stands in docs/grammars.md, and no other', () => {
  const described = [...page.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
  expect(new Set(described)).toEqual(new Set(allGrammars.map(({ name }) => name)));
});
