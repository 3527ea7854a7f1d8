import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/** More than a board says while its reader is busy with a write: what a flood sends beyond it is dropped. */
const UNREAD_ITEMS = 500;

/** What came in, in order, for one reader who waits with a deadline. */
export class Inbox<Item> {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #items: Item[] = [];
  #wake: (() => void) | null = null;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** For what a board sends, as fast and as long as it likes. */
  offer(item: Item): void {
    if (this.#items.length < UNREAD_ITEMS) this.push(item);
  }

  /** The next one, or null at `untilUs`. Rejects with the signal's reason. */
  async next(untilUs: MonoUs): Promise<Item | null> {
    for (;;) {
      this.#signal.throwIfAborted();
      const item = this.#items.shift();
      if (item !== undefined) return item;
      if (this.#clock.nowUs() >= untilUs) return null;
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.at(untilUs, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
      this.#wake = null;
    }
  }
}
