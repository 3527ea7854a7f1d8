import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trackOfFile } from '../../../../../../main/core/replay/log/sources.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const timesOf = (text: string) => trackOfFile('a.log', bytesOf(text), 10).chunks.map(({ atUs }) => atUs / 1000);

test('a file’s bytes are all of them, whatever they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 9000 }), (data) => {
      const { chunks } = trackOfFile('a', data, 5);
      expect(Buffer.concat(chunks.map(({ bytes }) => bytes))).toEqual(Buffer.from(data));
    }),
  );
});

test.each([
  ['[2026-01-02 03:04:05.100] a\nb\n[2026-01-02 03:04:05.350] c\n', [0, 0, 250]],
  ['2026-01-02T23:59:59,900Z a\n2026-01-03T00:00:00,000Z b\n', [0, 100]],
  ['01-02 03:04:05.1 a\n01-02 03:04:06.0 b\n', [0, 900]],
  ['03:04:05.123 a\n03:04:06.623 b\n', [0, 1500]],
  ['I (30) boot: a\n\u001b[0;32mI (530) wifi: b\u001b[0m\nW (29) boot: again\nI (129) boot: on\n', [0, 500, 500, 600]],
  ['[    1.000000] a\n[    1.250000] b\n', [0, 250]],
])('%j comes at %j ms', (text, times) => {
  expect(timesOf(text)).toEqual(times);
});

test('lines that do not say when they came come so many a second', () => {
  expect(timesOf('one\r\ntwo\r\nthree')).toEqual([0, 100, 200]);
});

test('a clock that is set, or a night switched off, is no hour of silence', () => {
  expect(timesOf('03:00:00 a\n03:00:01 b\n17:00:00 c\n17:00:01 d\n')).toEqual([0, 1000, 1000, 2000]);
});

const folder = join(import.meta.dirname, '../../../../../../../shared/logs');
test.runIf(existsSync(folder))('real logs keep every byte and go forwards', () => {
  for (const name of readdirSync(folder)) {
    const data = readFileSync(join(folder, name));
    const { chunks } = trackOfFile(name, data, 20);
    expect(Buffer.concat(chunks.map(({ bytes }) => bytes)).equals(data)).toBe(true);
    expect(chunks.every(({ atUs }, index) => atUs >= (chunks[index - 1]?.atUs ?? 0))).toBe(true);
  }
});
