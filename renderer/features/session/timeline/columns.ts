import type { TimelineLane, TimelineSeries, TimelineTone } from '../../../../preload/contract/timeline.ts';
import { Extremes } from './extremes.ts';

/** A series of the contract as columns that grow: `length` of their numbers count, in order of `fromUs`. */
export interface Series {
  readonly lane: TimelineLane;
  readonly tone: TimelineTone;
  readonly form: TimelineSeries['form'];
  readonly port: string;
  length: number;
  fromUs: Float64Array;
  /** Of spans; otherwise empty. */
  toUs: Float64Array;
  /** Of levels; otherwise empty. */
  values: Float32Array;
  ids: Uint32Array;
  /** Of where spans end, or of how high levels are. */
  readonly extremes: Extremes;
}

type Numbers = Float64Array | Float32Array | Uint32Array;

export function seriesOf(told: TimelineSeries): Series {
  const fromUs = doubles(told.fromUs);
  return {
    lane: told.lane,
    tone: told.tone,
    form: told.form,
    port: told.port ?? '',
    length: fromUs.length,
    fromUs,
    toUs: told.toUs === undefined ? new Float64Array(0) : doubles(told.toUs),
    values: told.values === undefined ? new Float32Array(0) : new Float32Array(aligned(told.values)),
    ids: new Uint32Array(aligned(told.ids)),
    extremes: new Extremes(),
  };
}

/** Puts a later piece of the same series to it; what of it is earlier than what is there finds its place. */
export function append(series: Series, piece: Series): void {
  if (piece.length === 0) return;
  const first = piece.fromUs[0] as number;
  const overlap = lowerBound(series.fromUs, series.length, first);
  const tail = series.length - overlap;
  const length = series.length + piece.length;
  const order = tail === 0 ? null : mergeOrder(series.fromUs.subarray(overlap, series.length), piece.fromUs);
  const put = <Column extends Numbers>(column: Column, more: Column): Column => {
    if (more.length === 0) return column;
    const into = column.length >= length ? column : grown(column, length);
    if (order === null) {
      into.set(more, series.length);
      return into;
    }
    const before = column.slice(overlap, series.length);
    for (let i = 0; i < order.length; i++) {
      const at = order[i] as number;
      into[overlap + i] = (at < tail ? before[at] : more[at - tail]) as number;
    }
    return into;
  };
  const fromUs = put(series.fromUs, piece.fromUs);
  series.toUs = put(series.toUs, piece.toUs);
  series.values = put(series.values, piece.values);
  series.ids = put(series.ids, piece.ids);
  series.fromUs = fromUs;
  series.length = length;
  series.extremes.cut(overlap);
}

/** Places of spans that begin before `toUs` and end at `fromUs` or later, however long they are. */
export function* spansWithin(series: Series, fromUs: number, toUs: number): Generator<number> {
  const { length, extremes } = series;
  const end = lowerBound(series.fromUs, length, toUs);
  for (let i = extremes.next(series.toUs, length, 0, end, fromUs); i < end; i = extremes.next(series.toUs, length, i + 1, end, fromUs))
    yield i;
}

/** The first index whose number is `value` or more, from `low` on. */
export function lowerBound(column: Numbers, length: number, value: number, low = 0): number {
  let from = low;
  let to = length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((column[middle] as number) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Places in one list after the other, in order of their numbers; of equal ones the first list's come first. */
function mergeOrder(one: Numbers, other: Numbers): Uint32Array {
  const order = new Uint32Array(one.length + other.length);
  for (let i = 0, j = 0; i + j < order.length; ) {
    const takesOne = j >= other.length || (i < one.length && (one[i] as number) <= (other[j] as number));
    order[i + j] = takesOne ? i : one.length + j;
    if (takesOne) i++;
    else j++;
  }
  return order;
}

function grown<Column extends Numbers>(column: Column, length: number): Column {
  const larger = new (column.constructor as new (length: number) => Column)(Math.max(length, Math.ceil(length * 1.5)));
  larger.set(column);
  return larger;
}

function doubles(bytes: Uint8Array): Float64Array {
  return new Float64Array(aligned(bytes));
}

/** Columns need a buffer that begins where they do; what came over a socket may stand anywhere. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer;
}
