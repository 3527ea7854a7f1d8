import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BracketFilter, isOneWord } from '../../../../../pipeline/gateways/trtc/answer-filter.ts';

test.each([
  [1, '你（笑）好', '你好'],
  [2, 'a (b) c', 'a  c'],
  [3, '【音乐】来', '来'],
  [4, '[x]y', 'y'],
  [5, '{"a":1}好', '好'],
  [1, '外（里（更里）里）外', '外外'],
  [1, '没有关的（都不说', '没有关的'],
  [1, '只有关的）留下', '只有关的）留下'],
  [2, '（中文的）留下', '（中文的）留下'],
] as const)('brackets of kind %i: %s', (kind, text, kept) => {
  expect(new BracketFilter(kind).push(text)).toBe(kept);
});

test('it is the same however the text is cut into pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('（', '）', 'a', '字') })), (pieces) => {
      const filter = new BracketFilter(1);
      return pieces.map((piece) => filter.push(piece)).join('') === new BracketFilter(1).push(pieces.join(''));
    }),
  );
});

test.each([
  ['嗯。', true],
  ['好', true],
  ['OK!', true],
  ['', false],
  ['好的', false],
  ['yes please', false],
])('one word: %s', (text, isOne) => {
  expect(isOneWord(text)).toBe(isOne);
});
