import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { align } from '../../../../../../main/core/quality/golden/align.ts';
import { spokenUnits } from '../../../../../../main/core/quality/golden/spoken-units.ts';
import { compareTexts, editsOf } from '../../../../../../main/core/quality/golden/text-errors.ts';

/** Halves of characters and controls among them. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 30 }).map((codes) => String.fromCharCode(...codes));

const words = fc
  .array(fc.constantFrom('今', '天', '气', 'hello', 'world', '25', "don't"), { maxLength: 12 })
  .map((units) => units.join(' '));
const edits = (one: string, other: string) => editsOf(compareTexts(one, other).errors.mixed);

describe('errors between two texts', () => {
  test.each([
    // jiwer's own example: one substitution of four, and one more word.
    ['hello world i am', 'hello duck i am here', { words: 0.5, characters: 0, mixed: 0.5 }],
    ['今天天气怎么样', '今天天汽怎样', { words: 0, characters: 2 / 7, mixed: 2 / 7 }],
    ['打开 living room 的灯', '打开 living 的灯', { words: 0.5, characters: 0, mixed: 1 / 6 }],
    ['', '', { words: 0, characters: 0, mixed: 0 }],
    ['', '你好', { words: 0, characters: null, mixed: null }],
    ['你好', '', { words: 0, characters: 1, mixed: 1 }],
  ])('“%s” beside “%s”', (golden, candidate, rates) => {
    const { errors } = compareTexts(golden, candidate);
    for (const [kind, rate] of Object.entries(rates)) {
      const found = errors[kind as keyof typeof rates].rate;
      if (rate === null) expect(found).toBeNull();
      else expect(found).toBeCloseTo(rate, 12);
    }
  });

  test('the number of edits is a metric', () => {
    fc.assert(
      fc.property(words, words, words, (a, b, c) => {
        expect(edits(a, a)).toBe(0);
        expect(edits(a, b)).toBe(edits(b, a));
        expect(edits(a, c)).toBeLessThanOrEqual(edits(a, b) + edits(b, c));
        expect(edits(a, b) === 0).toBe(
          JSON.stringify(spokenUnits(a).map(({ text }) => text)) === JSON.stringify(spokenUnits(b).map(({ text }) => text)),
        );
      }),
    );
  });

  test('edits are between the difference of the lengths and the longer one', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        const [n, m] = [spokenUnits(a).length, spokenUnits(b).length];
        expect(edits(a, b)).toBeGreaterThanOrEqual(Math.abs(n - m));
        expect(edits(a, b)).toBeLessThanOrEqual(Math.max(n, m));
      }),
    );
  });

  test('words and characters together are the mixed count', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        const { errors } = compareTexts(a, b);
        for (const key of ['reference', 'substitutions', 'deletions', 'insertions'] as const)
          expect(errors.words[key] + errors.characters[key]).toBe(errors.mixed[key]);
      }),
    );
  });

  test('the pieces of each side put together are its text', () => {
    fc.assert(
      fc.property(words, fc.string({ unit: 'grapheme' }), (a, b) => {
        const { pieces } = compareTexts(a, b);
        const ofCandidate = pieces.filter(({ kind }) => kind === 'candidate').map(({ text }) => text);
        expect(
          pieces
            .filter(({ kind }) => kind !== 'candidate')
            .map(({ text }) => text)
            .join(''),
        ).toBe(spokenUnits(a).length === 0 ? '' : a);
        for (const text of ofCandidate) expect(b.normalize('NFC')).toContain(text);
      }),
    );
  });

  test('any text at all is read', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const { from, to } of spokenUnits(text)) expect(to).toBeGreaterThan(from);
        expect(edits(text, text)).toBe(0);
      }),
    );
  });
});

describe('units of what is spoken', () => {
  test.each([
    ['今天25度，Hello World!', '今 天 25 度 hello world'],
    ['Ｈｅｌｌｏ don’t', "hello don't"],
    ['二十五度', '25 度'],
    ['一百二', '120'],
    ['一百零二', '102'],
    ['一千二百三十四万五千', '12345000'],
    ['十万', '100000'],
    ['零零七', '007'],
    ['三点五', '3 点 5'],
    ['3.5', '3 点 5'],
    ['1,200 元', '1200 元'],
    ['千万不要', '千 万 不 要'],
    ['三四十', '三 四 十'],
  ])('%s', (text, units) => {
    expect(
      spokenUnits(text)
        .map((unit) => unit.text)
        .join(' '),
    ).toBe(units);
  });
});

test('every thing stands in an alignment once, in order', () => {
  fc.assert(
    fc.property(
      fc.nat(12),
      fc.nat(12),
      fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 144, maxLength: 144 }),
      (n, m, costs) => {
        const steps = align(n, m, (i, j) => costs[i * 12 + j] ?? 0, 0.55);
        expect(steps.flatMap(({ a }) => (a === null ? [] : [a]))).toEqual(Array.from({ length: n }, (_, i) => i));
        expect(steps.flatMap(({ b }) => (b === null ? [] : [b]))).toEqual(Array.from({ length: m }, (_, j) => j));
      },
    ),
  );
});
