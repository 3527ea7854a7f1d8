import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { Waiting } from '../bench.ts';

/** What came, oldest first, as much as is kept; and those who wait for more. */
export class Timeline<Item extends { atUs: number }> {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #waiting = new Set<(item: Item) => void>();
  #items: Item[] = [];

  /** At least the newest `most` are kept. */
  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  add(item: Item): void {
    this.#items.push(item);
    // Trimmed in halves, so that one costs O(1).
    if (this.#items.length >= this.#most * 2) this.#items = this.#items.slice(-this.#most);
    for (const tell of [...this.#waiting]) tell(item);
  }

  since(sinceUs: number): Item[] {
    return this.#items.filter(({ atUs }) => atUs >= sinceUs);
  }

  last(): Item | undefined {
    return this.#items.at(-1);
  }

  /** The first that is wanted; null when the time is over. Rejects with the signal's reason. */
  until(accept: (item: Item) => boolean, { sinceUs, timeoutMs }: Waiting, signal: AbortSignal): Promise<Item | null> {
    const clock = this.#clock;
    if (signal.aborted) return Promise.reject(signal.reason);
    const fromUs = sinceUs ?? clock.nowUs();
    const there = this.#items.find((item) => item.atUs >= fromUs && accept(item));
    if (there !== undefined) return Promise.resolve(there);
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiting.delete(tell);
        cancel();
        signal.removeEventListener('abort', aborted);
      };
      const tell = (item: Item) => {
        if (item.atUs < fromUs) return;
        try {
          if (!accept(item)) return;
          resolve(item);
        } catch (error) {
          // Who asks is told, not who has something to tell: that is the pipeline.
          reject(error);
        }
        end();
      };
      const aborted = () => {
        end();
        reject(signal.reason);
      };
      const cancel = clock.at((clock.nowUs() + Math.round(Math.max(0, timeoutMs) * 1000)) as MonoUs, () => {
        end();
        resolve(null);
      });
      this.#waiting.add(tell);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }
}
