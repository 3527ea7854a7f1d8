import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Aggregator, type Chunk } from '../../../../pipeline/turn/aggregate.ts';
import { SpeakableText, speakable } from '../../../../pipeline/turn/speakable.ts';

function aggregate(pieces: readonly string[]): Chunk[] {
  const aggregator = new Aggregator();
  return [...pieces.flatMap((piece) => aggregator.push(piece)), ...aggregator.flush()];
}

const spoken = (...pieces: string[]) => aggregate(pieces).map((chunk) => chunk.spoken);
const characters = (text: string) => Array.from(text);
const bare = (text: string) => text.replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Texts of the kind models make: prose in both languages, numbers, and everything that must not be read out. */
const piece = fc.constantFrom(
  '今天天气很好',
  '，',
  '。',
  '！',
  '3.14',
  'No. 5',
  'Mr. Smith',
  ' went home. ',
  'Really? ',
  '“好的。”',
  '😀',
  '👨‍👩‍👧',
  '**重点**',
  '`code()`',
  '[链接](https://example.com/a?b=c)',
  ' https://example.com/x. ',
  '\n# 标题\n',
  '\n- 一项\n',
  '```js\nlet x = 1.\n```\n',
  '……',
  '5~10',
  'snake_case',
  '-5度',
  '<br>',
  'a < b',
  '1. ',
  '\n',
  ' ',
  '|',
  '*',
  '`',
  '[',
  ']',
  '(',
  '!',
  'h',
  'https',
  'www',
  '𠮷',
  '[^1]',
  'docs.example.com',
  ' example.com/a',
  'me@example.com ',
  'socket.io',
  '[x]',
  '<!-- x -->',
  '&nbsp;',
  '&',
  ':smile:',
  ':',
  '12:30:45',
  '→✓',
);
const text = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(''));
const cuts = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 200 });

/** Splits at the given lengths, also within surrogate pairs. */
function split(whole: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, index = 0; at < whole.length; index += 1) {
    const length = lengths[index % lengths.length] ?? 1;
    pieces.push(whole.slice(at, at + length));
    at += length;
  }
  return pieces;
}

test('property: what is spoken does not depend on how the text was split', () => {
  fc.assert(
    fc.property(text, cuts, (whole, lengths) => {
      const scanner = new SpeakableText();
      const streamed = [...split(whole, lengths).flatMap((part) => scanner.push(part)), ...scanner.flush()];
      expect(streamed.map((character) => character.text).join('')).toBe(speakable(whole));
    }),
    { numRuns: 300 },
  );
});

test('property: the chunks lose no character that can be said, and say none twice', () => {
  fc.assert(
    fc.property(text, cuts, (whole, lengths) => {
      const chunks = aggregate(split(whole, lengths));
      expect(bare(chunks.map((chunk) => chunk.spoken).join(''))).toBe(bare(speakable(whole)));
      let last = 0;
      for (const [index, chunk] of chunks.entries()) {
        expect(chunk.sentence).toBe(index + 1);
        expect(characters(chunk.spoken).filter((character) => /\p{Script=Han}/u.test(character)).length).toBeLessThanOrEqual(60);
        expect(chunk.spoken.length).toBeLessThanOrEqual(180);
        expect(chunk.rawEnd).toBeGreaterThanOrEqual(last);
        expect(chunk.rawEnds).toHaveLength(chunk.spoken.length);
        expect(chunk.rawEnds.at(-1) ?? 0).toBeLessThanOrEqual(chunk.rawEnd);
        last = chunk.rawEnd;
      }
      expect(last).toBeLessThanOrEqual(whole.length);
    }),
    { numRuns: 300 },
  );
});

