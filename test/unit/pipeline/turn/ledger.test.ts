import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Aggregator } from '../../../../pipeline/turn/aggregate.ts';
import { Ledger } from '../../../../pipeline/turn/ledger.ts';

const SENTENCE_US = 2_000_000;

/** A ledger of sentences of 2 s each, voiced from 0.2 to 1.8 s. */
function ledgerOf(text: string): Ledger {
  const ledger = new Ledger();
  const aggregator = new Aggregator();
  ledger.generated(text);
  for (const [index, chunk] of [...aggregator.push(text), ...aggregator.flush()].entries()) {
    ledger.begin(chunk, index * SENTENCE_US);
    ledger.extend({ durationUs: SENTENCE_US, voicedFromUs: 200_000, voicedToUs: 1_800_000 });
  }
  return ledger;
}

test('nothing was heard before the first voiced sample', () => {
  expect(ledgerOf('一二三四。').heardText(200_000)).toBe('');
});

test('half of a sentence is half of its text, by Han characters', () => {
  expect(ledgerOf('一二三四五六七。').heardText(1_000_000)).toBe('一二三四');
});

test('a word of which only a part was heard does not count', () => {
  expect(ledgerOf('alpha bravo charlie delta.').heardText(700_000)).toBe('alpha ');
});

test('a sentence that is through counts whole, with the generated text that was not spoken', () => {
  const text = '**第一句话**。😀第二句话。';
  expect(ledgerOf(text).heardText(SENTENCE_US)).toBe('**第一句话**。');
  expect(ledgerOf(text).heardText(2 * SENTENCE_US)).toBe(text);
});

test('property: what was heard is a prefix of what was generated, and only grows', () => {
  const text = fc.array(fc.constantFrom('好的，', '今天天气不错。', 'the end of it. ', '**粗**', '😀', '3.14', 'Mr. X', '\n'), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: -1000, max: 30_000_000 })), (pieces, instants) => {
      const whole = pieces.join('');
      const ledger = ledgerOf(whole);
      let longest = 0;
      for (const atUs of instants.toSorted((a, b) => a - b)) {
        const heard = ledger.heardText(atUs);
        expect(whole.startsWith(heard)).toBe(true);
        expect(heard.length).toBeGreaterThanOrEqual(longest);
        longest = heard.length;
      }
    }),
  );
});
