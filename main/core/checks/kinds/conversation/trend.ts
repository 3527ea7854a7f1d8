import { medianOf } from './numbers.ts';

export type Point = readonly [x: number, y: number];

/** How much higher the last third lies than the first, by their medians: one slow turn is no trend. Undefined of fewer than nine. */
export function riseOf(points: readonly Point[]): number | undefined {
  if (points.length < 9) return undefined;
  const third = Math.floor(points.length / 3);
  const median = (some: readonly Point[]) => medianOf(some.map(([, y]) => y)) ?? 0;
  return median(points.slice(-third)) - median(points.slice(0, third));
}

/** At most so many of them, evenly chosen, the last one among them. */
export function thinned(points: readonly Point[], most: number): [number, number][] {
  const stride = Math.max(1, Math.ceil(points.length / most));
  return points.filter((_, i) => (points.length - 1 - i) % stride === 0).map(([x, y]) => [x, y]);
}
