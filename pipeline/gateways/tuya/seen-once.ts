import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/** What may come once: nonces, randoms of hellos. Each is remembered for a time, and of more than `most` the newest. */
export class SeenOnce {
  readonly #clock: Clock;
  readonly #forUs: number;
  readonly #most: number;
  readonly #seen = new Map<string, MonoUs>();

  constructor(clock: Clock, limits: { forS: number; most: number }) {
    this.#clock = clock;
    this.#forUs = limits.forS * 1_000_000;
    this.#most = limits.most;
  }

  /** Whether it has come before; from now on it has. */
  isAgain(key: string): boolean {
    const nowUs = this.#clock.nowUs();
    for (const [known, atUs] of this.#seen) {
      if (atUs > nowUs - this.#forUs && this.#seen.size < this.#most) break;
      this.#seen.delete(known);
    }
    if (this.#seen.has(key)) return true;
    this.#seen.set(key, nowUs);
    return false;
  }
}
