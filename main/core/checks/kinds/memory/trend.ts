/** A straight line through points by the median of all slopes between two of them (Theil and Sen): a few peaks do not bend it. */
interface Trend {
  slope: number;
  /** Where the slope is with a certainty of 95 % (Sen 1968, by the variance of Kendall's S). */
  low: number;
  high: number;
}

const STANDARD_ERRORS_95 = 1.96;
/** Slopes between so many points are 31,000: more tell no more. */
const MOST_POINTS = 250;
const LEAST_POINTS = 8;

/** Null for too few points. x rises. */
export function trendOf(points: readonly (readonly [x: number, y: number])[]): Trend | null {
  const few = thinned(points);
  if (few.length < LEAST_POINTS) return null;
  const slopes: number[] = [];
  for (const [index, [x, y]] of few.entries())
    for (const [otherX, otherY] of few.slice(index + 1)) if (otherX > x) slopes.push((otherY - y) / (otherX - x));
  if (slopes.length === 0) return null;
  slopes.sort((first, second) => first - second);
  const spread = STANDARD_ERRORS_95 * Math.sqrt(varianceOfS(few.map(([, y]) => y)));
  const at = (rank: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(rank)))] ?? 0;
  return {
    slope: median(slopes),
    low: at((slopes.length - spread) / 2 - 1),
    high: at((slopes.length + spread) / 2),
  };
}

/** Ties (a heap that says the same for long) make S vary less. */
function varianceOfS(values: readonly number[]): number {
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  const term = (count: number) => count * (count - 1) * (2 * count + 5);
  return (term(values.length) - [...ties.values()].reduce((sum, count) => sum + term(count), 0)) / 18;
}

/** Medians of neighbours, in the middle of their x. */
function thinned(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const each = Math.ceil(points.length / MOST_POINTS);
  if (each <= 1) return [...points];
  const groups: (readonly [number, number])[] = [];
  for (let from = 0; from < points.length; from += each) {
    const group = points.slice(from, from + each);
    groups.push([median(sorted(group.map(([x]) => x))), median(sorted(group.map(([, y]) => y)))]);
  }
  return groups;
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((first, second) => first - second);
}

/** Of values in order. */
function median(values: readonly number[]): number {
  const middle = values.length >> 1;
  const high = values[middle] ?? 0;
  return values.length % 2 === 1 ? high : ((values[middle - 1] ?? high) + high) / 2;
}
