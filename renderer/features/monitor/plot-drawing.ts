import type { PlotPoint, PlotSeries } from './row-numbers.ts';

/** The part of the picture inside the axes, and what its edges mean. */
export interface PlotFrame {
  left: number;
  top: number;
  width: number;
  height: number;
  fromUs: number;
  toUs: number;
  least: number;
  most: number;
}

export interface PlotScale {
  /** Null: as wide as the values. */
  least: number | null;
  most: number | null;
}

const margin = { left: 52, right: 8, top: 8, bottom: 18 };

export function frameOf(series: readonly PlotSeries[], width: number, height: number, scale: PlotScale): PlotFrame | null {
  const points = series.flatMap(({ points: each }) => each);
  if (points.length === 0) return null;
  let [fromUs, toUs, least, most] = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  for (const { atUs, value } of points) {
    fromUs = Math.min(fromUs, atUs);
    toUs = Math.max(toUs, atUs);
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const room = (most - least) * 0.06 || Math.abs(most) * 0.1 || 1;
  return {
    left: margin.left,
    top: margin.top,
    width: Math.max(1, width - margin.left - margin.right),
    height: Math.max(1, height - margin.top - margin.bottom),
    fromUs,
    toUs: toUs > fromUs ? toUs : fromUs + 1,
    least: scale.least ?? least - room,
    most: scale.most ?? most + room,
  };
}

export function placeOf(frame: PlotFrame, point: Pick<PlotPoint, 'atUs' | 'value'>): { x: number; y: number } {
  return {
    x: frame.left + ((point.atUs - frame.fromUs) / (frame.toUs - frame.fromUs)) * frame.width,
    y: frame.top + (1 - (point.value - frame.least) / (frame.most - frame.least)) * frame.height,
  };
}

/** The point nearest in time to a place of the picture, of each series. */
export function pointsAt(frame: PlotFrame, series: readonly PlotSeries[], x: number): { name: string; point: PlotPoint }[] {
  const us = frame.fromUs + ((x - frame.left) / frame.width) * (frame.toUs - frame.fromUs);
  return series.flatMap(({ name, points }) => {
    let [low, high] = [0, points.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((points[middle]?.atUs ?? 0) < us) low = middle + 1;
      else high = middle;
    }
    const [before, after] = [points[low - 1], points[low]];
    const point = before !== undefined && (after === undefined || us - before.atUs < after.atUs - us) ? before : after;
    return point === undefined ? [] : [{ name, point }];
  });
}

/** Three or so round values between the edges of a scale. */
export function ticksBetween(least: number, most: number, wanted = 4): number[] {
  const rough = (most - least) / wanted;
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough;
  const ticks: number[] = [];
  for (let tick = Math.ceil(least / step) * step; tick <= most; tick += step) ticks.push(Math.round(tick / step) * step);
  return ticks;
}

export function numberText(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000_000) return `${trimmed(value / 1_000_000)}M`;
  if (size >= 10_000) return `${trimmed(value / 1000)}k`;
  return trimmed(value);
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(4)));
}

export interface PlotColours {
  lines: readonly string[];
  grid: string;
  text: string;
}

export function drawPlot(
  context: CanvasRenderingContext2D,
  frame: PlotFrame,
  series: readonly PlotSeries[],
  colours: PlotColours,
  timeText: (us: number) => string,
): void {
  context.font = '10px system-ui, sans-serif';
  context.fillStyle = colours.text;
  context.strokeStyle = colours.grid;
  context.lineWidth = 1;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const tick of ticksBetween(frame.least, frame.most)) {
    const y = Math.round(placeOf(frame, { atUs: frame.fromUs, value: tick }).y) + 0.5;
    context.beginPath();
    context.moveTo(frame.left, y);
    context.lineTo(frame.left + frame.width, y);
    context.stroke();
    context.fillText(numberText(tick), frame.left - 5, y);
  }
  context.textBaseline = 'bottom';
  const bottom = frame.top + frame.height + 16;
  context.textAlign = 'left';
  context.fillText(timeText(frame.fromUs), frame.left, bottom);
  context.textAlign = 'right';
  context.fillText(timeText(frame.toUs), frame.left + frame.width, bottom);

  context.save();
  context.beginPath();
  context.rect(frame.left, frame.top, frame.width, frame.height);
  context.clip();
  context.lineWidth = 1.5;
  for (const [index, { points }] of series.entries()) {
    const colour = colours.lines[index % colours.lines.length] ?? colours.text;
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.beginPath();
    for (const [at, point] of points.entries()) {
      const { x, y } = placeOf(frame, point);
      if (at === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.stroke();
    if (points.length < frame.width / 6)
      for (const point of points) {
        const { x, y } = placeOf(frame, point);
        context.beginPath();
        context.arc(x, y, 2, 0, 2 * Math.PI);
        context.fill();
      }
  }
  context.restore();
}
