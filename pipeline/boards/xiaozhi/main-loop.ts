import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/** From something to do to the pass that does it: the order of a FreeRTOS tick. */
const PASS_US = 10_000;

/**
 * The firmware's main loop. What comes from the network is done in the next pass, and what follows from a change of state in the pass
 * after that one: several changes within one pass are one, and only the last state counts (reference/voice.md §4.4, 1 and 4).
 */
export class MainLoop {
  readonly #clock: Clock;
  readonly #onStateChanged: () => void;
  #tasks: (() => void)[] = [];
  #hasStateChanged = false;
  #cancelPass: (() => void) | null = null;
  #isStopped = false;

  constructor(clock: Clock, onStateChanged: () => void) {
    this.#clock = clock;
    this.#onStateChanged = onStateChanged;
  }

  schedule(task: () => void): void {
    this.#tasks.push(task);
    this.#wake();
  }

  stateChanged(): void {
    this.#hasStateChanged = true;
    this.#wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelPass?.();
    this.#tasks = [];
  }

  #wake(): void {
    if (this.#isStopped || this.#cancelPass !== null) return;
    this.#cancelPass = this.#clock.at((this.#clock.nowUs() + PASS_US) as MonoUs, () => {
      this.#cancelPass = null;
      this.#pass();
    });
  }

  #pass(): void {
    const { length } = this.#tasks;
    if (this.#hasStateChanged) {
      this.#hasStateChanged = false;
      this.#onStateChanged();
    }
    for (const task of this.#tasks.splice(0, length)) task();
    if (this.#tasks.length > 0) this.#wake();
  }
}