describe('chunks', () => {
  test('the first comes at the first punctuation, a comma too, with at least four Han characters', () => {
    expect(spoken('好，', '今天天气很好，', '适合出门。', '记得，带伞。')).toEqual(['好，今天天气很好，', '适合出门。', '记得，带伞。']);
  });

  test('the first is there as soon as its comma is', () => {
    const aggregator = new Aggregator();
    expect(aggregator.push('从前有座山，').map((chunk) => chunk.spoken)).toEqual(['从前有座山，']);
  });

  test('when the wait is over, the first is cut behind the last whole word', () => {
    const aggregator = new Aggregator();
    aggregator.push('the quick brown fo');
    expect(aggregator.cutAtWord()?.spoken).toBe('the quick brown');
    expect(aggregator.push('x jumps. ').map((chunk) => chunk.spoken)).toEqual(['fox jumps.']);
  });

  test('numbers and abbreviations do not end a sentence', () => {
    expect(spoken('Mr. Smith lives at No. 5 and pi is 3.14 exactly. Nice! ')).toEqual([
      'Mr. Smith lives at No. 5 and pi is 3.14 exactly.',
      'Nice!',
    ]);
    expect(spoken('The cost is 1,000 dollars or so. ')).toEqual(['The cost is 1,000 dollars or so.']);
  });

  test('a sentence without an end is cut at 60 characters, at a clause where there is one', () => {
    const clause = '一二三四五六七八九十一二三四五六七八九十，';
    expect(spoken(`开头的一句话。${clause.repeat(4)}完了。`)).toEqual(['开头的一句话。', clause.repeat(2), `${clause.repeat(2)}完了。`]);
    const chunks = spoken('字'.repeat(150));
    expect(chunks.join('')).toBe('字'.repeat(150));
  });

  test('markdown, emoji, URLs and code are never spoken', () => {
    const whole = '# 标题\n**重点**是`npm i`：看[文档](https://a.b/c?d)或 https://x.y/z 。😀\n```sh\nrm -rf /\n```\n- 第一\n- 第二\n';
    const said = aggregate([whole])
      .map((chunk) => chunk.spoken)
      .join('');
    expect(said).not.toMatch(/[#*`[\]]|npm|https|rm|😀/u);
    expect(bare(said)).toBe('标题重点是看文档或第一第二');
  });

  test.each([
    ['写信到 me.too@mail.example.com，谢谢', '写信到 ，谢谢'],
    ['See docs.example.com for more.', 'See  for more.'],
    ['打开example.com/a?b=1看看', '打开看看'],
    ['On 192.0.2.1:8080/x now', 'On  now'],
    [
      'Visit example.com, it is 3.14 km on v1.2.3 by Node.js and/or socket.io.',
      'Visit example.com, it is 3.14 km on v1.2.3 by Node.js and/or socket.io.',
    ],
    ['去新浪 sina.com.cn 看 127.0.0.1 吧', '去新浪 sina.com.cn 看 127.0.0.1 吧'],
  ])('addresses without a scheme are not spoken, names that people say are: %s', (whole, said) => {
    expect(speakable(whole)).toBe(said);
  });

  test.each([
    ['[^1]脚注[^1]: 完', '脚注 完'],
    ['- [ ] 做\n- [x] 完', ' 做\n 完'],
    ['<!-- 给自己 -->好', '好'],
    ['A&amp;B &lt;3', 'A&B <3'],
    [':smile: 好，12:30:45，说: 是', ' 好，12:30:45，说: 是'],
    ['★好→✓ 20℃ №5 ™', '好 20℃ №5 ™'],
    ['写 mailto:a@b.c 或 ftp://a.b/c 去', '写  或  去'],
  ])('of %j is spoken %j', (written, said) => {
    expect(speakable(written)).toBe(said);
  });

  test('a minus sign, a range and a product are spoken', () => {
    expect(speakable('-5度，5~10天，2*3')).toBe('-5度，5~10天，2*3');
  });

  test('text with nothing to say makes no chunk', () => {
    expect(spoken('😀 … ！\n')).toEqual([]);
  });

  test('a reply may come in one piece of any length', () => {
    const text = '字'.repeat(150_000);
    expect(spoken(text).join('')).toBe(text);
  });
});
