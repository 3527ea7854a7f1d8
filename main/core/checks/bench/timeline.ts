import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { Waiting } from '../bench.ts';

/** What came, oldest first, as much as is kept; and those who wait for more. */
export class Timeline<Item extends { atUs: number }> {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #isLasting: (item: Item) => boolean;
  readonly #waiting = new Map<(item: Item) => void, () => void>();
  #items: Item[] = [];
  /** Of those that are older than all of `#items`. */
  #lasting: Item[] = [];

  /** At least the newest `most` are kept; and, of what came before, as many of the lasting ones: what is rare and counted at the end of a long watch. */
  constructor(clock: Clock, most: number, isLasting: (item: Item) => boolean = () => false) {
    this.#clock = clock;
    this.#most = most;
    this.#isLasting = isLasting;
  }

  add(item: Item): void {
    this.#items.push(item);
    // Trimmed in halves, so that one costs O(1).
    if (this.#items.length >= this.#most * 2) {
      const old = this.#items.slice(0, -this.#most).filter(this.#isLasting);
      this.#lasting = [...this.#lasting, ...old].slice(-this.#most);
      this.#items = this.#items.slice(-this.#most);
    }
    for (const tell of [...this.#waiting.keys()]) tell(item);
  }

  /** Nothing more will come: who waits is told so, now. */
  end(): void {
    for (const giveUp of [...this.#waiting.values()]) giveUp();
  }

  since(sinceUs: number): Item[] {
    const isSince = ({ atUs }: Item) => atUs >= sinceUs;
    return [...this.#lasting.filter(isSince), ...this.#items.filter(isSince)];
  }

  /** What came between these, the later one exclusive. */
  forget(fromUs: number, untilUs: number): void {
    const isKept = ({ atUs }: Item) => atUs < fromUs || atUs >= untilUs;
    this.#lasting = this.#lasting.filter(isKept);
    this.#items = this.#items.filter(isKept);
  }

  last(): Item | undefined {
    return this.#items.at(-1);
  }

  /** The first that is wanted; null when the time is over. Rejects with the signal's reason. */
  until(accept: (item: Item) => boolean, { sinceUs, timeoutMs }: Waiting, signal: AbortSignal): Promise<Item | null> {
    const clock = this.#clock;
    if (signal.aborted) return Promise.reject(signal.reason);
    const fromUs = sinceUs ?? clock.nowUs();
    const isIt = (item: Item) => item.atUs >= fromUs && accept(item);
    const there = this.#lasting.find(isIt) ?? this.#items.find(isIt);
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
      const giveUp = () => {
        end();
        resolve(null);
      };
      const cancel = clock.at((clock.nowUs() + Math.round(Math.max(0, timeoutMs) * 1000)) as MonoUs, giveUp);
      this.#waiting.set(tell, giveUp);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }
}
