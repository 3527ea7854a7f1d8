import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstsOf } from '../../../../../../main/core/logs/grammar/pattern-firsts.ts';

test.each([
  [/^abc/, 'a'],
  [/^(?:load|ho \d+|SPI)x/, 'lhS'],
  [/^(a|b)?c/, 'abc'],
  [/^(?:--- )?(0x)/, '-0'],
  [/^[a-c]\w+/, 'abc'],
  [/^\[x/, '['],
  [/^x{2}|^y/, null],
  [/^\S+ a/, null],
  [/^(?:a|.)b/, null],
  [/^a*/, null],
  [/abc/, null],
  [/^Ab/i, 'aA'],
  [/^(?!x)ab/, 'a'],
  [/^(?:(?:p|q)r)?(?=z)s/, 'pqs'],
  [/^\d\d:/, '0123456789'],
])('%s begins with %s', (pattern, expected) => {
  const found = firstsOf(pattern);
  expect(found === null ? null : [...found].sort().join('')).toBe(expected === null ? null : Array.from(expected).sort().join(''));
});

/** Every pattern of the grammars, against lines of real logs: none may match a text that begins otherwise. */
test('no pattern of the grammars matches what it is said not to begin with', async () => {
  const root = join(import.meta.dirname, '../../../../../..');
  const folder = join(root, 'main/core/logs/grammar');
  const lines = readdirSync(join(root, 'test/fixtures/logs')).flatMap((name) =>
    readFileSync(join(root, 'test/fixtures/logs', name), 'utf8').split(/\r?\n/),
  );
  const texts = lines.flatMap((line) => [line, line.slice(line.indexOf(': ') + 2), line.slice(line.lastIndexOf(']') + 1)]);
  let looked = 0;
  for (const name of readdirSync(folder)) {
    const source = readFileSync(join(folder, name), 'utf8');
    for (const [, body = '', flags] of source.matchAll(
      /(?<=pattern: |pattern:\n\s*)\/(\^(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\n\\])*)\/([a-z]*)/g,
    )) {
      const pattern = new RegExp(body, flags);
      const firsts = firstsOf(pattern);
      if (firsts === null) continue;
      looked++;
      for (const text of texts) if (pattern.test(text)) expect(firsts.has(text.charAt(0)), `${name} ${body} ${text}`).toBe(true);
    }
  }
  expect(looked).toBeGreaterThan(50);
});
