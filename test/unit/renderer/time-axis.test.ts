import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clampView, fitView, panView, revealInView, ticksOf, usToX, viewAround, xToUs, zoomView } from '../../../renderer/lib/time-axis.ts';

const hourUs = 3_600_000_000;
const views = fc
  .tuple(fc.integer({ min: 0, max: hourUs }), fc.integer({ min: 0, max: hourUs }))
  .map(([a, b]) => clampView({ fromUs: Math.min(a, b), toUs: Math.max(a, b) }, hourUs));

describe('time axis', () => {
  test('pixels and instants are each other’s inverse', () => {
    fc.assert(
      fc.property(views, fc.integer({ min: 1, max: 4000 }), fc.double({ min: 0, max: 1, noNaN: true }), (view, width, share) => {
        const us = view.fromUs + share * (view.toUs - view.fromUs);
        expect(xToUs(view, width, usToX(view, width, us))).toBeCloseTo(us, -1);
      }),
    );
  });

  test('no zoom or pan ever leaves the session', () => {
    fc.assert(
      fc.property(
        views,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (view, factor, share) => {
          const length = view.toUs - view.fromUs;
          for (const next of [zoomView(view, factor, view.fromUs + length / 3, hourUs), panView(view, share * length, hourUs)]) {
            expect(next.fromUs).toBeGreaterThanOrEqual(0);
            expect(next.toUs).toBeLessThanOrEqual(hourUs + 1);
            expect(next.toUs - next.fromUs).toBeGreaterThan(1_999);
          }
        },
      ),
    );
  });

  test('what is under the pointer stays there while zooming', () => {
    const view = { fromUs: 10_000_000, toUs: 20_000_000 };
    const zoomed = zoomView(view, 0.5, 12_000_000, hourUs);
    expect(usToX(zoomed, 1000, 12_000_000)).toBeCloseTo(usToX(view, 1000, 12_000_000));
    expect(zoomed.toUs - zoomed.fromUs).toBe(5_000_000);
  });

  test('a view moves for the cursor only when it must', () => {
    const view = { fromUs: 10_000_000, toUs: 20_000_000 };
    expect(revealInView(view, 15_000_000, hourUs)).toBe(view);
    expect(revealInView(view, 25_000_000, hourUs)).toEqual({ fromUs: 23_000_000, toUs: 33_000_000 });
  });

  test('an empty session still has an axis', () => {
    expect(fitView(0)).toEqual({ fromUs: 0, toUs: 2_000 });
    expect(viewAround(5, 5, 10).toUs).toBeGreaterThan(viewAround(5, 5, 10).fromUs);
  });

  test('ticks are round, apart, and show the decimals they need', () => {
    expect(ticksOf({ fromUs: 0, toUs: 41_200_000 }, 1100)).toEqual({
      ticks: [0, 5_000_000, 10_000_000, 15_000_000, 20_000_000, 25_000_000, 30_000_000, 35_000_000, 40_000_000],
      stepUs: 5_000_000,
      decimals: 0,
    });
    expect(ticksOf({ fromUs: 1_000_000, toUs: 1_100_000 }, 1000)).toMatchObject({ stepUs: 10_000, decimals: 2 });
  });
});
