import { SILENCE_DB } from '../../../../pipeline/audio/levels.ts';

const FULL_SCALE = 32768;

/** dBFS of a mean square of s16 samples; silence is −120. */
export function levelDb(meanSquare: number): number {
  return meanSquare <= 0 ? SILENCE_DB : Math.max(SILENCE_DB, 10 * Math.log10(meanSquare / FULL_SCALE ** 2));
}

/** Mean square of s16 samples at a level. */
export function powerOf(db: number): number {
  return 10 ** (db / 10) * FULL_SCALE ** 2;
}

/** Mean square of each whole block; the rest at the end is left out. */
export function blockPowers(pcm: Int16Array, blockSamples: number): Float64Array {
  const powers = new Float64Array(Math.floor(pcm.length / blockSamples));
  for (let block = 0; block < powers.length; block++) {
    let sum = 0;
    for (let i = block * blockSamples; i < (block + 1) * blockSamples; i++) sum += (pcm[i] ?? 0) ** 2;
    powers[block] = sum / blockSamples;
  }
  return powers;
}

/** The value that the share `at` (0..1) of them does not exceed; NaN of nothing. */
export function quantile(values: ArrayLike<number>, at: number): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const place = at * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

/** To a tenth, or as many digits as told: what a measurement is worth. */
export function rounded(value: number, digits = 1): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale + 0;
}
