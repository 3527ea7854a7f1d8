/**
 * One thing that goes wrong. silence: the request is not heard · lost-answer: it is done and the answer is lost · late-answer: it
 * comes after everybody has given up on it · nak · bad-check: the answer is spoiled · noise: before the answer · vanish: the power
 * goes.
 */
export interface LoaderFault<Does extends string = LoaderDoes> {
  /** 'DL sync', 'AG DOWNLOAD_DATA', 'LPC SYS_RST', …: who is asked what. */
  at: string;
  /** At its so many-th time, from 1. */
  nth?: number;
  /** So many times in a row. */
  times?: number;
  does: Does;
}

type LoaderDoes = 'silence' | 'lost-answer' | 'late-answer' | 'nak' | 'bad-check' | 'noise' | 'vanish';

/** Counts what is asked, and says what goes wrong with it. */
export class LoaderFaults<Does extends string = LoaderDoes> {
  readonly #faults: readonly LoaderFault<Does>[];
  readonly #asked = new Map<string, number>();

  constructor(faults: readonly LoaderFault<Does>[]) {
    this.#faults = faults;
  }

  /** Of this time. */
  with(step: string): Does | null {
    const count = (this.#asked.get(step) ?? 0) + 1;
    this.#asked.set(step, count);
    const hit = this.#faults.find(({ at, nth = 1, times = 1 }) => at === step && count >= nth && count < nth + times);
    return hit?.does ?? null;
  }
}
