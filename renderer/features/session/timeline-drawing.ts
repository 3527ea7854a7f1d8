import type { TrackPeaks } from '../../../preload/contract/sessions.ts';
import { instantText } from '../../lib/quantities.ts';
import { type TimeView, ticksOf, usToX } from '../../lib/time-axis.ts';
import type { LaneItem, Lanes, Selected, SpanLane, Tone } from './lanes.ts';

export type LaneName = 'uplink' | 'downlink' | SpanLane;

export interface LanePlace {
  name: LaneName;
  top: number;
  height: number;
}

export const axisHeight = 22;

const heights: Partial<Record<LaneName, number>> = { uplink: 42, downlink: 42, transcript: 20, state: 20, tts: 20 };

export function placeLanes(names: readonly LaneName[]): { places: LanePlace[]; height: number } {
  let top = axisHeight;
  const places = names.map((name) => {
    const place = { name, top, height: heights[name] ?? 18 };
    top += place.height + 1;
    return place;
  });
  return { places, height: top };
}

export interface Palette {
  panel: string;
  line: string;
  text: string;
  quiet: string;
  accent: string;
  selected: string;
  tones: Record<Tone, string>;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    panel: colour('--surface-panel'),
    line: colour('--line'),
    text: colour('--text'),
    quiet: colour('--text-quiet'),
    accent: colour('--accent'),
    selected: colour('--surface-selected'),
    tones: {
      user: colour('--user'),
      agent: colour('--agent'),
      engine: colour('--owner-engine'),
      setting: colour('--owner-setting'),
      pipeline: colour('--owner-pipeline'),
      device: colour('--owner-device'),
      quiet: colour('--line-strong'),
      warn: colour('--warning'),
      error: colour('--danger'),
      up: colour('--user'),
      down: colour('--agent'),
    },
  };
}

export interface Drawing {
  context: CanvasRenderingContext2D;
  width: number;
  view: TimeView;
  palette: Palette;
}

export function drawAxis({ context, width, view, palette }: Drawing, height: number): void {
  const { ticks, decimals } = ticksOf(view, width);
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (const us of ticks) {
    const x = Math.round(usToX(view, width, us)) + 0.5;
    context.fillStyle = palette.line;
    context.fillRect(x - 0.5, axisHeight - 5, 1, height);
    context.fillStyle = palette.quiet;
    context.fillText(instantText(us, decimals), x + 4, axisHeight / 2);
  }
}

/** One column a pixel: the extremes of all buckets that fall into it. */
export function drawPeaks({ context, width, view, palette }: Drawing, place: LanePlace, peaks: TrackPeaks, tone: Tone): void {
  const middle = place.top + place.height / 2;
  const scale = (place.height / 2 - 2) / 127;
  const buckets = peaks.minimum.length;
  context.fillStyle = palette.line;
  context.fillRect(0, Math.round(middle), width, 1);
  context.fillStyle = palette.tones[tone];
  const bucketsPerPixel = (view.toUs - view.fromUs) / width / peaks.bucketUs;
  const first = (view.fromUs - peaks.fromUs) / peaks.bucketUs;
  for (let x = 0; x < width; x++) {
    const from = Math.max(0, Math.floor(first + x * bucketsPerPixel));
    const to = Math.min(buckets, Math.max(from + 1, Math.floor(first + (x + 1) * bucketsPerPixel)));
    if (from >= to || first + (x + 1) * bucketsPerPixel < 0) continue;
    let low = 0;
    let high = 0;
    for (let bucket = from; bucket < to; bucket++) {
      // Bytes of int8 samples: the sign is put back by the shifts.
      low = Math.min(low, ((peaks.minimum[bucket] ?? 0) << 24) >> 24);
      high = Math.max(high, ((peaks.maximum[bucket] ?? 0) << 24) >> 24);
    }
    context.fillRect(x, middle - high * scale, 1, Math.max(1, (high - low) * scale));
  }
}

function isTarget(item: LaneItem, selected: Selected | null): boolean {
  if (selected === null || item.target.kind !== selected.kind) return false;
  if (item.target.kind === 'event' && selected.kind === 'event') return item.target.ordinal === selected.ordinal;
  if (item.target.kind === 'log' && selected.kind === 'log') return item.target.port === selected.port && item.target.seq === selected.seq;
  return false;
}

export function drawItems(drawing: Drawing, place: LanePlace, items: Lanes[SpanLane], selected: Selected | null): void {
  const { context, width, view, palette } = drawing;
  context.font = '11px system-ui, "Noto Sans CJK SC", sans-serif';
  context.textBaseline = 'middle';
  const top = place.top + 2;
  const height = place.height - 4;
  let lastMark = '';
  for (const item of items) {
    if (item.fromUs > view.toUs) break;
    if (item.toUs < view.fromUs) continue;
    const colour = palette.tones[item.tone];
    const x = usToX(view, width, item.fromUs);
    if (item.toUs === item.fromUs) {
      const key = `${Math.round(x)} ${item.tone}`;
      const isSelected = isTarget(item, selected);
      if (key === lastMark && !isSelected) continue;
      lastMark = key;
      context.fillStyle = isSelected ? palette.accent : colour;
      // Up and down are told apart by place as well as by colour; quiet marks leave room for a label.
      const isLow = item.tone === 'down' || item.tone === 'quiet';
      const half = isLow || item.tone === 'up' ? height / 2 : height;
      context.fillRect(Math.round(x) - (isSelected ? 1 : 0), top + (isLow ? height / 2 : 0), isSelected ? 4 : 2, half);
      continue;
    }
    const from = Math.max(-2, x);
    const to = Math.min(width + 2, usToX(view, width, item.toUs));
    const length = Math.max(2, to - from);
    context.globalAlpha = item.tone === 'quiet' ? 0.45 : 0.85;
    context.fillStyle = colour;
    context.fillRect(from, top, length, height);
    context.globalAlpha = 1;
    if (isTarget(item, selected)) {
      context.strokeStyle = palette.accent;
      context.lineWidth = 2;
      context.strokeRect(from, top, length, height);
    }
    if (item.label !== '' && length > 26) drawLabel(drawing, item, from, length, top + height / 2 + 0.5);
  }
}

function drawLabel({ context, palette }: Drawing, item: LaneItem, x: number, length: number, y: number): void {
  context.save();
  context.beginPath();
  context.rect(x, y - 10, length - 3, 20);
  context.clip();
  // Dark tones carry the panel's colour, pale ones the text's: readable in both themes.
  context.fillStyle = item.tone === 'quiet' ? palette.text : palette.panel;
  context.fillText(item.label, Math.max(x, 0) + 5, y);
  context.restore();
}
