import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { translateByPhrases } from '../../../../pipeline/speech/phrase-table.ts';
import { phrases } from '../../../../pipeline/speech/phrases.ts';

const translated = (text: string, direction: 'zh-en' | 'en-zh') => translateByPhrases(text, direction)?.join('') ?? null;

describe('the phrase table', () => {
  test.each([
    ['请讲个笑话。', 'Please tell a joke.'],
    ['这是一个待翻译的文本', 'This is a text to be translated'],
    ['现在几点了？谢谢！', 'What time is it now? Thank you!'],
  ])('%s', (zh, en) => {
    expect(translated(zh, 'zh-en')).toBe(en);
  });

  test('backwards, with Chinese marks', () => {
    expect(translated('Please tell a joke. Thank you!', 'en-zh')).toBe('请讲个笑话。谢谢！');
    expect(translated('Hello, how are you?', 'en-zh')).toBe('你好，你好吗？');
  });

  test('what is in no entry stays as it was', () => {
    expect(translated('我喜欢ESP32', 'zh-en')).toBe('I like esp32');
    expect(translated('turn on the light, Zaphod', 'en-zh')).toBe('打开灯，zaphod');
  });

  test('a text of which nothing is known is not translated at all', () => {
    expect(translated('Zaphod Beeblebrox', 'en-zh')).toBeNull();
    expect(translated('', 'zh-en')).toBeNull();
    expect(translated('。。。', 'zh-en')).toBeNull();
  });

  test('every entry is found whole, both ways, and none is broken', () => {
    expect(phrases.length).toBeGreaterThan(400);
    for (const [zh, en] of phrases) {
      expect(zh).toMatch(/^\p{Script=Han}+$/u);
      expect(en).not.toContain('=');
      if (en === '') continue;
      expect(translated(zh, 'zh-en'), zh).not.toBeNull();
      expect(translated(en, 'en-zh'), en).not.toBeNull();
    }
  });

  test('any text is survived, in time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom('zh-en' as const, 'en-zh' as const), (text, direction) => {
        const pieces = translateByPhrases(text, direction);
        expect(pieces === null || pieces.every((piece) => typeof piece === 'string')).toBe(true);
      }),
    );
  });
});
