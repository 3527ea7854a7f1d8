import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';

/** Calls `announce` for changes, the last of them always, and no more often than each `intervalMs`. */
export class Announcer {
  readonly #clock: Clock;
  readonly #intervalUs: number;
  readonly #announce: () => void;
  #lastUs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, intervalMs: number, announce: () => void) {
    this.#clock = clock;
    this.#intervalUs = intervalMs * 1000;
    this.#announce = announce;
  }

  changed(): void {
    if (this.#cancel !== null) return;
    const dueUs = this.#lastUs + this.#intervalUs;
    if (this.#clock.nowUs() >= dueUs) this.#now();
    else this.#cancel = this.#clock.at(dueUs as MonoUs, () => this.#now());
  }

  #now(): void {
    this.#cancel = null;
    this.#lastUs = this.#clock.nowUs();
    this.#announce();
  }
}
