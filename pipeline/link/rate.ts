/** What may go at once after a pause: as much as the link carries in this time, and one packet. */
const BURST_US = 20_000;

/** A token bucket, told as when a packet has left: of what leaves within any T there is at most T and 20 ms worth, and one packet. */
export class RateBucket {
  #freeUs = Number.NEGATIVE_INFINITY;

  /** When so many bytes that are there now have gone out. Null: as quickly as they come. */
  leaveUs(bytes: number, nowUs: number, rateKbitS: number | null): number {
    if (rateKbitS === null) return nowUs;
    // kbit/s are bits a millisecond.
    this.#freeUs = Math.max(this.#freeUs, nowUs - BURST_US) + (bytes * 8 * 1000) / rateKbitS;
    return Math.max(nowUs, this.#freeUs);
  }

  /** How long what comes now has to wait for what came before. */
  queueUs(nowUs: number): number {
    return Math.max(0, this.#freeUs - nowUs);
  }

  /** What waited waits no more. */
  clear(): void {
    this.#freeUs = Number.NEGATIVE_INFINITY;
  }
}
