import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentHeight, indexAtScroll, scrollForIndex } from '../../../../renderer/lib/virtual-window.ts';

const windowPx = 440;
const rowPx = 22;

describe('virtual window', () => {
  test('a list that fits is scrolled by distance', () => {
    expect(contentHeight(100_000, rowPx)).toBe(2_200_000);
    expect(indexAtScroll(22_011, windowPx, 100_000, rowPx)).toBe(1000.5);
  });

  test('a list taller than a browser allows is scrolled to its last row', () => {
    const length = 10_000_000;
    expect(contentHeight(length, rowPx)).toBe(15_000_000);
    expect(indexAtScroll(15_000_000 - windowPx, windowPx, length, rowPx)).toBe(length - windowPx / rowPx);
  });

  test('the place of a row and the row of a place are each other’s inverse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 21, max: 50_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (length, share) => {
        const index = share * (length - windowPx / rowPx);
        expect(indexAtScroll(scrollForIndex(index, windowPx, length, rowPx), windowPx, length, rowPx)).toBeCloseTo(index, 3);
      }),
    );
  });
});
