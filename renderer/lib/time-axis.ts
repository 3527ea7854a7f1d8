/** The visible stretch of a session, in microseconds from its start; `toUs` is exclusive and greater than `fromUs`. */
export interface TimeView {
  fromUs: number;
  toUs: number;
}

const narrowestUs = 2_000;

export function usToX(view: TimeView, width: number, us: number): number {
  return ((us - view.fromUs) / (view.toUs - view.fromUs)) * width;
}

export function xToUs(view: TimeView, width: number, x: number): number {
  return view.fromUs + (x / Math.max(1, width)) * (view.toUs - view.fromUs);
}

/** Keeps a view inside [0, durationUs) without changing its length where that is possible. */
export function clampView(view: TimeView, durationUs: number): TimeView {
  const whole = Math.max(durationUs, narrowestUs);
  const length = Math.min(Math.max(view.toUs - view.fromUs, narrowestUs), whole);
  const fromUs = Math.min(Math.max(view.fromUs, 0), whole - length);
  return { fromUs, toUs: fromUs + length };
}

export function fitView(durationUs: number): TimeView {
  return clampView({ fromUs: 0, toUs: durationUs }, durationUs);
}

/** A view around [fromUs, toUs) with room on both sides. */
export function viewAround(fromUs: number, toUs: number, durationUs: number): TimeView {
  const margin = Math.max((toUs - fromUs) * 0.15, 200_000);
  return clampView({ fromUs: fromUs - margin, toUs: toUs + margin }, durationUs);
}

/** Factor below 1 zooms in. What is under `aroundUs` stays where it is. */
export function zoomView(view: TimeView, factor: number, aroundUs: number, durationUs: number): TimeView {
  const length = Math.min(Math.max((view.toUs - view.fromUs) * factor, narrowestUs), Math.max(durationUs, narrowestUs));
  const share = (aroundUs - view.fromUs) / (view.toUs - view.fromUs);
  const fromUs = aroundUs - share * length;
  return clampView({ fromUs, toUs: fromUs + length }, durationUs);
}

export function panView(view: TimeView, byUs: number, durationUs: number): TimeView {
  return clampView({ fromUs: view.fromUs + byUs, toUs: view.toUs + byUs }, durationUs);
}

/** Moves the view, keeping its length, only if `us` is out of sight. */
export function revealInView(view: TimeView, us: number, durationUs: number): TimeView {
  if (us >= view.fromUs && us < view.toUs) return view;
  return panView(view, us - view.fromUs - (view.toUs - view.fromUs) * 0.2, durationUs);
}

const stepsUs = [
  1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 15_000_000,
  30_000_000, 60_000_000, 120_000_000, 300_000_000, 600_000_000, 1_800_000_000, 3_600_000_000,
];

/** Round instants at least `minimumPx` apart, and how many decimals of a second they need. */
export function ticksOf(view: TimeView, width: number, minimumPx = 90): { ticks: number[]; stepUs: number; decimals: number } {
  const usPerTick = ((view.toUs - view.fromUs) / Math.max(1, width)) * minimumPx;
  const stepUs = stepsUs.find((step) => step >= usPerTick) ?? 7_200_000_000;
  const ticks: number[] = [];
  for (let us = Math.ceil(view.fromUs / stepUs) * stepUs; us < view.toUs; us += stepUs) ticks.push(us);
  return { ticks, stepUs, decimals: stepUs >= 1_000_000 ? 0 : stepUs >= 100_000 ? 1 : stepUs >= 10_000 ? 2 : 3 };
}
