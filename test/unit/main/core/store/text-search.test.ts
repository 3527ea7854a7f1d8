import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineSearch, withinLines } from '../../../../../main/core/store/text-search.ts';
import { compilePattern } from '../../../../../preload/contract/log-pattern.ts';
import type { LogPattern } from '../../../../../preload/contract/logs.ts';

function found(pattern: LogPattern, lines: readonly string[], isWanted = true): string[] {
  const marks = new Uint8Array(lines.length).fill(1);
  createLineSearch(pattern)(lines.map((line) => `${line}\n`).join(''), marks, isWanted);
  return lines.filter((_, index) => marks[index] === 1);
}

const regexp = (text: string): LogPattern => ({ text, isRegexp: true, isCaseSensitive: true });

/** Few characters, so that patterns find something; those at which lines and texts differ among them. */
const letter = fc.constantFrom('a', 'b', 'A', 'K', '1', ' ', '_', '\r', '\u2028', '唤', '😀', '\ud83d', '\u212a', '\t', '.', '-');
const line = fc.string({ unit: letter, maxLength: 6 });

const atom = fc.constantFrom(
  ...['a', 'b', 'k', '1', ' ', '.', '\\.', '-', '唤', '😀', '\\w', '\\W', '\\d', '\\D', '\\s', '\\S', '\\b', '\\B', '^', '$', '\\t', '\\r'],
  ...[
    '[ab]',
    '[^a]',
    '[^]',
    '[]',
    '[\\s\\S]',
    '[^\\s]',
    '[^\\n]',
    '[\\]^a]',
    '[a\\-b]',
    '[\\W]',
    '[\\t-\\r]',
    '[\\b-\\r]',
    '[.-\\s]',
    '[\\s-_]',
    '[\\w-\\s]',
    '[^\\]]',
    '[\\d.]',
    '[\\b]',
  ],
  ...['\\n', '\\x0a', '\\u000a', '\\cJ', '\\0', '(?=a)', '(?!a)', '(?<=a)', '(?<!a)', '(a)\\1', '(?<n>b)\\k<n>', '\\/', '(?i:a)', '\n'],
);
const { source } = fc.letrec<{ source: string; part: string }>((tie) => ({
  part: fc.oneof(
    { weight: 6, arbitrary: atom },
    { weight: 1, arbitrary: tie('source').map((it) => `(?:${it})`) },
    { weight: 1, arbitrary: tie('source').map((it) => `(${it})`) },
    { weight: 3, arbitrary: fc.tuple(atom, fc.constantFrom('*', '+', '?', '*?', '{0,2}', '{2}')).map(([it, times]) => it + times) },
  ),
  source: fc.oneof(
    { depthSize: 'small' },
    { weight: 5, arbitrary: fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: fc.tuple(tie('part'), tie('part')).map(([a, b]) => `${a}|${b}`) },
    { weight: 1, arbitrary: tie('part').map((it) => `.*${it}`) },
  ),
}));

const pattern = fc.oneof(
  fc.record({ text: source, isRegexp: fc.constant(true), isCaseSensitive: fc.boolean() }),
  fc.record({ text: fc.string({ unit: letter, minLength: 1, maxLength: 3 }), isRegexp: fc.constant(false), isCaseSensitive: fc.boolean() }),
);

describe('a search through a text', () => {
  test('finds the lines that the pattern finds in each line alone, and no others', () => {
    fc.assert(
      fc.property(pattern, fc.array(line, { minLength: 1, maxLength: 12 }), fc.boolean(), (wanted, lines, isWanted) => {
        let expression: RegExp;
        try {
          expression = compilePattern(wanted);
        } catch {
          return;
        }
        expect(found(wanted, lines, isWanted)).toEqual(lines.filter((each) => expression.test(each) === isWanted));
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['a.*b', ['a', 'b', 'a b']],
    ['^b', ['a\rb', 'b', 'ab']],
    ['a$', ['a\u2028b', 'a', 'ab']],
    ['x*', ['', 'a', 'x']],
    ['$', ['', 'a']],
    ['[^x]*y', ['aaa', 'aay']],
    ['\\s', ['a', 'b', 'a b']],
    ['(?!a)', ['', 'a']],
    ['[\\b-\\r]', ['a', '\t', '']],
    ['[\\s-_]', ['a', '-', 'b c']],
    ['[.-\\s]', ['a', '-', 'b c']],
  ])('keeps %s within its line', (text, lines) => {
    expect(found(regexp(text), lines)).toEqual(lines.filter((each) => new RegExp(text).test(each)));
  });

  test('leaves what is excluded already, without asking it', () => {
    const marks = Uint8Array.of(1, 0, 1);
    createLineSearch(regexp('a'))('a\na\nb\n', marks, true);
    expect([...marks]).toEqual([1, 0, 0]);
  });

  test('goes through the whole text at once for the patterns people type', () => {
    for (const each of [
      'error',
      'wifi|mqtt',
      '\\berr(or)?\\b',
      '^E \\(\\d+\\)',
      '0x[0-9a-f]{8}$',
      'a.*b',
      '唤醒',
      '[^,]+,\\s*',
      '(?:a|b)+?',
      '.*Guru',
    ])
      expect([each, withinLines(each) !== null]).toEqual([each, true]);
    for (const each of ['(?=a)', '(a)\\1', '\\u000a', '(?<!a)b', '\\W']) expect([each, withinLines(each)]).toEqual([each, null]);
  });
});
