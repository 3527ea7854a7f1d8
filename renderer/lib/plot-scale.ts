/** From values to pixels. */
export interface PlotScale {
  at(value: number): number;
  valueAt(px: number): number;
  ticks: readonly number[];
}

/** Round numbers within [from, to], about so many. */
export function roundTicks(from: number, to: number, about: number): number[] {
  const range = to - from;
  if (!(range > 0)) return [from];
  const rough = range / Math.max(1, about);
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * ([1, 2, 5, 10].find((factor) => factor * magnitude >= rough) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export function linearScale(domain: readonly [number, number], range: readonly [number, number], ticks: readonly number[]): PlotScale {
  const [from, to] = domain;
  const [fromPx, toPx] = range;
  // A domain without extent stands in the middle.
  const perValue = to > from ? (toPx - fromPx) / (to - from) : 0;
  return {
    at: (value) => (perValue === 0 ? (fromPx + toPx) / 2 : fromPx + (value - from) * perValue),
    valueAt: (px) => (perValue === 0 ? from : from + (px - fromPx) / perValue),
    ticks,
  };
}
