import { useEffect, useRef } from 'react';
import type { ShortcutMap } from '../../lib/shortcuts.ts';

/** Barcode readers leave a few milliseconds between their keys; hands leave more. */
const readerGapMs = 60;

const modifiers = ['Shift', 'Control', 'Alt', 'Meta'];

/** Tells the keys of a hand from those of a barcode reader, which are never alone. */
export class HandKeys {
  #lastMs = Number.NEGATIVE_INFINITY;
  #isBurst = false;
  #pending: ReturnType<typeof setTimeout> | undefined;

  /** To be told of every key, whatever it does. */
  saw(key: string, atMs: number): void {
    if (modifiers.includes(key)) return;
    this.forget();
    this.#isBurst = atMs - this.#lastMs < readerGapMs;
    this.#lastMs = atMs;
  }

  /** Does what the key just seen is for, once no other has followed. */
  run(action: () => void): void {
    if (!this.#isBurst) this.#pending = setTimeout(action, readerGapMs);
  }

  forget(): void {
    clearTimeout(this.#pending);
  }
}

/**
 * The same shortcuts for a bench with a barcode reader: a scanned MAC or serial number holds letters that would start a flash,
 * cancel one or leave the tab when no label has the focus.
 */
export function useTypedByHand(shortcuts: ShortcutMap): ShortcutMap {
  const keys = useRef<HandKeys>(null);
  useEffect(() => {
    const seen = new HandKeys();
    keys.current = seen;
    const onKeyDown = (event: KeyboardEvent): void => seen.saw(event.key, event.timeStamp);
    window.addEventListener('keydown', onKeyDown, true);
    return () => {
      seen.forget();
      window.removeEventListener('keydown', onKeyDown, true);
    };
  }, []);
  return Object.fromEntries(
    Object.entries(shortcuts).map(([key, action]) => [key, (event: KeyboardEvent) => keys.current?.run(() => action(event))]),
  );
}
