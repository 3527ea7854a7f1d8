import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extractOf, limitOf, unitsOf } from '../../../../pipeline/speech/extract.ts';

const news = '今天北京的天气很好。很多人去公园散步。孩子们在公园里放风筝。公园里的人很多，公园的门口排了长队。晚上会下雨。记得带伞。';

describe('an extract', () => {
  test('is made of the text’s own sentences, in their order', () => {
    const extract = extractOf(news);
    const places = extract.match(/[^。]+。/gu)?.map((sentence) => news.indexOf(sentence)) ?? [];
    expect(places.length).toBeGreaterThan(0);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(extract.length).toBeLessThan(news.length / 2);
  });

  test('keeps to the length that the prompt names', () => {
    expect(limitOf('根据输入生成简单的一句话摘要，50字以内')).toBe(50);
    expect(limitOf('within 12 words, please')).toBe(12);
    expect(limitOf('一句话')).toBeNull();
    expect(unitsOf(extractOf(news, '10字以内')).length).toBeLessThanOrEqual(10);
    expect(extractOf('一句很长很长的话没有别的', '4字以内')).toBe('一句很长…');
  });

  test('of a text that is one sentence is that sentence', () => {
    expect(extractOf('这是一个测试摘要内容。')).toBe('这是一个测试摘要内容。');
    expect(extractOf('One sentence only.')).toBe('One sentence only.');
    expect(extractOf('  ')).toBe('');
  });

  test('never invents a word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
        const all = new Set(unitsOf(text));
        expect(unitsOf(extractOf(text)).every((unit) => all.has(unit))).toBe(true);
      }),
    );
  });
});
