import type { Clock } from '../../../../preload/contract/time.ts';

const WINDOW_US = 5_000_000;

/** How fast it goes, over the last seconds: what was here before the download began is no speed. */
export class Rate {
  readonly #clock: Clock;
  readonly #samples: { atUs: number; bytes: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `bytes`: all that is here by now. Fewer than before: it began anew. */
  add(bytes: number): void {
    const atUs = this.#clock.nowUs();
    const last = this.#samples.at(-1);
    if (last !== undefined && bytes < last.bytes) this.#samples.length = 0;
    if (last !== undefined && last.atUs === atUs) last.bytes = bytes;
    else this.#samples.push({ atUs, bytes });
    while (this.#samples.length > 2 && (this.#samples[1]?.atUs ?? atUs) < atUs - WINDOW_US) this.#samples.shift();
  }

  perSecond(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atUs === first.atUs) return null;
    return Math.round(((last.bytes - first.bytes) * 1_000_000) / (last.atUs - first.atUs));
  }
}
