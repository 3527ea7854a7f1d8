import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { Span } from './lateness.ts';

const TICK_US = 20_000;
/** Timers are late on any machine: by two ticks of Windows' clock (15.6 ms) without anything being busy. */
const USUAL_US = 32_000;
/** Of a soak of a day on a machine that is always busy the newest have to do. */
const KEPT = 50_000;

/** Times in which the bench's own loop did nothing, so that whatever came then was noticed at their end. Watches until `end`. */
export class Standstills {
  readonly #clock: Clock;
  #spans: Span[] = [];
  #dueUs = 0;
  #cancel = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wait();
  }

  /** Those that ended after that instant, in order; one that has not ended yet too. */
  since(sinceUs: number): Span[] {
    const nowUs = this.#clock.nowUs();
    const now = nowUs - this.#dueUs > USUAL_US ? [{ fromUs: this.#dueUs, toUs: nowUs }] : [];
    return [...this.#spans, ...now].filter(({ toUs }) => toUs > sinceUs);
  }

  end(): void {
    this.#cancel();
  }

  #wait(): void {
    const dueUs = this.#clock.nowUs() + TICK_US;
    this.#dueUs = dueUs;
    this.#cancel = this.#clock.at(dueUs as MonoUs, () => {
      const nowUs = this.#clock.nowUs();
      if (nowUs - dueUs > USUAL_US) this.#spans.push({ fromUs: dueUs, toUs: nowUs });
      // Trimmed in halves, so that one costs O(1).
      if (this.#spans.length >= 2 * KEPT) this.#spans = this.#spans.slice(-KEPT);
      this.#wait();
    });
  }
}
