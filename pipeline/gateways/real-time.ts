import type { Clock, MonoUs } from '../../preload/contract/time.ts';

/** So much sound may come at once: what a board held back while its network was away. What listens to it holds no more. */
const MOST_AHEAD_US = 8_000_000;
/**
 * What is read of a peer that has more to give, in seconds of sound a second. More than one: a lead that only stood still would leave a
 * board that was held up once late for the rest of its connection, and one with a fast clock in the end as well.
 */
const CATCHING_UP = 1.5;

/**
 * Keeps a peer's sound about to the pace of time. One that sends faster is not read any further until the clock has caught up with half of its
 * lead: it waits in its own buffers, as TCP has it, and not in ours.
 */
export class RealTime {
  readonly #clock: Clock;
  readonly #flow: { pause(): void; resume(): void };
  /** How much more sound has come by `#lastUs` than the pace allows. */
  #aheadUs = 0;
  #lastUs = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, flow: { pause(): void; resume(): void }) {
    this.#clock = clock;
    this.#flow = flow;
  }

  /** So much sound came. */
  took(durationUs: number): void {
    const nowUs = this.#clock.nowUs();
    this.#aheadUs = Math.max(0, this.#aheadUs - (nowUs - this.#lastUs) * CATCHING_UP) + durationUs;
    this.#lastUs = nowUs;
    if (this.#aheadUs <= MOST_AHEAD_US || this.#cancel) return;
    this.#flow.pause();
    const untilHalfUs = (this.#aheadUs - MOST_AHEAD_US / 2) / CATCHING_UP;
    this.#cancel = this.#clock.at(Math.ceil(nowUs + untilHalfUs) as MonoUs, () => {
      this.#cancel = undefined;
      this.#flow.resume();
    });
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
