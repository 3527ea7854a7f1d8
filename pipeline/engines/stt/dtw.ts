import { DIMENSIONS, type Features } from './features.ts';

/** How far from the diagonal a warping path may go, as a part of the longer utterance (Sakoe-Chiba band). */
const BAND = 0.2;
/** Utterances whose lengths differ by more are not the same phrase, whatever the speed. */
const MAX_STRETCH = 1.9;

/**
 * Dynamic time warping: mean distance of the frames along the cheapest path, a diagonal step counting twice so that all
 * paths weigh alike. Infinity when the lengths cannot match or as soon as no path can stay below `abandonAbove`.
 */
export function warpedDistance(a: Features, b: Features, abandonAbove = Number.POSITIVE_INFINITY): number {
  if (Math.max(a.frames, b.frames) > MAX_STRETCH * Math.min(a.frames, b.frames)) return Number.POSITIVE_INFINITY;
  const weight = a.frames + b.frames;
  const limit = abandonAbove * weight;
  const reach = Math.max(3, BAND * Math.max(a.frames, b.frames));
  const slope = b.frames / a.frames;
  let previous = new Float64Array(b.frames + 1).fill(Number.POSITIVE_INFINITY);
  let current = new Float64Array(b.frames + 1).fill(Number.POSITIVE_INFINITY);
  previous[0] = 0;
  for (let i = 1; i <= a.frames; i++) {
    const centre = i * slope;
    const from = Math.max(1, Math.ceil(centre - reach));
    const to = Math.min(b.frames, Math.floor(centre + reach));
    current.fill(Number.POSITIVE_INFINITY);
    let best = Number.POSITIVE_INFINITY;
    for (let j = from; j <= to; j++) {
      const distance = frameDistance(a.values, (i - 1) * DIMENSIONS, b.values, (j - 1) * DIMENSIONS);
      const diagonal = (previous[j - 1] ?? 0) + 2 * distance;
      const vertical = (previous[j] ?? 0) + distance;
      const horizontal = (current[j - 1] ?? 0) + distance;
      const cost = Math.min(diagonal, vertical, horizontal);
      current[j] = cost;
      if (cost < best) best = cost;
    }
    if (best > limit) return Number.POSITIVE_INFINITY;
    [previous, current] = [current, previous];
  }
  return (previous[b.frames] ?? Number.POSITIVE_INFINITY) / weight;
}

function frameDistance(a: Float32Array, aAt: number, b: Float32Array, bAt: number): number {
  let sum = 0;
  for (let k = 0; k < DIMENSIONS; k++) {
    const difference = (a[aAt + k] ?? 0) - (b[bAt + k] ?? 0);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}
