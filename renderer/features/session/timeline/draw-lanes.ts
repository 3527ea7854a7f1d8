import type { OpenSpan } from '../../../../preload/contract/timeline.ts';
import { usToX } from '../../../lib/time-axis.ts';
import type { Drawing, Label } from '../timeline-drawing.ts';
import { boxesOf, countMarks, levelsOf, type SpanBox, shadeOf } from './aggregate.ts';
import type { Series } from './columns.ts';
import { type Colour, mix } from './pixels.ts';

/** Where a lane is drawn: its row within what is seen. */
export interface Place {
  top: number;
  height: number;
  isPinned: boolean;
}

/** Shades that are told apart; columns of one shade are filled together. */
const SHADES = 8;

let counts = new Uint32Array(0);

/** Marks of a lane: up, down and quiet ones have a half of it each, so that they are told apart by place as well as by colour. */
export function drawMarks({ pixels, width, view, palette }: Drawing, place: Place, series: Series, strength = 1): void {
  if (counts.length < width) counts = new Uint32Array(width);
  countMarks(series, view, width, counts);
  const isLow = series.tone === 'down' || series.tone === 'quiet';
  const isHalf = isLow || series.tone === 'up';
  const top = Math.round(place.top + (isLow ? place.height / 2 : 1));
  const bottom = Math.round(place.top + (isHalf && !isLow ? place.height / 2 - 1 : place.height - (isHalf ? 2 : 1)));
  const colour = palette.tones[series.tone];
  let run = 0;
  let last = 0;
  for (let x = 0; x <= width; x++) {
    const shade = x < width ? shadeStep(counts[x] as number) : 0;
    if (shade === last) continue;
    if (last > 0) pixels.fill(run, top, Math.max(2, x - run), bottom - top, colour, (last / SHADES) * strength);
    run = x;
    last = shade;
  }
}

/** Of counts as they mostly are; greater ones have the strongest. */
const shadeSteps = Uint8Array.from({ length: 256 }, (_, count) => Math.ceil(shadeOf(count) * SHADES));

function shadeStep(count: number): number {
  return count < shadeSteps.length ? (shadeSteps[count] as number) : SHADES;
}

/** A step plot: the band between the least and the greatest of each column. */
export function drawLevels({ pixels, width, view, palette }: Drawing, place: Place, series: Series): void {
  const { low, high } = levelsOf(series, view, width);
  let greatest = 1;
  for (const value of high) if (value > greatest) greatest = value;
  const scale = (place.height - 3) / greatest;
  const bottom = Math.round(place.top + place.height - 1);
  const colour = palette.tones[series.tone];
  let run = { x: 0, top: Number.NaN, edge: Number.NaN };
  for (let x = 0; x <= width; x++) {
    const top = x < width ? bottom - Math.round((high[x] as number) * scale) : Number.NaN;
    const edge = x < width ? Math.max(top + 1, bottom - Math.round((low[x] as number) * scale)) : Number.NaN;
    // Before the first level there is none.
    if (Object.is(top, run.top) && Object.is(edge, run.edge)) continue;
    if (run.edge > run.top) {
      pixels.fill(run.x, run.edge, x - run.x, bottom - run.edge, colour, 0.35);
      pixels.fill(run.x, run.top, x - run.x, run.edge - run.top, colour);
    }
    run = { x, top, edge };
  }
}

export function drawSpans(drawing: Drawing, place: Place, series: Series, labelOf: (index: number) => string | undefined): void {
  const { view, width } = drawing;
  let run = { from: 0, to: 0, strength: 0 };
  const endRun = (): void => {
    if (run.to > run.from) fillBox(drawing, place, series, run.from, run.to - run.from, run.strength);
    run = { from: 0, to: 0, strength: 0 };
  };
  for (const box of boxesOf(series, view, width)) {
    const strength = strengthOf(series, box);
    const from = Math.round(box.x);
    const to = from + Math.max(1, Math.round(box.width));
    if (box.width >= narrowPx) {
      endRun();
      drawWide(drawing, place, series, box, strength, labelOf);
      continue;
    }
    if (from > run.to || from < run.from || strength !== run.strength) endRun();
    run = { from: run.to > run.from ? run.from : from, to: Math.max(run.to, to), strength };
  }
  endRun();
}

