import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

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
