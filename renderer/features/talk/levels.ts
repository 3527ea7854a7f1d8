import { useEffect, useMemo } from 'react';
import type { AudioLevel } from '../../../preload/contract/pipeline.ts';
import { useLab } from '../../lib/lab.ts';

type Listener = (level: AudioLevel) => void;

/** How loud conversations are. What moves fifteen times a second goes straight to the meters, past React. */
export class Levels {
  readonly #listeners = new Map<string, Set<Listener>>();

  take(levels: readonly AudioLevel[]): void {
    for (const level of levels) for (const listener of this.#listeners.get(level.conversationId) ?? []) listener(level);
  }

  listen(conversationId: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(conversationId) ?? new Set();
    this.#listeners.set(conversationId, listeners.add(listener));
    return () => listeners.delete(listener);
  }
}

export function useLevels(): Levels {
  const lab = useLab();
  const levels = useMemo(() => new Levels(), []);
  useEffect(
    () => lab.subscribe('pipeline.levels', {}, { onSnapshot: (all) => levels.take(all), onDelta: (items) => levels.take(items) }),
    [lab, levels],
  );
  return levels;
}

const quietestDb = -60;

/** A peak, 0..1, as a meter shows it: 0 at −60 dBFS and below. */
export function meterHeight(peak: number): number {
  if (peak <= 0) return 0;
  return Math.max(0, Math.min(1, 1 - (20 * Math.log10(peak)) / quietestDb));
}
