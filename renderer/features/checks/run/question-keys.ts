import { useEffect, useRef } from 'react';

export type Answer = 'done' | 'yes' | 'no' | 'skip';

/** A barcode scanner types faster than any hand: a key with another one so near is not an answer. */
export const handMs = 120;

/** What a key answers; null: nothing. */
export function answerOf(key: string, kind: 'do' | 'judge'): Answer | null {
  if (key === 'Enter') return kind === 'do' ? 'done' : 'yes';
  if (kind === 'judge' && key.toLowerCase() === 'y') return 'yes';
  if (kind === 'judge' && key.toLowerCase() === 'n') return 'no';
  return key.toLowerCase() === 's' ? 'skip' : null;
}

/**
 * Hears of keys that a hand pressed, one at a time: a barcode, which ends with Enter and may hold any letter, is not for it. Nor is what a
 * field is written into, or Enter on a button of its own.
 */
export function useHandKeys(onKey: (key: string) => void, isEnabled = true): void {
  const latest = useRef(onKey);
  useEffect(() => {
    latest.current = onKey;
  });
  useEffect(() => {
    if (!isEnabled) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastMs = Number.NEGATIVE_INFINITY;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.defaultPrevented) return;
      if (event.key.length > 1 && event.key !== 'Enter') return; // no scanner sends Escape or an arrow
      const isAlone = event.timeStamp - lastMs > handMs;
      lastMs = event.timeStamp;
      clearTimeout(timer);
      const controls =
        event.key === 'Enter' ? 'button, a, summary, input, textarea, select, [role="dialog"]' : 'input, textarea, select, [role="dialog"]';
      if (!isAlone || (event.target instanceof HTMLElement && event.target.closest(controls) !== null)) return;
      const { key } = event;
      timer = setTimeout(() => latest.current(key), handMs);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('keydown', onKeyDown);
    };
  }, [isEnabled]);
}
