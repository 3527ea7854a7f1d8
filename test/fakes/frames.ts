import { vi } from 'vitest';

export interface Frames {
  /** Runs what waits for the next frame; what that asks for waits for the one after. */
  next(): void;
  readonly waiting: number;
}

/** Frames of a page, drawn when a test says so. Undone by `vi.unstubAllGlobals()`. */
export function stubFrames(): Frames {
  let waiting = new Map<number, () => void>();
  let last = 0;
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => {
    last++;
    waiting.set(last, callback);
    return last;
  });
  vi.stubGlobal('cancelAnimationFrame', (id: number) => waiting.delete(id));
  return {
    next() {
      const due = waiting;
      waiting = new Map();
      for (const callback of due.values()) callback();
    },
    get waiting() {
      return waiting.size;
    },
  };
}
