import type { LatencyDifference } from '../../../preload/contract/latency.ts';
import type { Sample } from './metrics.ts';
import { percentileOf, rankOf } from './percentiles.ts';

const RESAMPLES = 4000;
/** Of the 95 % interval. */
const TAILS = [0.025, 0.975] as const;
/** Fewer measured turns than this on either side say nothing about a median … */
const LEAST_FOR_MEDIAN = 10;
/** … and a percentile wants at least one value beyond it. */
const leastFor = (percent: number) => Math.max(LEAST_FOR_MEDIAN, Math.ceil(Number((100 / (100 - percent)).toFixed(6))));

/**
 * How much slower `b` is than `a` at a percentile, with the percentile bootstrap's 95 % interval (negative: b is faster). The
 * same samples give the same interval.
 *
 * Nothing is resampled value by value: of a resample of n, the k-th smallest is the original at ⌊U·n⌋, where U is the k-th
 * smallest of n uniform numbers, which is Beta(k, n − k + 1). One draw stands for a whole resample, exactly.
 */
export function differenceOf(a: Sample, b: Sample, percent: number): Omit<LatencyDifference, 'metric' | 'statistic'> {
  const [atA, atB] = [percentileOf(a, percent), percentileOf(b, percent)];
  const difference = atA.ms === null || atB.ms === null ? null : atB.ms - atA.ms;
  const known = { a: atA, b: atB, difference };
  if (Math.min(a.sorted.length, b.sorted.length) < leastFor(percent)) return { ...known, low: null, high: null, verdict: 'too-few' };
  const random = uniformNumbers(20_250_101);
  const differences = new Float64Array(RESAMPLES);
  for (let i = 0; i < RESAMPLES; i++) differences[i] = minus(resampled(b, percent, random), resampled(a, percent, random));
  differences.sort();
  const [low, high] = TAILS.map((tail) => differences[Math.round(tail * (RESAMPLES - 1))] ?? 0);
  if (low === undefined || high === undefined) throw new Error('an interval has two ends');
  const verdict = high < 0 ? 'b-faster' : low > 0 ? 'b-slower' : 'undecided';
  return { ...known, low: finite(low), high: finite(high), verdict };
}

/** The percentile of one resample; infinite when it falls among the censored. */
function resampled({ sorted, censored }: Sample, percent: number, random: () => number): number {
  const n = sorted.length + censored;
  const rank = rankOf(percent, n);
  const index = Math.min(n - 1, Math.floor(beta(rank, n - rank + 1, random) * n));
  return sorted[index] ?? Number.POSITIVE_INFINITY;
}

/** Both never answered: no difference. */
function minus(b: number, a: number): number {
  return a === b ? 0 : b - a;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function beta(alpha: number, betaShape: number, random: () => number): number {
  const one = gamma(alpha, random);
  return one / (one + gamma(betaShape, random));
}

/** Marsaglia and Tsang 2000, for shapes of 1 and more. */
function gamma(shape: number, random: () => number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Mulberry32, [0, 1). */
export function uniformNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
