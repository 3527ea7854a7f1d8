import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeForBoard, redact, toBoardJson } from '../../../../../pipeline/gateways/twetalk/board-text.ts';
import { isTalkError } from '../../../../../preload/contract/errors.ts';

describe('JSON for the board', () => {
  test('is compact and in raw UTF-8', () => {
    expect(encodeForBoard({ text: '你好', data: { list: [1, true, null] }, absent: undefined })).toBe(
      '{"text":"你好","data":{"list":[1,true,null]}}',
    );
  });

  test('has nothing inside strings that would mislead a scanner', () => {
    expect(encodeForBoard({ text: 'a {b} [c] \\ "d"\n\n\te\u0000' })).toBe('{"text":"a ｛b｝ ［c］ ＼ \\"d\\" e "}');
  });

  test('has no exponents and no number the board would cut', () => {
    expect(encodeForBoard({ a: 1e21, b: 1e-7, c: -0.5, d: 1767000000123 })).toBe(
      '{"a":1000000000000000000000,"b":0.0000001,"c":-0.5,"d":1767000000123}',
    );
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e40]) expect(() => encodeForBoard({ value })).toThrow();
  });

  test('refuses keys that would need an escape', () => {
    for (const key of ['', 'a"b', 'a{b', 'a\\b', 'a\nb']) {
      let thrown: unknown;
      try {
        encodeForBoard({ [key]: 1 });
      } catch (error) {
        thrown = error;
      }
      expect(isTalkError(thrown, 'bad-request'), key).toBe(true);
    }
  });

  test('is valid JSON whose brackets balance without looking at quotes, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (first, second) => {
        const text = encodeForBoard({ first, nested: { list: [second, first] } });
        expect(() => JSON.parse(text)).not.toThrow();
        let depth = 0;
        for (const character of text) {
          if (character === '{' || character === '[') depth++;
          if (character === '}' || character === ']') depth--;
        }
        expect(depth).toBe(0);
        expect(text.match(/[{[]/g)).toHaveLength(3);
        expect(text).not.toMatch(/\\[^"]/);
      }),
    );
  });

  test('takes parsed JSON of any shape', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => void toBoardJson(value)));
    expect(toBoardJson({ a: undefined, b: () => 1 })).toEqual({ a: null, b: null });
  });
});

test('tokens are taken out of bodies and URLs, client tokens are not', () => {
  expect(redact('{"clientToken":"ws-4","params":{"token":"0123","psk" : "x"}}')).toBe(
    '{"clientToken":"ws-4","params":{"token":"[redacted]","psk" : "[redacted]"}}',
  );
  expect(redact('/ws?productId=P&token=0123&language=zh')).toBe('/ws?productId=P&token=[redacted]&language=zh');
  expect(redact('/ws?%74oken=0123&t%6Fken=4567&%zz=1')).toBe('/ws?%74oken=[redacted]&t%6Fken=[redacted]&%zz=1');
});
