import type { OpenSpan, TimelineSeries } from '../../../../preload/contract/timeline.ts';
import type { Selected } from '../lanes.ts';
import { append, lowerBound, type Series, seriesOf, spansWithin } from './columns.ts';
import { Extremes } from './extremes.ts';

/** A lane as the screen names it: a lane of the contract, one of a port's (`log /dev/ttyUSB0`), a track, or `flash`. */
export type LaneKey = string;

/** Something on a lane that can be selected. `toUs` equals `fromUs` for a mark. */
export interface Thing {
  lane: LaneKey;
  series: Series;
  index: number;
  fromUs: number;
  toUs: number;
  /** On the lane `flash` a place in the list of them. */
  id: number;
}

/** All that is drawn of a session but its sound. Changes are told by `version`. */
export class TimelineModel {
  readonly lanes = new Map<LaneKey, Series[]>();
  open: readonly OpenSpan[] = [];
  version = 0;
  #flashIds: readonly string[] = [];

  add(told: readonly TimelineSeries[]): void {
    for (const each of told) {
      const piece = seriesOf(each);
      const key = keyOf(piece);
      const lane = this.lanes.get(key) ?? [];
      this.lanes.set(key, lane);
      const known = lane.find(({ tone, form }) => tone === piece.tone && form === piece.form);
      if (known === undefined) lane.push(piece);
      else append(known, piece);
    }
    this.version++;
  }

  setOpen(open: readonly OpenSpan[]): void {
    this.open = open;
    this.version++;
  }

  /** Flash jobs, which are few: `ids` are their places in the list. */
  setFlashes(flashes: readonly { jobId: string; atUs: number; elapsedMs: number; state: string }[]): void {
    this.#flashIds = flashes.map(({ jobId }) => jobId);
    this.lanes.delete('flash');
    for (const isGood of [true, false]) {
      const own = [...flashes.keys()].filter((i) => (flashes[i]?.state === 'done') === isGood);
      if (own.length === 0) continue;
      const fromUs = Float64Array.from(own, (i) => flashes[i]?.atUs ?? 0);
      const toUs = Float64Array.from(own, (i) => (flashes[i]?.atUs ?? 0) + (flashes[i]?.elapsedMs ?? 0) * 1000);
      const tone = isGood ? 'device' : 'error';
      const common = { lane: 'device', tone, form: 'spans', port: '', values: new Float32Array(0) } as const;
      const lane = this.lanes.get('flash') ?? [];
      lane.push({ ...common, length: own.length, fromUs, toUs, ids: Uint32Array.from(own), extremes: new Extremes() });
      this.lanes.set('flash', lane);
    }
    this.version++;
  }

  count(lane: LaneKey): number {
    return (this.lanes.get(lane) ?? []).reduce((sum, { length }) => sum + length, 0);
  }

  /** What is under the pointer: a mark within reach before the shortest span that holds it. */
  at(lane: LaneKey, us: number, reachUs: number): Thing | null {
    let best: Thing | null = null;
    let bestScore = Number.POSITIVE_INFINITY;
    for (const series of this.lanes.get(lane) ?? []) {
      for (const index of near(series, us, reachUs)) {
        const fromUs = series.fromUs[index] as number;
        const toUs = series.form === 'spans' ? (series.toUs[index] as number) : fromUs;
        const distance = Math.max(0, fromUs - us, us - toUs);
        if (distance > reachUs) continue;
        const score = distance + (toUs - fromUs) * 1e-6 + (series.form === 'spans' ? reachUs : 0);
        if (score < bestScore) [best, bestScore] = [thingOf(lane, series, index), score];
      }
    }
    return best;
  }

  /** The first thing of a lane that begins after `us`, or the last that begins before it. */
  beside(lane: LaneKey, us: number, step: 1 | -1): Thing | null {
    let best: Thing | null = null;
    for (const series of this.lanes.get(lane) ?? []) {
      if (series.form === 'levels') continue;
      const at = step > 0 ? lowerBound(series.fromUs, series.length, us + 1) : lowerBound(series.fromUs, series.length, us) - 1;
      if (at < 0 || at >= series.length) continue;
      const thing = thingOf(lane, series, at);
      if (best === null || (step > 0 ? thing.fromUs < best.fromUs : thing.fromUs > best.fromUs)) best = thing;
    }
    return best;
  }

  /** Things of a lane that reach into [fromUs, toUs), in order; at most `limit`, and how many there are. */
  within(lane: LaneKey, fromUs: number, toUs: number, limit: number): { things: Thing[]; total: number } {
    const things: Thing[] = [];
    let total = 0;
    for (const series of this.lanes.get(lane) ?? []) {
      const from = lowerBound(series.fromUs, series.length, fromUs);
      const to = lowerBound(series.fromUs, series.length, toUs);
      const reaching = series.form === 'spans' ? [...spansWithin(series, fromUs, fromUs)] : [];
      total += reaching.length + to - from;
      for (const i of reaching.slice(0, limit)) things.push(thingOf(lane, series, i));
      for (let i = from; i < Math.min(to, from + limit); i++) things.push(thingOf(lane, series, i));
    }
    return { things: things.sort((a, b) => a.fromUs - b.fromUs || a.id - b.id).slice(0, limit), total };
  }

  /** Where something selected elsewhere stands. */
  find(selected: Selected): Thing | null {
    if (selected.kind === 'turn') return null;
    for (const [lane, all] of this.lanes) {
      if ((lane === 'flash') !== (selected.kind === 'flash')) continue;
      const isLog = lane.startsWith('log ');
      if (isLog !== (selected.kind === 'log')) continue;
      if (selected.kind === 'log' && lane !== `log ${selected.port}`) continue;
      const id = this.#idOf(selected);
      for (const series of all) {
        const index = series.ids.subarray(0, series.length).indexOf(id);
        if (index >= 0) return thingOf(lane, series, index);
      }
    }
    return null;
  }

  /** What of the selection everywhere a thing is. */
  targetOf({ lane, id, series }: Thing): Selected | null {
    if (lane !== 'flash') return lane.startsWith('log ') ? { kind: 'log', port: series.port, seq: id } : { kind: 'event', ordinal: id };
    const jobId = this.#flashIds[id];
    return jobId === undefined ? null : { kind: 'flash', jobId };
  }

  #idOf(selected: Exclude<Selected, { kind: 'turn' }>): number {
    if (selected.kind === 'flash') return this.#flashIds.indexOf(selected.jobId);
    return selected.kind === 'log' ? selected.seq : selected.ordinal;
  }
}

export function thingOf(lane: LaneKey, series: Series, index: number): Thing {
  const fromUs = series.fromUs[index] as number;
  return {
    lane,
    series,
    index,
    fromUs,
    toUs: series.form === 'spans' ? (series.toUs[index] as number) : fromUs,
    id: series.ids[index] as number,
  };
}

function keyOf({ lane, port }: Series): LaneKey {
  return lane === 'log' ? `log ${port}` : lane;
}

/** Indices around `us`: the marks next to it, and the spans that may hold it. */
function* near(series: Series, us: number, reachUs: number): Generator<number> {
  if (series.form === 'levels') return;
  if (series.form === 'spans') {
    yield* spansWithin(series, us - reachUs, us + reachUs);
    return;
  }
  const at = lowerBound(series.fromUs, series.length, us);
  if (at > 0) yield at - 1;
  if (at < series.length) yield at;
}
