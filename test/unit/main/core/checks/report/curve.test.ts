import fc from 'fast-check';
import { expect, test } from 'vitest';
import { curvePlot } from '../../../../../../main/core/checks/report/curve.ts';

const axes = { label: 'heap', x: 'time, s', y: 'free, bytes' };

/** The least and greatest height that the path reaches. */
function heights(markup: string): number[] {
  const path = /class="curve" d="([^"]*)"/.exec(markup)?.[1] ?? '';
  return [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y));
}

test('a spike of one point in a thousand is drawn as high as it was', () => {
  const points = Array.from({ length: 2000 }, (_, i): [number, number] => [i, i === 777 ? 100 : 0]);
  const drawn = heights(curvePlot(points, axes).html);
  expect(drawn.length).toBeLessThan(2000);
  expect(Math.min(...drawn)).toBe(10);
});

test('whatever the points are, the plot has no place that is no number', () => {
  const any = fc.tuple(fc.oneof(fc.double(), fc.constant(0)), fc.oneof(fc.double({ noNaN: false }), fc.constant(-5)));
  fc.assert(
    fc.property(fc.array(any, { maxLength: 50 }), (points) => {
      expect(curvePlot(points, axes).html).not.toMatch(/NaN|Infinity|undefined/);
    }),
  );
});
