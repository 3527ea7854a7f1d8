import type { MonoUs } from '../../preload/contract/time.ts';

/**
 * Maps media time (packet index × duration) to the session clock by the smallest delay seen lately: network jitter only
 * ever delays, so the fastest packet of the last half minute is the best witness of when its audio was made, and the
 * sliding window follows the drift between both clocks (reference/voice.md §2.3).
 */
export interface MinimumDelayLine {
  /** A packet whose audio starts at `mediaUs` arrived at `receivedUs`. Calls come in order of arrival. */
  add(mediaUs: number, receivedUs: MonoUs): void;
  /** When the audio at `mediaUs` would have arrived without jitter; undefined before the first packet. */
  map(mediaUs: number): MonoUs | undefined;
  /** For a new stream: media time starts again at 0. */
  reset(): void;
}

const DEFAULT_WINDOW_US = 30_000_000;

export function createMinimumDelayLine(options: { windowUs?: number } = {}): MinimumDelayLine {
  const windowUs = options.windowUs ?? DEFAULT_WINDOW_US;
  /** Delays that may yet be the smallest, oldest first, each smaller than all after it. */
  const candidates: { delayUs: number; receivedUs: number }[] = [];
  return {
    add(mediaUs, receivedUs) {
      const delayUs = receivedUs - mediaUs;
      while ((candidates.at(-1)?.delayUs ?? Number.NEGATIVE_INFINITY) >= delayUs) candidates.pop();
      candidates.push({ delayUs, receivedUs });
      while ((candidates[0]?.receivedUs ?? receivedUs) < receivedUs - windowUs) candidates.shift();
    },
    map(mediaUs) {
      const smallest = candidates[0];
      return smallest === undefined ? undefined : (Math.round(mediaUs + smallest.delayUs) as MonoUs);
    },
    reset() {
      candidates.length = 0;
    },
  };
}

/** A piece of sound and where it belongs. */
export interface PlacedAudio {
  startUs: number;
  pcm: Int16Array;
}

/**
 * One track from pieces placed by time, not laid end to end: gaps are silence, overlaps are mixed, what lies outside is
 * cut. The track covers `startUs` up to `endUs` (default: the end of the last piece).
 */
export function placeOnTimeline(
  pieces: readonly PlacedAudio[],
  options: { sampleRate: number; startUs: number; endUs?: number },
): Int16Array {
  const { sampleRate, startUs } = options;
  const toSample = (us: number) => Math.round(((us - startUs) * sampleRate) / 1e6);
  const length =
    options.endUs === undefined
      ? pieces.reduce((last, piece) => Math.max(last, toSample(piece.startUs) + piece.pcm.length), 0)
      : Math.max(0, toSample(options.endUs));
  const track = new Int16Array(length);
  for (const { startUs: at, pcm } of pieces) mixInto(track, pcm, toSample(at));
  return track;
}

/** Adds `pcm` to `track` from sample `at` (which may be negative), clipping at full scale. */
export function mixInto(track: Int16Array, pcm: Int16Array, at: number): void {
  const from = Math.max(0, -at);
  const to = Math.min(pcm.length, track.length - at);
  for (let i = from; i < to; i++) {
    track[at + i] = Math.max(-32768, Math.min(32767, (track[at + i] ?? 0) + (pcm[i] ?? 0)));
  }
}
