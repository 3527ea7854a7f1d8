import { type LatencyMetric, type LatencyStatistic, latencyMetrics, type StatisticValue } from '../../../preload/contract/latency.ts';
import type { PercentileRow, TurnRecord } from '../../../preload/contract/sessions.ts';
import { gatheredValues, type MeasuredTurn, measured, type Sample } from './metrics.ts';
import { placeRanks } from './select.ts';

export { isCensored } from './metrics.ts';

const summaryPercents = [50, 90, 95, 99] as const;

/** Under so many values a percentile is to be read with care (reference/desktop.md §2.5). */
const FEW = 20;

/** Nearest rank: the smallest value that at least `percent` % of them do not exceed. Null for no values. */
export function nearestRank(sorted: ArrayLike<number>, percent: number): number | null {
  return sorted[rankOf(percent, sorted.length) - 1] ?? null;
}

/** From 1. Multiplied first: 95 × 20 / 100 is exactly 19, 0.95 × 20 need not be. */
export function rankOf(percent: number, count: number): number {
  return Math.max(1, Math.ceil((percent * count) / 100));
}

/** So many values a percentile takes: with fewer the 99th is the maximum by another name (reference/voice.md §2.5). */
export function leastCountFor(percent: number): number {
  return percent < 99 || percent === 100 ? 1 : Math.ceil(Number((100 / (100 - percent)).toFixed(6)));
}

/** Nearest rank where the censored are slower than any value. A rank that falls among them has no number. */
export function percentileOf({ sorted, censored }: Sample, percent: number): StatisticValue {
  if (sorted.length + censored === 0) return { ms: null, reason: 'no-values' };
  if (sorted.length < leastCountFor(percent)) return { ms: null, reason: sorted.length === 0 ? 'censored' : 'too-few' };
  const value = sorted[rankOf(percent, sorted.length + censored) - 1];
  return value === undefined ? { ms: null, reason: 'censored' } : { ms: value, reason: null };
}

/** What every statistic of a sample has, whatever it is a sample of. */
export function summaryOf(sample: Sample): Omit<LatencyStatistic, 'metric'> {
  const { sorted, censored } = sample;
  const n = sorted.length;
  return {
    n,
    censored,
    isFew: n < FEW,
    mean: meanOf(sample),
    p50: percentileOf(sample, 50),
    p90: percentileOf(sample, 90),
    p95: percentileOf(sample, 95),
    p99: percentileOf(sample, 99),
    max: sorted.at(-1) ?? null,
  };
}

/** Of the values alone; the censored have none, so a mean beside many of them flatters. */
export function meanOf({ sorted }: Sample): number | null {
  let sum = 0;
  for (const value of sorted) sum += value;
  return sorted.length === 0 ? null : sum / sorted.length;
}

/** In order only where a summary looks: at its ranks and the end, which takes a third of the time. */
function samplesForSummary(turns: readonly MeasuredTurn[]): (readonly [LatencyMetric, Sample])[] {
  return gatheredValues(turns).map(({ values, censored }, place) => {
    placeRanks(values, [...summaryPercents.map((percent) => rankOf(percent, values.length + censored) - 1), values.length - 1]);
    return [latencyMetrics[place] as LatencyMetric, { sorted: values, censored }];
  });
}

/** Every metric that some turn has, or should have had. */
export function statisticsOf(turns: readonly MeasuredTurn[]): LatencyStatistic[] {
  return samplesForSummary(turns).flatMap(([metric, sample]) =>
    sample.sorted.length + sample.censored === 0 ? [] : [{ metric, ...summaryOf(sample) }],
  );
}

/** Every metric of `latencyMetrics`, also those nobody has. Of `sessions.latency`; null where a percentile has no number. */
export function latencyPercentiles(turns: readonly TurnRecord[]): PercentileRow[] {
  return samplesForSummary(turns.map(measured)).map(([metric, sample]) => percentileRow(metric, sample));
}

export function percentileRow(key: string, sample: Sample): PercentileRow {
  const { n, censored, p50, p90, p95, p99, max } = summaryOf(sample);
  return { key, n, censored, p50: p50.ms, p90: p90.ms, p95: p95.ms, p99: p99.ms, max };
}
