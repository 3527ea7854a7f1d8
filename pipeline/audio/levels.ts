/** Loudness of mono s16. Levels are dBFS of the root mean square, 0 dB being a full-scale square wave. */

const FULL_SCALE = 32768;
/** The level of silence: an empty or all-zero block, kept finite so that it can be drawn and stored. */
export const SILENCE_DB = -120;

export function rmsDb(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return powerDb(sum, pcm.length);
}

/** Largest magnitude, 0..1. */
export function peak(pcm: Int16Array): number {
  let largest = 0;
  for (const sample of pcm) largest = Math.max(largest, Math.abs(sample));
  return largest / FULL_SCALE;
}

export interface AudibleOptions {
  sampleRate: number;
  thresholdDb?: number;
  /** The level has to hold so long, or it is a click. */
  sustainMs?: number;
}

const WINDOW_MS = 10;
const HOP_MS = 1;

/**
 * Samples from the first to just past the last audible one, or undefined when none is: a 10 ms window moved by 1 ms, at
 * −40 dBFS or more for at least 50 ms (reference/voice.md §2.4). The edges are those of the windows, so within 10 ms.
 */
export function audibleSpan(pcm: Int16Array, options: AudibleOptions): { start: number; end: number } | undefined {
  const { sampleRate, thresholdDb = -40, sustainMs = 50 } = options;
  const window = Math.round((sampleRate * WINDOW_MS) / 1000);
  const hop = Math.max(1, Math.round((sampleRate * HOP_MS) / 1000));
  const hopsNeeded = Math.max(1, Math.ceil((sustainMs - WINDOW_MS) / HOP_MS) + 1);
  let start: number | undefined;
  let end = 0;
  let run = 0;
  let power = 0;
  for (let i = 0; i < Math.min(window, pcm.length); i++) power += square(pcm, i);
  for (let at = 0; at + window <= pcm.length; at += hop) {
    run = powerDb(power, window) >= thresholdDb ? run + 1 : 0;
    if (run >= hopsNeeded) {
      start ??= at - (hopsNeeded - 1) * hop;
      end = at + window;
    }
    for (let i = at; i < at + hop; i++) power += square(pcm, i + window) - square(pcm, i);
  }
  return start === undefined ? undefined : { start, end };
}

/** Index of the first audible sample, or undefined. */
export function firstAudibleSample(pcm: Int16Array, options: AudibleOptions): number | undefined {
  return audibleSpan(pcm, options)?.start;
}

function square(pcm: Int16Array, index: number): number {
  const sample = pcm[index] ?? 0;
  return sample * sample;
}

function powerDb(sumOfSquares: number, count: number): number {
  if (count === 0 || sumOfSquares === 0) return SILENCE_DB;
  return Math.max(SILENCE_DB, 10 * Math.log10(sumOfSquares / count / FULL_SCALE ** 2));
}
