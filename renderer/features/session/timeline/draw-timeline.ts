import type { TurnRecord } from '../../../../preload/contract/sessions.ts';
import type { PeakTrack } from '../../../../preload/contract/timeline.ts';
import { usToX } from '../../../lib/time-axis.ts';
import { type Drawing, drawAxis } from '../timeline-drawing.ts';
import type { Series } from './columns.ts';
import { drawLevels, drawMarks, drawOpen, drawOutline, drawPeaks, drawSpans, type Place } from './draw-lanes.ts';
import type { Labels } from './labels.ts';
import { axisHeight, type Row } from './lane-places.ts';
import type { Thing, TimelineModel } from './model.ts';
import type { TrackPeaks } from './peaks.ts';

export interface TimelinePicture {
  model: TimelineModel;
  peaks: TrackPeaks | null;
  labels: Labels;
  rows: readonly Row[];
  pinnedHeight: number;
  scrollTop: number;
  height: number;
  durationUs: number;
  /** The turn that is selected, and the thing. */
  turn: TurnRecord | null;
  thing: Thing | null;
  focused: string | null;
  /** Of a search: only these are drawn strongly. */
  found: ReadonlyMap<string, readonly Series[]> | null;
  flashNames: readonly string[];
  stateName(state: string): string;
}

/** All of what is seen but its words. Pinned rows stand still and cover what scrolls beneath them. */
export function drawTimeline(drawing: Drawing, picture: TimelinePicture): void {
  const { pixels, width, palette, view } = drawing;
  const { rows, pinnedHeight, scrollTop, height, turn } = picture;
  pixels.clear(palette.panel);
  if (turn !== null) {
    const from = Math.round(usToX(view, width, turn.startedUs));
    const to = Math.round(usToX(view, width, turn.endedUs ?? picture.durationUs));
    pixels.fill(from, 0, Math.max(1, to - from), height, palette.selected);
  }
  drawAxis(drawing, height);
  pixels.top = pinnedHeight;
  for (const row of rows) if (!row.isPinned) drawRow(drawing, picture, row, Math.round(row.top - scrollTop));
  pixels.top = 0;
  for (const row of rows) if (row.isPinned) drawRow(drawing, picture, row, row.top);
  if (pinnedHeight > axisHeight) pixels.fill(0, pinnedHeight - 1, width, 1, palette.accent, 0.5);
}

function drawRow(drawing: Drawing, picture: TimelinePicture, row: Row, top: number): void {
  const { pixels, width, palette } = drawing;
  if (top + row.height < axisHeight || top > picture.height) return;
  const place = { top, height: row.height, isPinned: row.isPinned };
  if (row.kind === 'group') {
    pixels.fill(0, top, width, row.height, palette.raised);
    return;
  }
  if (row.key === picture.focused) pixels.fill(0, top, width, row.height, palette.raised, 0.35);
  pixels.fill(0, top + row.height, width, 1, palette.line);
  if (row.name === 'uplink' || row.name === 'uplink-denoised' || row.name === 'downlink') {
    const peaks = picture.peaks?.columns(row.name satisfies PeakTrack, drawing.view, width);
    if (peaks !== undefined) drawPeaks(drawing, place, peaks, palette.tones[row.name === 'downlink' ? 'agent' : 'user']);
    return;
  }
  drawLane(drawing, picture, row.key, place);
}

function drawLane(drawing: Drawing, picture: TimelinePicture, lane: string, place: Place): void {
  const { model, labels, found, thing, durationUs } = picture;
  const all = model.lanes.get(lane) ?? [];
  const matching = found?.get(lane) ?? null;
  if (found !== null) for (const series of all) if (series.form === 'marks') drawMarks(drawing, place, series, 0.22);
  const shown = found === null ? all : (matching ?? []);
  const text = (series: Series) => (index: number) => labelText(picture, labels, lane, series, index);
  for (const series of shown) if (series.form === 'spans') drawSpans(drawing, place, series, text(series));
  for (const span of model.open) if (span.lane === lane) drawOpen(drawing, place, span, durationUs);
  for (const series of shown) {
    if (series.form === 'marks') drawMarks(drawing, place, series);
    if (series.form === 'levels') drawLevels(drawing, place, series);
  }
  if (thing !== null && thing.lane === lane) drawOutline(drawing, place, thing.fromUs, thing.toUs);
}

/** Undefined while it is on its way. */
export function labelText(
  picture: Pick<TimelinePicture, 'stateName' | 'flashNames'>,
  labels: Labels,
  lane: string,
  series: Series,
  index: number,
): string | undefined {
  const id = series.ids[index] as number;
  if (lane === 'flash') return picture.flashNames[id] ?? '';
  const text = labels.of(lane.startsWith('log ') ? 'row' : 'event', id);
  return text !== undefined && lane === 'state' ? picture.stateName(text) : text;
}
