/** By what a board is known: its name in the log, or its hardware's own (MAC, IMEI). */
export type Proof = 'name' | 'hardware';
const kinds: readonly Proof[] = ['name', 'hardware'];

/**
 * When the board on a port was last known to be the run's, and since when it may be another. All times in µs of the clock. Each proof speaks for
 * itself; once both have been true of one board, each speaks for the other as well.
 */
export class Proofs {
  readonly #provenUs: Record<Proof, number> = { name: -1, hardware: -1 };
  readonly #unsureUs: Record<Proof, number | null>;
  #partedUs = -1;
  #areOne: boolean;

  constructor(sinceUs: number, areOne: boolean) {
    this.#unsureUs = { name: sinceUs, hardware: sinceUs };
    this.#areOne = areOne;
  }

  /** A start, or a parting of the port. False where the board has proven itself since. */
  part(atUs: number): boolean {
    let isNews = false;
    for (const kind of kinds) {
      if (atUs <= this.#provenUs[kind]) continue;
      this.#unsureUs[kind] ??= atUs;
      isNews = true;
    }
    if (isNews) this.#partedUs = Math.max(this.#partedUs, atUs);
    return isNews;
  }

  /** At that time it was the run's. False where that is no news. */
  prove(by: Proof, atUs: number): boolean {
    if (atUs <= this.#provenUs[by]) return false;
    for (const kind of kinds) {
      if (kind !== by && !this.#areOne) continue;
      this.#provenUs[kind] = Math.max(this.#provenUs[kind], atUs);
      const unsureUs = this.#unsureUs[kind];
      if (unsureUs !== null && unsureUs <= atUs) this.#unsureUs[kind] = null;
    }
    if (kinds.every((kind) => this.#unsureUs[kind] === null)) this.#areOne = true;
    return true;
  }

  /** When it was last; -1: never. */
  provenUs(by: Proof): number {
    return this.#provenUs[by];
  }

  isUnsure(by: Proof): boolean {
    return this.#unsureUs[by] !== null;
  }

  unsureSince(by: Proof): number | null {
    return this.#unsureUs[by];
  }

  hasPartedSince(atUs: number): boolean {
    return this.#partedUs > atUs;
  }
}
