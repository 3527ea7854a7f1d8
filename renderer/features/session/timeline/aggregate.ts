import type { TimeView } from '../../../lib/time-axis.ts';
import { lowerBound, type Series, spansWithin } from './columns.ts';

/**
 * How many marks fall into each column of pixels: none is left out, however many there are. The time it takes follows from the width,
 * not from how many there are.
 */
export function countMarks(series: Series, view: TimeView, width: number, into: Uint32Array): void {
  const usPerPixel = (view.toUs - view.fromUs) / width;
  const { fromUs, length } = series;
  let at = lowerBound(fromUs, length, view.fromUs);
  for (let x = 0; x < width; x++) {
    const edgeUs = x === width - 1 ? view.toUs : view.fromUs + (x + 1) * usPerPixel;
    const next = seek(fromUs, length, edgeUs, at);
    into[x] = next - at;
    at = next;
  }
}

/** `lowerBound` from a place that is likely to be near. */
function seek(column: Float64Array, length: number, value: number, from: number): number {
  let step = 1;
  let low = from;
  while (low < length && (column[low] as number) < value) {
    if (low + step >= length || (column[low + step] as number) >= value)
      return lowerBound(column, Math.min(length, low + step), value, low + 1);
    low += step;
    step *= 2;
  }
  return low;
}

/** A span as it is drawn, or several that are too short to be told apart. Pixels. */
export interface SpanBox {
  x: number;
  width: number;
  /** Of the first; −1 for a span that has not ended. */
  index: number;
  count: number;
}

/** Narrower spans that follow each other at once are one box. */
const narrowPx = 2;

/** More spans than that beginning in one column of pixels are not looked at one by one. */
const fewSpans = 8;

/** Spans that reach into a view, as boxes; each is in one of them. The time it takes follows from the width. */
export function boxesOf(series: Series, view: TimeView, width: number): SpanBox[] {
  const { fromUs, toUs, length, extremes } = series;
  const pxPerUs = width / (view.toUs - view.fromUs);
  const boxes: SpanBox[] = [];
  let last: SpanBox | null = null;
  const put = (index: number, endUs: number, count: number): void => {
    const x = ((fromUs[index] as number) - view.fromUs) * pxPerUs;
    const wide = (endUs - (fromUs[index] as number)) * pxPerUs;
    if (last !== null && wide < narrowPx && last.width < narrowPx * 2 && x - (last.x + last.width) < 0.5) {
      last.count += count;
      last.width = Math.max(last.width, x + wide - last.x);
    } else {
      last = { x, width: wide, index, count };
      boxes.push(last);
    }
  };
  const begun = lowerBound(fromUs, length, view.fromUs);
  const end = lowerBound(fromUs, length, view.toUs, begun);
  for (const i of spansWithin(series, view.fromUs, view.fromUs)) put(i, toUs[i] as number, 1);
  for (let at = begun; at < end; ) {
    const edgeUs = view.fromUs + (Math.floor(((fromUs[at] as number) - view.fromUs) * pxPerUs) + 1) / pxPerUs;
    if (at + fewSpans >= end || (fromUs[at + fewSpans] as number) >= edgeUs) {
      put(at, toUs[at] as number, 1);
      at++;
      continue;
    }
    const next = Math.min(end, seek(fromUs, length, edgeUs, at + fewSpans));
    extremes.look(toUs, length, at, next);
    put(at, extremes.greatest, next - at);
    at = next;
  }
  return boxes;
}

/** How strongly a column of so many marks is drawn: one can be seen, a thousand cannot be taken for one. */
export function shadeOf(count: number): number {
  return count === 0 ? 0 : Math.min(1, 0.5 + Math.log2(count) * 0.07);
}

/** Least and greatest level in each column of pixels, holding the last one where none is; NaN before the first. */
export function levelsOf(series: Series, view: TimeView, width: number): { low: Float32Array; high: Float32Array } {
  const low = new Float32Array(width).fill(Number.NaN);
  const high = new Float32Array(width).fill(Number.NaN);
  const usPerPixel = (view.toUs - view.fromUs) / width;
  const { fromUs, length, values, extremes } = series;
  let at = lowerBound(fromUs, length, view.fromUs);
  let held = at === 0 ? Number.NaN : (values[at - 1] as number);
  for (let x = 0; x < width; x++) {
    const next = seek(fromUs, length, view.fromUs + (x + 1) * usPerPixel, at);
    [low[x], high[x]] = [held, held];
    if (next === at) continue;
    extremes.look(values, length, at, next);
    // What is held from before is seen in a column as well, where there is any.
    if (!(held <= extremes.least)) low[x] = extremes.least;
    if (!(held >= extremes.greatest)) high[x] = extremes.greatest;
    held = values[next - 1] as number;
    at = next;
  }
  return { low, high };
}
