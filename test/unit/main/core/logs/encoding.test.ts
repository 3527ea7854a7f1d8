import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodings } from '../../../../../main/core/logs/encoding.ts';
import { createLogParser } from '../../../../../main/core/logs/parser.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';

const now = 0 as MonoUs;
/** `I (5) net: 连接成功` and a line end. */
const gbkLine = Buffer.from('49202835292 06e65743a20c1acbdd3b3c9b9a60a'.replaceAll(' ', ''), 'hex');

describe('GBK', () => {
  test('is read when the port was said to have it, and from the next line on when it is switched', () => {
    const parser = createLogParser({ port: 'test' });
    expect(parser.push(gbkLine, now, 0)[0]?.text).toContain('\uFFFD');
    parser.setEncoding('gbk');
    expect(parser.push(gbkLine, now, gbkLine.length)).toMatchObject([{ message: '连接成功', tag: 'net', level: 'info' }]);
  });

  test('is cut between characters: a pause in one keeps its first byte back', () => {
    const parser = createLogParser({ port: 'test', encoding: 'gbk' });
    parser.push(Buffer.from('3ec1acbd', 'hex'), now, 0);
    expect(parser.flushPause()).toMatchObject([{ text: '>连', offset: 0 }]);
    expect(parser.push(Buffer.from('d30a', 'hex'), now, 4)).toMatchObject([{ text: '接', offset: 3 }]);
  });

  test('has characters of one, two and four bytes', () => {
    // 你, 𠀀 in four bytes, then the first three of another.
    const bytes = Buffer.from('61c4e395328236953282', 'hex');
    expect(encodings.gbk.boundary(bytes, 0, bytes.length)).toBe(7);
    expect(encodings.gbk.decode(bytes, 0, 7)).toBe('a你𠀀');
  });
});

test('a boundary never lies in a character, nor before the start, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.constantFrom('utf-8', 'gbk', 'latin1'), (bytes, name) => {
      const boundary = encodings[name].boundary(bytes, 0, bytes.length);
      expect(boundary).toBeGreaterThanOrEqual(0);
      expect(bytes.length - boundary).toBeLessThan(4);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(), (text, at) => {
      const bytes = Buffer.from(text);
      const cut = encodings['utf-8'].boundary(bytes, 0, at % (bytes.length + 1));
      expect(bytes.toString('utf8', 0, cut) + bytes.toString('utf8', cut)).toBe(text);
    }),
  );
});

describe('text that is not UTF-8', () => {
  const eventsOf = (lines: readonly Buffer[]) => {
    const parser = createLogParser({ port: 'test' });
    return lines.flatMap((line) => parser.push(line, now, 0)).map(({ event, payload }) => [event, payload]);
  };
  const noise = Buffer.from('f0e0c0fe80fc0a', 'hex');
  const good = Buffer.from('I (5) net: 连接成功\n');

  test('is told once, with a guess', () => {
    expect(eventsOf(Array.from({ length: 6 }, () => gbkLine)).filter(([event]) => event !== undefined)).toEqual([
      ['text.undecodable', { looksLike: 'gbk' }],
    ]);
    expect(eventsOf([noise, noise, noise, noise]).filter(([event]) => event !== undefined)).toEqual([
      ['text.undecodable', { looksLike: 'noise' }],
    ]);
  });

  test('is told of Chinese though most lines are ASCII', () => {
    const ascii = Buffer.from('I (5) net: up\n');
    const lines = Array.from({ length: 30 }, (_, index) => (index % 10 === 9 ? gbkLine : ascii));
    expect(eventsOf(lines).filter(([event]) => event !== undefined)).toEqual([['text.undecodable', { looksLike: 'gbk' }]]);
  });

  test('is not told for a line or two, as ROMs print at another baud rate', () => {
    expect(eventsOf([noise, noise, good, good, good, noise, good, noise]).every(([event]) => event === undefined)).toBe(true);
  });

  test('nor for U+FFFD that was sent', () => {
    expect(eventsOf(Array.from({ length: 9 }, () => Buffer.from('\uFFFDESP\n'))).every(([event]) => event === undefined)).toBe(true);
  });
});
