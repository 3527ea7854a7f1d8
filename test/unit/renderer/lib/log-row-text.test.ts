import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockText, deltaText, hexText, mixedText, shownText } from '../../../../renderer/lib/log-row-text.ts';
import { marksOf, spansOf } from '../../../../renderer/lib/text-spans.ts';
import { logRow } from '../../../fakes/log-lab.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the text of a row', () => {
  test('colours, which count from the start of the line, lie over the same characters of the message', () => {
    const row = logRow(0, { text: 'I (12) wifi: up', message: 'up', colours: [[13, 15, 32]] });
    expect(shownText(row, 'text', 'message', null)).toEqual({ text: 'up', colours: [[0, 2, 'sgr32']] });
    expect(shownText(row, 'text', 'line', null)).toEqual({ text: 'I (12) wifi: up', colours: [[13, 15, 'sgr32']] });
  });

  test('a line of megabytes is cut to what a window can show', () => {
    const row = logRow(0, { message: 'x'.repeat(10_000_000) });
    expect(shownText(row, 'text', 'message', null).text).toHaveLength(701);
  });

  test('of a long line the place is shown where the search found something', () => {
    const row = logRow(0, { message: `${'x'.repeat(5_000)}needle${'y'.repeat(5_000)}` });
    const { text } = shownText(row, 'text', 'message', /needle/g);
    expect(text.indexOf('needle')).toBeGreaterThan(0);
    expect(text.indexOf('needle')).toBeLessThan(100);
    expect([text.startsWith('…'), text.endsWith('…')]).toEqual([true, true]);
  });

  test('control characters are seen, and take one place each', () => {
    const row = logRow(0, { message: 'a\u0007b\u007fc\td' });
    expect(shownText(row, 'text', 'message', null).text).toBe('a␇b␡c\td');
  });

  test('hexadecimal and mixed show the bytes, whatever the text was made of', () => {
    const row = logRow(0, { message: '\ufffd', raw: new Uint8Array([0x02, 0x48, 0x69, 0xff, 0x0d, 0x0a]) });
    expect(shownText(row, 'hex', 'message', null).text).toBe('02 48 69 ff 0d 0a');
    expect(shownText(row, 'mixed', 'message', null).text).toBe('\\x02Hi\\xff\\x0d\\x0a');
  });

  test('a row without bytes, a notice, has its text in every mode', () => {
    const row = logRow(0, { message: 'opened', raw: new Uint8Array() });
    expect(shownText(row, 'hex', 'message', null).text).toBe('opened');
  });
});

describe('mixed text', () => {
  test('whole characters stay, halves of them are bytes', () => {
    expect(mixedText(utf8('你好🎉'))).toBe('你好🎉');
    expect(mixedText(utf8('你').subarray(0, 2))).toBe('\\xe4\\xbd');
    expect(mixedText(new Uint8Array([0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf8]))).toBe('\\xc0\\x80\\xed\\xa0\\x80\\xf8');
  });

  test('it can be read back: nothing is lost and nothing is made up', () => {
    const read = (text: string): Uint8Array => {
      const parts = [...text.matchAll(/\\x([0-9a-f]{2})|\\\\|([^\\]+)/g)];
      return Buffer.concat(
        parts.map(([all, hex, plain]) =>
          hex !== undefined ? Buffer.from(hex, 'hex') : Buffer.from(plain ?? (all === '\\\\' ? '\\' : '')),
        ),
      );
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(Buffer.from(read(mixedText(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('hexadecimal counts what it leaves out by an ellipsis', () => {
    expect(hexText(new Uint8Array([1, 2, 3]), 2)).toBe('01 02 …');
  });
});

describe('marks in text', () => {
  test('overlapping marks are cut at their borders', () => {
    expect(
      spansOf('abcdef', [
        [0, 4, 'sgr31'],
        [2, 6, 'match'],
      ]),
    ).toEqual([
      { text: 'ab', names: 'sgr31' },
      { text: 'cd', names: 'sgr31 match' },
      { text: 'ef', names: 'match' },
    ]);
  });

  test('spans put together are the text, whatever the marks', () => {
    const mark = fc.tuple(fc.integer({ min: -5, max: 25 }), fc.integer({ min: -5, max: 25 }), fc.constantFrom('a', 'b'));
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.array(mark, { maxLength: 6 }), (text, marks) => {
        expect(
          spansOf(text, marks)
            .map((span) => span.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });

  test('an expression that matches nothing everywhere ends, and one that matches everywhere is bounded', () => {
    expect(marksOf('abc', /x*/g, 'match')).toEqual([]);
    expect(marksOf('a'.repeat(5_000), /a/g, 'match')).toHaveLength(200);
  });
});

describe('times of a row', () => {
  test('are written with fixed digits', () => {
    expect(clockText(new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).toBe('03:04:05.006');
    expect([deltaText(12_345), deltaText(-1_500), deltaText(2_000_000)]).toEqual(['+0.012', '−0.002', '+2.000']);
  });
});
