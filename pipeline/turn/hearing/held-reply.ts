import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

export interface HeldReplyHost {
  hold(onsetUs: number): void;
  release(reason: string): void;
}

/** A reply that is held while it is decided whether what was said into it interrupts it. */
export class HeldReply {
  readonly #clock: Clock;
  readonly #host: HeldReplyHost;
  #isHeld = false;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, host: HeldReplyHost) {
    this.#clock = clock;
    this.#host = host;
  }

  hold(onsetUs: number): void {
    this.#cancelTimer?.();
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#host.hold(onsetUs);
  }

  release(reason: string): void {
    if (!this.#isHeld) return;
    this.forget();
    this.#host.release(reason);
  }

  /** It goes on by itself when nothing is decided by then. */
  releaseAfter(timeoutMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.at((this.#clock.nowUs() + timeoutMs * 1000) as MonoUs, () => this.release('timeout'));
  }

  /** There is nothing to be held any more. */
  forget(): void {
    this.#isHeld = false;
    this.#cancelTimer?.();
  }
}
