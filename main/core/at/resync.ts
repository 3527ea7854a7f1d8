import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { finalOf, numericFinal } from './finals.ts';

/** How long one `AT` waits, how often it is tried, and how long silence must last after its OK. */
const WAIT_US = 2_000_000;
const QUIET_US = 300_000;
const LEAST_ATTEMPTS = 5;

export interface ResyncDeps {
  clock: Clock;
  /** Until then the modem may still be busy with what was given up on. */
  busyUntilUs: number;
  /** Sends `AT`. */
  probe(): void;
  onFound(): void;
  onLost(attempts: number): void;
}

/**
 * Finds the modem again after an answer that did not come. A modem executes in order: once an `AT` of ours was answered and
 * silence follows, no late final is left that could complete the next command.
 */
export class Resync {
  readonly #deps: ResyncDeps;
  #attempts = 0;
  #isAnswered = false;
  #cancelTimer: () => void = () => {};

  constructor(deps: ResyncDeps) {
    this.#deps = deps;
    this.#attempt();
  }

  /** A line nobody announced: the late answer, its final, or that of our `AT`. The silence begins anew with each. */
  line(line: string, isResultCode: boolean): void {
    const final = isResultCode || /^[04]$/.test(line) ? numericFinal(line) : finalOf(line, { dials: true, family: 'unknown' });
    if (final?.kind === 'ok') this.#isAnswered = true;
    if (!this.#isAnswered) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#after(QUIET_US, this.#deps.onFound);
  }

  cancel(): void {
    this.#cancelTimer();
  }

  #attempt(): void {
    if (this.#attempts >= LEAST_ATTEMPTS && this.#deps.clock.nowUs() >= this.#deps.busyUntilUs) {
      this.#deps.onLost(this.#attempts);
      return;
    }
    this.#attempts++;
    this.#cancelTimer = this.#after(WAIT_US, () => this.#attempt());
    this.#deps.probe();
  }

  #after(us: number, callback: () => void): () => void {
    return this.#deps.clock.at((this.#deps.clock.nowUs() + us) as MonoUs, callback);
  }
}
