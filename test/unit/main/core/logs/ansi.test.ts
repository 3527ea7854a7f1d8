import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnsiReader } from '../../../../../main/core/logs/ansi.ts';

test('colours are spans over the text without its codes', () => {
  expect(new AnsiReader().read('a\x1b[31mred\x1b[1;4m both\x1b[0m plain')).toEqual({
    text: 'ared both plain',
    colours: [
      [1, 9, 31],
      [4, 9, 1],
      [4, 9, 4],
    ],
  });
});

test('a colour lasts until it is reset, into the next line', () => {
  const reader = new AnsiReader();
  reader.read('\x1b[32mINF');
  expect(reader.read('\x1b[0mDBG')).toEqual({ text: 'DBG', colours: undefined });
});

test('other escapes go from the text, extended colours take their parameters with them', () => {
  expect(new AnsiReader().read('\x1b]0;title\x07\x1b[2J\x1b[38;5;31mx\x1b[48;2;1;2;3my\x1b(B')).toEqual({ text: 'xy', colours: undefined });
});

test('spans lie within the text, whatever comes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom('\x1b[', '31m', '\x1b[0m', '\x1b[1m', '\x1b]', '\x07', ';', '\x1b'))),
      (parts) => {
        const { text, colours = [] } = new AnsiReader().read(parts.join(''));
        for (const [from, to] of colours) expect(from >= 0 && from < to && to <= text.length).toBe(true);
      },
    ),
  );
});
