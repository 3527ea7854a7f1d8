import type { Sample } from './metrics.ts';

/** Steps a curve is drawn with at most: about what a plot has columns. */
const MOST_STEPS = 600;

export interface CdfPoint {
  ms: number;
  /** Of the values and the censored together: censored turns keep the last step under 1. */
  share: number;
}

/** The empirical distribution, ascending, one step a distinct value (of many values, evenly chosen ones and the last). */
export function cdfOf({ sorted, censored }: Sample, mostSteps = MOST_STEPS): CdfPoint[] {
  const total = sorted.length + censored;
  const stride = Math.max(1, Math.ceil(sorted.length / mostSteps));
  const points: CdfPoint[] = [];
  let told = 0;
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i] ?? 0;
    const isLast = i === sorted.length - 1;
    // A value that many turns share ends where it ends, which need not be at a stride's end: its step is told once it has passed one.
    if (!isLast && (sorted[i + 1] === value || Math.floor((i + 1) / stride) === Math.floor(told / stride))) continue;
    told = i + 1;
    points.push({ ms: value, share: told / total });
  }
  return points;
}

export interface Histogram {
  fromMs: number;
  bucketMs: number;
  counts: number[];
  /** Values over the last bucket's end. */
  beyond: number;
}

/** The values of all samples lie in it; from 0 to 0 without any. */
export function rangeOf(samples: readonly Sample[]): { fromMs: number; toMs: number } {
  const known = samples.filter(({ sorted }) => sorted.length > 0);
  if (known.length === 0) return { fromMs: 0, toMs: 0 };
  return {
    fromMs: Math.min(...known.map(({ sorted }) => sorted[0] ?? 0)),
    toMs: Math.max(...known.map(({ sorted }) => sorted.at(-1) ?? 0)),
  };
}

/** Equal buckets over the range; its end belongs to the last. No values: no buckets. A range without extent: one. */
export function histogramOf({ sorted }: Sample, buckets: number, { fromMs, toMs }: { fromMs: number; toMs: number }): Histogram {
  const range = toMs - fromMs;
  if (sorted.length === 0) return { fromMs, bucketMs: 0, counts: [], beyond: 0 };
  const counts = new Array<number>(range > 0 ? buckets : 1).fill(0);
  let beyond = 0;
  for (const value of sorted) {
    if (value > toMs) {
      beyond++;
      continue;
    }
    const bucket = range > 0 ? Math.max(0, Math.min(buckets - 1, Math.floor(((value - fromMs) / range) * buckets))) : 0;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return { fromMs, bucketMs: Math.max(0, range) / buckets, counts, beyond };
}
