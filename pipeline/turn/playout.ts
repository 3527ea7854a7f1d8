import type { Clock, MonoUs } from '../../preload/contract/time.ts';

/** How long after the estimated instant a report from the board is still waited for. */
const GRACE_US = 500_000;

type Source = 'device' | 'echo' | 'estimate';

/**
 * Settles one instant at the speaker (D1 or I3) once: by the board's report when one comes in time, else by the estimate,
 * told late and dated back.
 */
export class SpeakerInstant {
  readonly #clock: Clock;
  readonly #tell: (atUs: number, source: Source) => void;
  #estimateUs: number | undefined;
  #cancelTimer: (() => void) | undefined;
  #isSettled = false;

  constructor(clock: Clock, tell: (atUs: number, source: Source) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  expect(estimateUs: number): void {
    if (this.#isSettled) return;
    this.#estimateUs = estimateUs;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.at(Math.ceil(estimateUs + GRACE_US) as MonoUs, () => this.#settle(estimateUs, 'estimate'));
  }

  report(atUs: number, source: 'device' | 'echo'): void {
    this.#settle(atUs, source);
  }

  /** No report can come any more: the estimate stands, if its instant was reached by `atUs`. */
  conclude(atUs: number): void {
    if (this.#estimateUs !== undefined && this.#estimateUs <= atUs) this.#settle(this.#estimateUs, 'estimate');
    this.#cancelTimer?.();
    this.#isSettled = true;
  }

  #settle(atUs: number, source: Source): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#cancelTimer?.();
    this.#tell(atUs, source);
  }
}
