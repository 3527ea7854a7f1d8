import { peak, SILENCE_DB } from '../../../../pipeline/audio/levels.ts';
import { blockPowers, levelDb, quantile } from './decibels.ts';

export interface SpeechLevel {
  /** Active speech level, dBFS of the root mean square while somebody speaks (ITU-T P.56, method B). −120 where nothing does. */
  activeDbFs: number;
  /** Share of the time somebody speaks, %. */
  activityPercent: number;
  /** Of the whole, pauses included. */
  rmsDbFs: number;
  peakDbFs: number;
  /** Share of samples at full scale. */
  clippedPercent: number;
  /** Mean, of full scale. */
  dcOffsetPercent: number;
  /** Level of the quietest tenth of 50 ms blocks, without the offset. */
  noiseFloorDbFs: number;
}

const BLOCK_MS = 50;
const QUIETEST = 0.1;

export function speechLevel(pcm: Int16Array, sampleRate = 16_000): SpeechLevel {
  const mean = pcm.reduce((sum, sample) => sum + sample, 0) / Math.max(1, pcm.length);
  const centred = Int16Array.from(pcm, (sample) => Math.max(-32768, Math.min(32767, sample - Math.round(mean))));
  const { activeDbFs, activity } = activeLevel(centred, sampleRate);
  const blocks = blockPowers(centred, Math.round((sampleRate * BLOCK_MS) / 1000));
  const meanSquare = centred.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, centred.length);
  return {
    activeDbFs,
    activityPercent: activity * 100,
    rmsDbFs: levelDb(meanSquare),
    peakDbFs: pcm.length === 0 || peak(pcm) === 0 ? SILENCE_DB : 20 * Math.log10(peak(pcm)),
    clippedPercent: clippedShare(pcm) * 100,
    dcOffsetPercent: (mean / 32768) * 100,
    noiseFloorDbFs: blocks.length === 0 ? SILENCE_DB : levelDb(quantile(blocks, QUIETEST)),
  };
}

/** P.56 §7: the envelope's time constant, the hangover that bridges pauses in words, and the margin between level and threshold. */
const TIME_CONSTANT_S = 0.03;
const HANGOVER_S = 0.2;
const MARGIN_DB = 15.9;
const THRESHOLDS = 15;

/**
 * ITU-T P.56 (12/2011) method B: activity is counted against fifteen thresholds, 6 dB apart; the level wanted is where the level during
 * activity lies 15.9 dB above the threshold that tells activity.
 */
export function activeLevel(pcm: Int16Array, sampleRate: number): { activeDbFs: number; activity: number } {
  const smoothing = Math.exp(-1 / (sampleRate * TIME_CONSTANT_S));
  const hangover = Math.ceil(HANGOVER_S * sampleRate);
  const thresholds = Array.from({ length: THRESHOLDS }, (_, index) => 2 ** index);
  const active = new Float64Array(THRESHOLDS);
  const idle = new Int32Array(THRESHOLDS).fill(hangover);
  let squares = 0;
  let first = 0;
  let envelope = 0;
  for (const sample of pcm) {
    squares += sample * sample;
    first = smoothing * first + (1 - smoothing) * Math.abs(sample);
    envelope = smoothing * envelope + (1 - smoothing) * first;
    for (let at = 0; at < THRESHOLDS; at++) {
      if (envelope >= (thresholds[at] as number)) {
        active[at] = (active[at] as number) + 1;
        idle[at] = 0;
      } else if ((idle[at] as number) < hangover) {
        active[at] = (active[at] as number) + 1;
        idle[at] = (idle[at] as number) + 1;
      }
    }
  }
  const nothing = { activeDbFs: SILENCE_DB, activity: 0 };
  if (squares === 0 || (active[0] as number) === 0) return nothing;
  let before: { levelDb: number; distanceDb: number } | undefined;
  for (let at = 0; at < THRESHOLDS && (active[at] as number) > 0; at++) {
    const level = levelDb(squares / (active[at] as number));
    const distanceDb = level - levelDb((thresholds[at] as number) ** 2) - MARGIN_DB;
    if (distanceDb <= 0) {
      const share = before === undefined ? 0 : before.distanceDb / (before.distanceDb - distanceDb);
      const activeDbFs = before === undefined ? level : before.levelDb + share * (level - before.levelDb);
      return { activeDbFs, activity: Math.min(1, 10 ** ((levelDb(squares / pcm.length) - activeDbFs) / 10)) };
    }
    before = { levelDb: level, distanceDb };
  }
  return nothing;
}

/**
 * −0.02 dBFS. What a converter cut off comes out of a codec rippled about full scale and is cut off again by the decoder, so samples at full
 * scale tell both; a signal that was cut off and turned down afterwards is not told.
 */
const FULL = 32_700;

function clippedShare(pcm: Int16Array): number {
  let clipped = 0;
  for (const sample of pcm) if (Math.abs(sample) >= FULL) clipped++;
  return pcm.length === 0 ? 0 : clipped / pcm.length;
}
