import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ContentPiece, ContentSplitter } from '../../../../pipeline/turn/content.ts';

/** The pieces of a content that came in these parts, neighbours of a kind joined. */
function split(...parts: string[]): string[] {
  const splitter = new ContentSplitter();
  const pieces: ContentPiece[] = [...parts.flatMap((part) => splitter.push(part)), ...splitter.flush()];
  const joined: { kind: string; text: string }[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    const text = piece.kind === 'emotion' ? piece.emotion : piece.text;
    if (last && last.kind === piece.kind && piece.kind !== 'emotion') last.text += text;
    else joined.push({ kind: piece.kind, text });
  }
  return joined.map(({ kind, text }) => `${kind}: ${text}`);
}

describe('thoughts in the content', () => {
  test('at the beginning are no text, and the blanks around them neither', () => {
    expect(split('\n<think>\n想一想</think>\n\n你好。')).toEqual(['reasoning: \n想一想', 'text: 你好。']);
  });
  test('in the middle are no text', () => {
    expect(split('好，<THINK>查一下</THINK>晴天。')).toEqual(['text: 好，', 'reasoning: 查一下', 'text: 晴天。']);
  });
  test('that are never closed go to the end', () => {
    expect(split('<think>一直想', '下去')).toEqual(['reasoning: 一直想下去']);
  });
  test('whose opening a server ate leave no tag behind', () => {
    expect(split('嗯</think>', '你好')).toEqual(['text: 嗯你好']);
  });
  test('with a tag split at every character are the same', () => {
    expect(split(...'<think>a < b</thinking></think>c'.split(''))).toEqual(['reasoning: a < b</thinking>', 'text: c']);
  });
  test('an ordinary less-than sign is text', () => {
    expect(split('3 <', ' 5，<b>粗</b>')).toEqual(['text: 3 < 5，<b>粗</b>']);
  });
});

describe('emotion tags', () => {
  test.each(['[happy]', '[Happy] ', '【开心】', '(happy)', '（高兴）', '<emotion:happy>', '<emotion>happy</emotion>', '[emotion:happy]'])(
    '%s at the beginning is an emotion and no text',
    (tag) => {
      expect(split(tag, '你好')).toEqual(['emotion: happy', 'text: 你好']);
      expect(split(...`${tag}你好`.split(''))).toEqual(['emotion: happy', 'text: 你好']);
    },
  );
  test('brackets around anything else are text', () => {
    expect(split('[1] 第一')).toEqual(['text: [1] 第一']);
    expect(split('[链接](http://a.b)')).toEqual(['text: [链接](http://a.b)']);
    expect(split('(note) yes')).toEqual(['text: (note) yes']);
  });
  test('a loose tag in the middle is text, a clear one is not', () => {
    expect(split('他[happy]了。<emotion:sad>唉。')).toEqual(['text: 他[happy]了。', 'emotion: sad', 'text: 唉。']);
  });
  test('an unknown word in a clear tag is told as it is', () => {
    expect(split('<emotion:smug>哈')).toEqual(['emotion: smug', 'text: 哈']);
  });
  test('an emoji is an emotion and stays in the text', () => {
    expect(split('😔', '唉。')).toEqual(['emotion: sad', 'text: 😔唉。']);
    expect(split('\ud83d', '\ude14唉。')).toEqual(['emotion: sad', 'text: 😔唉。']);
  });
  test('after a thought is one too', () => {
    expect(split('<think>x</think>[sad]唉')).toEqual(['reasoning: x', 'emotion: sad', 'text: 唉']);
  });
});

test('property: how the content was split changes nothing', () => {
  const content = fc
    .array(fc.constantFrom('<think>', '</think>', '[happy]', '(', '<', '你好', ' a', '😔', '<emotion:', 'sad', '>', '\n', ']'), {
      maxLength: 12,
    })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(content, fc.array(fc.nat(40)), (whole, cuts) => {
      const at = [...new Set([0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length])].toSorted((a, b) => a - b);
      expect(split(...at.slice(1).map((end, index) => whole.slice(at[index], end)))).toEqual(split(whole));
    }),
    { numRuns: 500 },
  );
});
