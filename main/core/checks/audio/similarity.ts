import { quantile } from './decibels.ts';
import { powerOfTwoAtLeast, transform } from './fourier.ts';

const RATE = 16_000;
const FRAME = 320;
const WINDOW = powerOfTwoAtLeast(FRAME);
/** Bands even on the scale of pitch between 150 Hz and 4 kHz: what small speakers play and every codec keeps. */
const BANDS = 14;
const [LOW_HZ, HIGH_HZ] = [150, 4000];
/** What lies this far under the segment's loudest is as good as silent. */
const RANGE_DB = 35;

const edges = Array.from({ length: BANDS + 1 }, (_, i) => {
  const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700);
  const at = mel(LOW_HZ) + (i * (mel(HIGH_HZ) - mel(LOW_HZ))) / BANDS;
  return Math.round(((700 * (10 ** (at / 2595) - 1)) / RATE) * WINDOW);
});

/**
 * How alike two sounds of one length are, −1..1: the correlation of their levels in 14 bands and frames of 20 ms, each band's mean taken off
 * both. Neither gain nor a speaker's tone changes it, what is missing, repeated or rattles does.
 */
export function segmentSimilarity(one: Int16Array, other: Int16Array): number {
  const frames = Math.floor(Math.min(one.length, other.length) / FRAME);
  if (frames < 4) return 0;
  const [a, b] = [bandFrames(one, frames), bandFrames(other, frames)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let band = 0; band < BANDS; band++) {
    const [meanA, meanB] = [mean(a, band, frames), mean(b, band, frames)];
    for (let frame = 0; frame < frames; frame++) {
      const x = (a[frame * BANDS + band] ?? 0) - meanA;
      const y = (b[frame * BANDS + band] ?? 0) - meanB;
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

function mean(levels: Float64Array, band: number, frames: number): number {
  let sum = 0;
  for (let frame = 0; frame < frames; frame++) sum += levels[frame * BANDS + band] ?? 0;
  return sum / frames;
}

function bandFrames(pcm: Int16Array, frames: number): Float64Array {
  const levels = new Float64Array(frames * BANDS);
  const [re, im] = [new Float64Array(WINDOW), new Float64Array(WINDOW)];
  for (let frame = 0; frame < frames; frame++) {
    for (let i = 0; i < WINDOW; i++) {
      const window = i < FRAME ? 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / FRAME) : 0;
      re[i] = (pcm[frame * FRAME + i] ?? 0) * window;
      im[i] = 0;
    }
    transform(re, im);
    for (let band = 0; band < BANDS; band++) {
      let power = 1;
      for (let k = edges[band] ?? 0; k < Math.max((edges[band] ?? 0) + 1, edges[band + 1] ?? 0); k++)
        power += (re[k] ?? 0) ** 2 + (im[k] ?? 0) ** 2;
      levels[frame * BANDS + band] = 10 * Math.log10(power);
    }
  }
  const floor = quantile(levels, 1) - RANGE_DB;
  return levels.map((level) => Math.max(floor, level));
}
