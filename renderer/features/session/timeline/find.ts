import type { Series } from './columns.ts';
import { lowerBound } from './columns.ts';
import { Extremes } from './extremes.ts';
import type { LaneKey, TimelineModel } from './model.ts';

/** Events that a search found, in order. */
export interface Found {
  ids: Uint32Array;
  fromUs: Float64Array;
  hasMore: boolean;
}

export function foundOf(reply: { ids: Uint8Array; fromUs: Uint8Array; hasMore: boolean }): Found {
  return {
    ids: new Uint32Array(reply.ids.slice().buffer),
    fromUs: new Float64Array(reply.fromUs.slice().buffer),
    hasMore: reply.hasMore,
  };
}

/** Of each lane what was found. Log rows have numbers of their own and are searched in their panel. */
export function foundLanes(model: TimelineModel, { ids }: Found): Map<LaneKey, Series[]> {
  const lanes = new Map<LaneKey, Series[]>();
  for (const [key, all] of model.lanes) {
    if (key.startsWith('log ') || key === 'flash') continue;
    const own = all.map((series) => picked(series, ids)).filter(({ length }) => length > 0);
    if (own.length > 0) lanes.set(key, own);
  }
  return lanes;
}

function picked(series: Series, ids: Uint32Array): Series {
  const at: number[] = [];
  for (let i = 0; i < series.length; i++) {
    const id = series.ids[i] as number;
    const place = lowerBound(ids, ids.length, id);
    if (ids[place] === id) at.push(i);
  }
  return {
    ...series,
    length: at.length,
    fromUs: Float64Array.from(at, (i) => series.fromUs[i] as number),
    toUs: series.form === 'spans' ? Float64Array.from(at, (i) => series.toUs[i] as number) : series.toUs,
    values: series.form === 'levels' ? Float32Array.from(at, (i) => series.values[i] as number) : series.values,
    ids: Uint32Array.from(at, (i) => series.ids[i] as number),
    extremes: new Extremes(),
  };
}

/** The place of the match after or before where one is, round and round; −1 where there is none. */
export function stepMatch(found: Found, at: number, step: 1 | -1, cursorUs: number): number {
  const count = found.ids.length;
  if (count === 0) return -1;
  if (at >= 0) return (at + step + count) % count;
  const next = found.fromUs.findIndex((us) => us >= cursorUs);
  if (step > 0) return Math.max(0, next);
  return next <= 0 ? count - 1 : next - 1;
}
