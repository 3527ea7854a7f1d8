import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linearScale, roundTicks } from '../../../../renderer/lib/plot-scale.ts';

describe('ticks of an axis', () => {
  test('are round, and lie within it', () => {
    expect(roundTicks(0, 3575, 5)).toEqual([0, 1000, 2000, 3000]);
    expect(roundTicks(-300, 1250, 4)).toEqual([0, 500, 1000]);
    expect(roundTicks(7, 7, 5)).toEqual([7]);
    fc.assert(
      fc.property(
        fc.integer({ min: -10_000, max: 10_000 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 20 }),
        (from, range, about) => {
          const ticks = roundTicks(from, from + range, about);
          expect(ticks.length).toBeLessThanOrEqual(about + 1);
          for (const tick of ticks) {
            expect(tick).toBeGreaterThanOrEqual(from - 1e-6);
            expect(tick).toBeLessThanOrEqual(from + range + 1e-6);
          }
        },
      ),
    );
  });
});

test('a scale leads there and back, and an axis without extent has its values in the middle', () => {
  const scale = linearScale([100, 300], [40, 240], []);
  expect([scale.at(100), scale.at(200), scale.at(300), scale.valueAt(140)]).toEqual([40, 140, 240, 200]);
  expect(linearScale([5, 5], [0, 100], []).at(5)).toBe(50);
});
