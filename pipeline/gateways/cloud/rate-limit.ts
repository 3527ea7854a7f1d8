import type { Clock } from '../../../preload/contract/time.ts';

const WINDOW_US = 1_000_000;
/** Names are the caller's: no more than so many are kept apart. */
const MOST_NAMES = 1000;

/** So many requests within any second for each name; those refused do not count. */
export class RateLimit {
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #taken = new Map<string, number[]>();

  constructor(clock: Pick<Clock, 'nowUs'>) {
    this.#clock = clock;
  }

  /** Whether one more may be answered now. */
  take(name: string, mostPerSecond: number): boolean {
    const nowUs = this.#clock.nowUs();
    const recent = (this.#taken.get(name) ?? []).filter((atUs) => atUs > nowUs - WINDOW_US);
    if (recent.length >= mostPerSecond) {
      this.#taken.set(name, recent);
      return false;
    }
    if (!this.#taken.has(name) && this.#taken.size >= MOST_NAMES) this.#taken.clear();
    this.#taken.set(name, [...recent, nowUs]);
    return true;
  }
}
