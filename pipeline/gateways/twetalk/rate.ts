import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/** More names than connect at once; anybody may invent them. */
const MOST_REMEMBERED = 10_000;

/** So many in a stretch of time, by name; what was not used does not add up. */
export class Allowance {
  readonly #clock: Clock;
  readonly #windowUs: number;
  readonly #used = new Map<string, { sinceUs: MonoUs; count: number }>();

  constructor(clock: Clock, windowUs: number) {
    this.#clock = clock;
    this.#windowUs = windowUs;
  }

  /** Whether one more is within the limit. */
  take(name: string, limit: number): boolean {
    const nowUs = this.#clock.nowUs();
    const entry = this.#used.get(name);
    if (entry !== undefined && nowUs - entry.sinceUs < this.#windowUs) {
      entry.count++;
      return entry.count <= limit;
    }
    if (this.#used.size >= MOST_REMEMBERED) this.#forget(nowUs);
    this.#used.set(name, { sinceUs: nowUs, count: 1 });
    return true;
  }

  #forget(nowUs: MonoUs): void {
    for (const [name, { sinceUs }] of this.#used) if (nowUs - sinceUs >= this.#windowUs) this.#used.delete(name);
    // Still full: a flood of names. The oldest goes.
    for (const name of this.#used.keys()) {
      if (this.#used.size < MOST_REMEMBERED) break;
      this.#used.delete(name);
    }
  }
}

/** Paces one board's messages: a second's worth at once, and then no faster than the limit. */
export class Pace {
  readonly #clock: Clock;
  #dueUs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long the next message has to wait. */
  delayUs(perSecond: number): number {
    const nowUs = this.#clock.nowUs();
    const stepUs = 1_000_000 / perSecond;
    const dueUs = Math.max(this.#dueUs ?? Number.NEGATIVE_INFINITY, nowUs - 1_000_000) + stepUs;
    this.#dueUs = dueUs;
    return Math.max(0, dueUs - nowUs);
  }
}
