import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/** Between the pieces of a line that comes in pieces. */
const PIECE_US = 200;

/** What the modem says: as it comes, or in pieces of one to three bytes when it is given a source of chance. */
export class ModemOutput {
  readonly #clock: Clock;
  readonly #random: (() => number) | null;
  readonly #listeners = new Set<(data: Uint8Array) => void>();
  #pieces: Uint8Array[] = [];
  #doneUs = 0;
  /** Null: nothing is under way. */
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, random: (() => number) | null) {
    this.#clock = clock;
    this.#random = random;
  }

  /** When the last of what waits to be sent will be out. */
  get doneUs(): number {
    return this.#doneUs;
  }

  listen(listener: (data: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  send(said: string | Uint8Array): void {
    const bytes = typeof said === 'string' ? Uint8Array.from(Buffer.from(said, 'utf8')) : said;
    if (this.#random === null) {
      this.#transmit(bytes);
      return;
    }
    for (let from = 0; from < bytes.length; ) {
      const to = Math.min(bytes.length, from + 1 + Math.floor(this.#random() * 3));
      this.#pieces.push(bytes.slice(from, to));
      from = to;
    }
    this.#doneUs = this.#clock.nowUs() + this.#pieces.length * PIECE_US;
    if (this.#cancel === null) this.#sendPiece();
  }

  /** What was not sent yet is lost. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#pieces = [];
  }

  /** One after the other on one timer: several that are due together would overtake one another. */
  #sendPiece(): void {
    const piece = this.#pieces.shift();
    if (piece === undefined) {
      this.#cancel = null;
      return;
    }
    this.#cancel = this.#clock.at((this.#clock.nowUs() + PIECE_US) as MonoUs, () => this.#sendPiece());
    this.#transmit(piece);
  }

  #transmit(bytes: Uint8Array): void {
    for (const listener of this.#listeners) listener(bytes);
  }
}
