import { describe, expect, test } from 'vitest';
import type { Completeness } from '../../../../../pipeline/engines/completeness/engine.ts';
import { createCompletenessRules } from '../../../../../pipeline/turn/hearing/completeness-rules.ts';
import * as english from './sentences-en.ts';
import { en, zh } from './sentences-unseen.ts';
import * as chinese from './sentences-zh.ts';

const rules = createCompletenessRules();
const judge = (language: string, text: string) => rules.judge({ language, text }) as Completeness;

describe.each([
  ['zh', chinese],
  ['en', english],
] as const)('the rules for %s', (language, { complete, incomplete }) => {
  const wrong = [
    ...complete.filter((text) => judge(language, text).probability < 0.5).map((text) => `cut short: ${text}`),
    ...incomplete.filter((text) => judge(language, text).probability >= 0.5).map((text) => `answered too soon: ${text}`),
  ];

  test('the list is long enough to say something', () => {
    expect(complete.length).toBeGreaterThanOrEqual(60);
    expect(incomplete.length).toBeGreaterThanOrEqual(60);
    expect(new Set([...complete, ...incomplete]).size).toBe(complete.length + incomplete.length);
  });

  test('tell what is complete from what is not, nineteen times of twenty', () => {
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual((complete.length + incomplete.length) / 20);
  });

  test('a sentence in the making is not complete at any of its beginnings of one or two words', () => {
    const sure = incomplete.filter((text) => judge(language, text).probability > 0.8);
    expect(sure).toEqual([]);
  });
});

describe('short affirmations wait for nothing (livekit #6415)', () => {
  test.each(['好的', '是的', '嗯', '不用了', '可以啊', '没错'])('%s', (text) => {
    expect(judge('zh', text).probability).toBeGreaterThanOrEqual(0.9);
  });
  test.each(['yes', 'no', 'okay', 'sure', 'No, thanks.', 'yes I am'])('%s', (text) => {
    expect(judge('en', text).probability).toBeGreaterThanOrEqual(0.9);
  });
});

describe('punctuation of a recogniser that hears melody', () => {
  test.each([
    ['zh', '你去？', 0.9, 1],
    ['zh', '我想，', 0, 0.3],
    ['zh', '今天我们来说一说…', 0, 0.2],
    ['en', 'You are coming?', 0.9, 1],
    ['en', 'Tomorrow,', 0, 0.3],
    // A full stop after a conjunction is the recogniser's habit, not the speaker's.
    ['zh', '今天天气很好但是。', 0, 0.3],
    ['en', 'I went there and.', 0, 0.3],
  ] as const)('%s %s', (language, text, least, most) => {
    const { probability } = judge(language, text);
    expect(probability).toBeGreaterThanOrEqual(least);
    expect(probability).toBeLessThanOrEqual(most);
  });
});

test('Chinese in an English conversation is judged as Chinese', () => {
  expect(judge('en', '我想要一个').probability).toBeLessThan(0.3);
});

test('an answer names the rule that gave it', () => {
  expect(judge('zh', '我喜欢苹果和')).toMatchObject({ reason: 'trailing-conjunction' });
  expect(judge('en', 'my code is one two three')).toMatchObject({ reason: 'number-dictated' });
});

test('no text takes long, however it was made', () => {
  for (const text of ['一'.repeat(5000), 'a '.repeat(5000), '是不是'.repeat(2000), 'one '.repeat(3000)]) {
    expect(judge('zh', text).probability).toBeLessThanOrEqual(1);
    expect(judge('en', text).probability).toBeLessThanOrEqual(1);
  }
});

describe.each([
  ['zh', zh],
  ['en', en],
] as const)('sentences that others wrote, %s', (language, unseen) => {
  const lines = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.trim());
  const [complete, incomplete] = [lines(unseen.complete), lines(unseen.incomplete)];

  test('of what is complete next to nothing waits long', () => {
    const slow = complete.filter((text) => judge(language, text).probability < 0.5);
    expect(slow.length, slow.join('\n')).toBeLessThanOrEqual(complete.length / 25);
  });

  test('of what goes on next to nothing is answered at once, and little after the usual silence', () => {
    const early = incomplete.filter((text) => judge(language, text).probability >= 0.5);
    const atOnce = early.filter((text) => judge(language, text).probability >= 0.85);
    expect(early.length, early.join('\n')).toBeLessThanOrEqual(incomplete.length / 8);
    expect(atOnce.length, atOnce.join('\n')).toBeLessThanOrEqual(incomplete.length / 16);
  });
});
