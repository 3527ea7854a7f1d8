import { createStore, type StoreApi } from 'zustand';
import type { TimeSpan } from '../session-view.ts';
import { fastest, slowest, type Track } from './tracks.ts';

/** How the session is played: what the reader set, and whether it is waiting for sound. */
export interface Playback {
  rate: number;
  /** 1 is as recorded. */
  levels: Record<Track, number>;
  isMuted: Record<Track, boolean>;
  /** The only one to be heard. */
  solo: Track | null;
  isDenoised: boolean;
  /** What is played over and over. */
  loop: TimeSpan | null;
  isWaiting: boolean;
}

export type PlaybackStore = StoreApi<Playback>;

export const rates = [slowest, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, fastest];

export function createPlayback(): PlaybackStore {
  return createStore<Playback>(() => ({
    rate: 1,
    levels: { user: 1, agent: 1 },
    isMuted: { user: false, agent: false },
    solo: null,
    isDenoised: false,
    loop: null,
    isWaiting: false,
  }));
}

/** The track that plays alone is heard even where it was muted. */
export function levelOf(track: Track, { levels, isMuted, solo }: Playback): number {
  if (solo !== null) return solo === track ? levels[track] : 0;
  return isMuted[track] ? 0 : levels[track];
}

/** The next speed up or down; the same at the end of the list. */
export function nextRate(rate: number, step: 1 | -1): number {
  const found = step > 0 ? rates.find((each) => each > rate) : rates.findLast((each) => each < rate);
  return found ?? rate;
}
