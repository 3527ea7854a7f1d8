import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_FILTERED, PatternFilter } from '../../../../../../main/core/logs/grammar/pattern-filter.ts';

const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const isPossible = (pattern: RegExp, text: string) => new PatternFilter([[pattern]]).possible(text) !== 0;

/** The ASCII characters for which a text that has them there, and else what matches, is let through; null: any, or any other. */
function letThrough(pattern: RegExp, before: string, after: string): string | null {
  if (isPossible(pattern, `${before}中${after}`)) return null;
  return ascii.filter((character) => isPossible(pattern, before + character + after)).join('');
}

test.each([
  [/^abc/, 'a', 'bc'],
  [/^(?:load|ho \d+|SPI)x/, 'Shl', 'oad'],
  [/^(a|b)?c/, 'abc', 'cc'],
  [/^(?:--- )?(0x)/, '-0', 'x12'],
  [/^[a-c]\w+/, 'abc', 'ab'],
  [/^\[x/, '[', 'x'],
  [/^x{2}|^y/, 'xy', 'x'],
  [/^x{2}|y/, null, 'x'],
  [/^\S+ a/, null, ' a'],
  [/^(?:a|.)b/, null, 'b'],
  [/^a*/, null, ''],
  [/abc/, null, 'bc'],
  [/^Ab/i, 'Aa', 'b'],
  [/^(?!x)ab/, 'a', 'b'],
  [/^(?:(?:p|q)r)?(?=z)s/, 'pqs', 'rs'],
  [/^\d\d:/, '0123456789', '1:'],
  // oxlint-disable-next-line no-control-regex
  [/^\x1b\u005b/, '\x1b', '['],
  [/^(\w)\1/, null, 'a'],
])('%s lets texts through that begin with %j and go on with %j', (pattern, expected, after) => {
  expect(letThrough(pattern, '', after)).toBe(expected);
});

test.each([
  [/^abc/, 'a', 'b', 'c'],
  [/^a?bc/, 'a', 'bc', 'c'],
  [/^a(?<!x)bc/, 'a', 'b', 'c'],
  [/^a+b/, 'a', 'ab', 'ab'],
  [/^(?:ab|cd)e/, 'a', 'bd', 'e'],
  [/^a{2,3}b/, 'aa', 'ab', 'b'],
  [/^(?:ab){2}/, 'ab', 'a', 'b'],
  [/^[^x]/, 'a', null, ''],
  [/^AT$/, 'A', 'T', ''],
])('%s, after %j, has %j', (pattern, before, expected, after) => {
  expect(letThrough(pattern, before, after)).toBe(expected);
});

test('a text that is over before the pattern is', () => {
  expect(isPossible(/^abc/, 'ab')).toBe(false);
  expect(isPossible(/^ab$/, 'ab')).toBe(true);
  expect(isPossible(/^abcdef/, 'abcd')).toBe(true);
});

test('which of several, alternatives as one; none given, any text', () => {
  const filter = new PatternFilter([[/^ab/], [/^ac/, /^xy/], [], [/^a/]]);
  expect(filter.possible('ab').toString(2)).toBe('1101');
  expect(filter.possible('xy').toString(2)).toBe('110');
  expect(filter.possible('').toString(2)).toBe('100');
  expect(() => new PatternFilter(Array.from({ length: MAX_FILTERED + 1 }, () => [/^a/]))).toThrow(RangeError);
});

/** Patterns of letters a to d, with everything in them that grammars use. */
const { pattern } = fc.letrec<{ pattern: string; part: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', 'c', '[ab]', '[^ab]', '\\w', '.', '[c-d]', '\\.'),
    tie('pattern').map((inner) => `(?:${inner})`),
    tie('pattern').map((inner) => `(${inner})`),
  ),
  part: fc.tuple(tie('atom'), fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{0,2}', '{1,}', '*?')).map((both) => both.join('')),
  pattern: fc
    .array(fc.array(tie('part'), { minLength: 0, maxLength: 4 }), { minLength: 1, maxLength: 2 })
    .map((alternatives) => alternatives.map((parts) => parts.join('')).join('|')),
}));

test('no text that a pattern matches is held back', () => {
  fc.assert(
    fc.property(
      pattern,
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', '.', 'A', '中'), maxLength: 6 }),
      fc.boolean(),
      (source, text, ignoresCase) => {
        const anchored = new RegExp(`^(?:${source})`, ignoresCase ? 'i' : '');
        if (anchored.test(text)) expect(isPossible(anchored, text), `${anchored} ${text}`).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

/** Every pattern of the grammars, against lines of real logs: none may match a text that is held back. */
test('no pattern of the grammars matches a text that is held back from it', async () => {
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
      const filter = new PatternFilter([[pattern]]);
      looked++;
      for (const text of texts) if (pattern.test(text)) expect(filter.possible(text), `${name} ${body} ${text}`).toBe(1);
    }
  }
  expect(looked).toBeGreaterThan(50);
});
