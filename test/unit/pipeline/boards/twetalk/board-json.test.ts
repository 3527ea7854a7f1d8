import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readNumber, readPath, readString, scanObject } from '../../../../../pipeline/boards/twetalk/board-json.ts';
import { encodeForBoard, toBoardJson } from '../../../../../pipeline/gateways/twetalk/board-text.ts';

describe('the board’s JSON reader', () => {
  test('finds values by name path', () => {
    const text = '{"method":"control","params":{"volume":50,"on":true},"list":[1,[2]],"none":null}';
    expect(readString(text, 'method')).toBe('control');
    expect(readNumber(text, 'params.volume')).toBe(50);
    expect(readPath(text, 'params.on')).toEqual({ kind: 'boolean', text: 'true' });
    expect(readPath(text, 'list')).toEqual({ kind: 'array', text: '[1,[2]]' });
    expect(readPath(text, 'none')?.kind).toBe('null');
    expect(readPath(text, 'params.nope')).toBeNull();
  });

  test('skips white space', () => {
    expect(readNumber('\n{ "a" :\t{ "b" : 7 } }', 'a.b')).toBe(7);
  });

  test('does not decode escapes', () => {
    expect(readString('{"text":"\\u4f60\\n"}', 'text')).toBe('\\u4f60\\n');
  });

  test('breaks on a brace inside a string of an object, as the real one does', () => {
    expect(scanObject('{"params":{"text":"a } b"},"clientToken":"x"}')).toBeNull();
    expect(scanObject('{"params":{"text":"a { b"},"clientToken":"x"}')).toBeNull();
    expect(scanObject('{"list":["a ] b"],"clientToken":"x"}')).toBeNull();
  });

  test('runs past a string that ends in a backslash', () => {
    expect(scanObject('{"path":"C:\\\\","next":1}')).toBeNull();
  });

  test('reads no exponent and at most 32 characters of a number', () => {
    expect(scanObject('{"a":1e5}')).toBeNull();
    expect(scanObject(`{"a":${'1'.repeat(40)}}`)).toBeNull();
  });

  test('any text is scanned to an end', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void scanObject(text)));
  });

  test('reads back whatever the gateway encodes for it', () => {
    const text = fc.string({ unit: 'grapheme' });
    const value = fc.record({ text, nested: fc.record({ list: fc.array(text), text, number: fc.integer() }) });
    fc.assert(
      fc.property(value, (message) => {
        const encoded = encodeForBoard({ message: toBoardJson(message), last: 'end' });
        expect(readString(encoded, 'last')).toBe('end');
        expect(readNumber(encoded, 'message.nested.number')).toBe(message.nested.number);
        expect(readPath(encoded, 'message.nested.list')?.kind).toBe('array');
      }),
    );
  });
});
