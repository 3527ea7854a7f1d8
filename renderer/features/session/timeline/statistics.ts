import { lowerBound, type Series } from './columns.ts';

/** Of the things of a lane that begin in a range: how many, and how long its spans are, microseconds. Null where it has no spans. */
export interface LaneStatistics {
  marks: number;
  spans: number;
  durations: { sumUs: number; minUs: number; meanUs: number; p50Us: number; p95Us: number; maxUs: number } | null;
  /** Of levels: the greatest. */
  peak: number | null;
}

/** Percentiles are nearest rank: always a duration that was measured. */
export function statisticsOf(lane: readonly Series[], fromUs: number, toUs: number): LaneStatistics {
  let marks = 0;
  let peak: number | null = null;
  const durations: number[] = [];
  for (const series of lane) {
    const from = lowerBound(series.fromUs, series.length, fromUs);
    const to = lowerBound(series.fromUs, series.length, toUs, from);
    if (series.form === 'spans') for (let i = from; i < to; i++) durations.push((series.toUs[i] as number) - (series.fromUs[i] as number));
    else marks += to - from;
    if (series.form === 'levels') for (let i = from; i < to; i++) peak = Math.max(peak ?? 0, series.values[i] as number);
  }
  if (durations.length === 0) return { marks, spans: 0, durations: null, peak };
  const sorted = Float64Array.from(durations).sort();
  const sumUs = sorted.reduce((sum, us) => sum + us, 0);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
  return {
    marks,
    spans: sorted.length,
    durations: {
      sumUs,
      minUs: rank(0),
      meanUs: sumUs / sorted.length,
      p50Us: rank(0.5),
      p95Us: rank(0.95),
      maxUs: rank(1),
    },
    peak,
  };
}
