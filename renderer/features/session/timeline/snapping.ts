import { lowerBound, type Series, spansWithin } from './columns.ts';

/** A stretch that can be measured. */
export interface Stretch {
  fromUs: number;
  toUs: number;
}

/** The edge of a span, or the mark, nearest to `us` within `reachUs`; null where none is. */
export function nearestEdge(lanes: readonly Series[], us: number, reachUs: number): number | null {
  let best: number | null = null;
  let bestDistance = reachUs;
  const take = (edgeUs: number): void => {
    const distance = Math.abs(edgeUs - us);
    if (distance <= bestDistance) [best, bestDistance] = [edgeUs, distance];
  };
  for (const series of lanes) {
    if (series.form === 'levels') continue;
    const at = lowerBound(series.fromUs, series.length, us);
    for (const index of [at - 1, at]) if (index >= 0 && index < series.length) take(series.fromUs[index] as number);
    if (series.form !== 'spans') continue;
    for (const i of spansWithin(series, us - reachUs, us + reachUs)) take(series.toUs[i] as number);
  }
  return best;
}

/** The dead time from the end of one to the beginning of the other; where they overlap, how much they do. */
export function gapBetween(one: Stretch, other: Stretch): { fromUs: number; toUs: number; isOverlap: boolean } {
  const [first, second] =
    one.fromUs < other.fromUs || (one.fromUs === other.fromUs && one.toUs <= other.toUs) ? [one, other] : [other, one];
  if (second.fromUs >= first.toUs) return { fromUs: first.toUs, toUs: second.fromUs, isOverlap: false };
  return { fromUs: second.fromUs, toUs: Math.min(first.toUs, second.toUs), isOverlap: true };
}
