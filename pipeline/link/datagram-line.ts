import type { LinkImpairment } from '../../preload/contract/checks.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import { RateBucket } from './rate.ts';

/** What waits for a slow link longer than that is thrown away, as a router does. */
const LONGEST_QUEUE_US = 1_000_000;

/** One direction of datagrams over a bad link: some are lost, some come late or before those that were sent earlier. */
export class DatagramLine {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #bucket = new RateBucket();
  readonly #timers = new Set<() => void>();
  #heldBytes = 0;

  constructor(deps: { clock: Clock; random: () => number }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  send(bytes: number, impairment: LinkImpairment, deliver: () => void): void {
    const { delayMs, jitterMs, lossPercent, rateKbitS, isStalled } = impairment;
    const nowUs = this.#clock.nowUs();
    const sway = this.#random() * 2 - 1;
    const isLost = this.#random() * 100 < lossPercent;
    if (isLost || isStalled || (rateKbitS !== null && this.#bucket.queueUs(nowUs) > LONGEST_QUEUE_US)) return;
    const leftUs = this.#bucket.leaveUs(bytes, nowUs, rateKbitS);
    this.#heldBytes += bytes;
    const arrivesUs = Math.ceil(leftUs + Math.max(0, delayMs + jitterMs * sway) * 1000);
    const cancel = this.#clock.at(arrivesUs as MonoUs, () => {
      this.#timers.delete(cancel);
      this.#heldBytes -= bytes;
      deliver();
    });
    this.#timers.add(cancel);
  }

  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#heldBytes = 0;
  }
}