/** Narrower boxes are filled together with their neighbours: there may be thousands, one over the other. */
const narrowPx = 8;

function strengthOf(series: Series, { count }: SpanBox): number {
  if (series.tone === 'quiet') return 0.4;
  return count > 1 ? 0.55 + 0.45 * (Math.ceil(shadeOf(count) * SHADES) / SHADES - 0.5) : 0.85;
}

function fillBox({ pixels, palette }: Drawing, place: Place, series: Series, from: number, length: number, strength: number): void {
  const colour = palette.tones[series.tone];
  if (series.tone === 'unheard') pixels.hatch(from, place.top + 1, length, place.height - 2, colour, strength);
  else pixels.fill(from, place.top + 1, length, place.height - 2, colour, strength);
}

function drawWide(
  drawing: Drawing,
  place: Place,
  series: Series,
  box: SpanBox,
  strength: number,
  labelOf: (index: number) => string | undefined,
): void {
  const { pixels, width, palette } = drawing;
  const from = Math.round(Math.max(-2, box.x));
  const length = Math.round(Math.min(width + 2, box.x + box.width)) - from;
  const top = place.top + 1;
  const height = place.height - 2;
  const isUnheard = series.tone === 'unheard';
  const middle = top + height / 2 + 0.5;
  cover(drawing.labels, middle, from, from + length);
  if (isUnheard) {
    fillBox(drawing, place, series, from, length, strength);
    pixels.outline(from, top, length, height, 1, palette.tones.unheard);
  } else {
    // What follows at once is told from it by its pale edge.
    fillBox(drawing, place, series, from, length - 1, strength);
    fillBox(drawing, place, series, from + length - 1, 1, strength / 2);
  }
  if (box.count > 1 || length < 30) return;
  const text = labelOf(box.index);
  if (text === undefined || text === '') return;
  const isPale = series.tone === 'quiet' || isUnheard;
  drawing.labels.push({ text, x: from, y: middle, length, isPale, isCut: !place.isPinned });
}

/** A box takes the room of the labels beneath it; those of a row come one after the other. */
function cover(labels: Label[], y: number, from: number, to: number): void {
  for (let i = labels.length - 1; i >= 0; i--) {
    const label = labels[i] as Label;
    if (label.y !== y) return;
    if (label.x >= to || label.x + label.length <= from) continue;
    if (label.x < from) label.length = from - label.x;
    else labels.splice(i, 1);
  }
}

/** A span that has not ended: to the end of what is recorded, open on its right. */
export function drawOpen(drawing: Drawing, place: Place, span: OpenSpan, endUs: number): void {
  const { pixels, view, width, palette } = drawing;
  const from = Math.round(Math.max(-2, usToX(view, width, span.fromUs)));
  const to = Math.max(from + 2, Math.round(Math.min(width + 2, usToX(view, width, endUs))));
  if (to < 0 || from > width) return;
  for (let x = Math.max(0, from); x < Math.min(width, to); x++) {
    const colour = mix(palette.tones[span.tone], palette.raised, (x - from) / (to - from));
    pixels.fill(x, place.top + 1, 1, place.height - 2, colour, 0.7);
  }
}

export function drawOutline({ pixels, view, width, palette }: Drawing, place: Place, fromUs: number, toUs: number): void {
  const from = Math.round(Math.max(-4, usToX(view, width, fromUs)));
  const to = Math.round(Math.min(width + 4, usToX(view, width, toUs)));
  if (to < 0 || from > width) return;
  pixels.outline(from - 2, place.top, Math.max(6, to - from + 4), place.height, 2, palette.accent);
}

export function drawPeaks(drawing: Drawing, place: Place, peaks: { low: Int8Array; high: Int8Array }, colour: Colour): void {
  const { pixels, width, palette } = drawing;
  const middle = place.top + place.height / 2;
  const scale = (place.height / 2 - 2) / 127;
  pixels.fill(0, Math.round(middle), width, 1, palette.line);
  const { low, high } = peaks;
  for (let x = 0; x < width; x++) {
    if (low[x] === 0 && high[x] === 0) continue;
    const top = Math.round(middle - (high[x] as number) * scale);
    const bottom = Math.max(top + 1, Math.round(middle - (low[x] as number) * scale));
    pixels.fill(x, top, 1, bottom - top, colour);
  }
}
