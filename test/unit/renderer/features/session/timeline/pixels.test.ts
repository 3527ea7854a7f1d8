import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mix, Pixels } from '../../../../../../renderer/features/session/timeline/pixels.ts';

const white = 0xffffffff;
const black = 0xff000000;
const blue = 0xffff0000;

/** Each row as letters: what is white, black, blue, or a mixture. */
function rows({ width, height, bytes }: Pixels): string[] {
  const pixels = new Uint32Array(bytes.buffer);
  const letters = new Map([
    [white, '.'],
    [black, '#'],
    [blue, 'b'],
  ]);
  return Array.from({ length: height }, (_, y) =>
    Array.from(pixels.subarray(y * width, (y + 1) * width), (pixel) => letters.get(pixel) ?? '~').join(''),
  );
}

function ground(width: number, height: number): Pixels {
  const pixels = new Pixels(width, height);
  pixels.clear(white);
  return pixels;
}

describe('pixels of the tracks', () => {
  test('a box is as large as it was told, and what lies outside is cut off', () => {
    const pixels = ground(6, 4);
    pixels.fill(-2, 1, 4, 2, black);
    pixels.fill(4, 3, 9, 9, blue);
    expect(rows(pixels)).toEqual(['......', '##....', '##....', '....bb']);
  });

  test('wide and narrow boxes alike', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 45 }), fc.integer({ min: 0, max: 60 }), (x, width) => {
        const pixels = ground(40, 1);
        pixels.fill(x, 0, width, 1, black);
        expect(rows(pixels)).toEqual([Array.from({ length: 40 }, (_, i) => (i >= x && i < x + width ? '#' : '.')).join('')]);
      }),
    );
  });

  test('rows above the top stay as they are: pinned lanes are not drawn over', () => {
    const pixels = ground(3, 4);
    pixels.top = 2;
    pixels.fill(0, 0, 3, 4, black);
    pixels.outline(0, 0, 3, 4, 1, black);
    pixels.hatch(0, 0, 3, 4, black, 1);
    expect(rows(pixels)).toEqual(['...', '...', '###', '###']);
  });

  test('a weak colour shows what is beneath it, pixel by pixel', () => {
    const pixels = ground(2, 1);
    pixels.fill(1, 0, 1, 1, black);
    pixels.fill(0, 0, 2, 1, blue, 0.5);
    expect([...new Uint32Array(pixels.bytes.buffer)]).toEqual([mix(white, blue, 0.5), mix(black, blue, 0.5)]);
  });

  test('what was never heard is hatched', () => {
    const pixels = ground(7, 2);
    pixels.hatch(0, 0, 7, 2, black, 1);
    expect(rows(pixels)).toEqual(['#~....#', '~....#~']);
  });

  test('a mixture lies between its colours in each channel, and ends at them', () => {
    const colour = fc.nat({ max: 0xffffff }).map((rgb) => (rgb | black) >>> 0);
    fc.assert(
      fc.property(colour, colour, fc.double({ min: 0, max: 1, noNaN: true }), (one, other, share) => {
        const mixed = mix(one, other, share);
        for (const shift of [0, 8, 16]) {
          const [a, b, c] = [one, other, mixed].map((value) => (value >>> shift) & 0xff) as [number, number, number];
          expect(c).toBeGreaterThanOrEqual(Math.min(a, b));
          expect(c).toBeLessThanOrEqual(Math.max(a, b));
          expect(Math.abs(c - (a + (b - a) * share))).toBeLessThanOrEqual(1.5);
        }
        expect(mixed >>> 24).toBe(0xff);
        expect(mix(one, other, 0)).toBe(one);
        expect(mix(one, other, 1)).toBe(other);
      }),
    );
  });
});
