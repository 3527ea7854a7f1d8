import { createHash } from 'node:crypto';
import type { Flash } from './flash-memory.ts';
import { wordsOf } from './protocol.ts';
import { encodeSlip } from './slip.ts';

/**
 * The stub's READ_FLASH: packets of `blockBytes`, at most `inFlight` of them unacknowledged; the host acknowledges with the
 * count of bytes it has; then comes the MD5 of all of them. An acknowledgement that is none, or of more than was sent, ends
 * the reading where it is.
 */
export class FlashReader {
  readonly #flash: Flash;
  readonly #range: { offset: number; sizeBytes: number; blockBytes: number; inFlight: number };
  readonly #transmit: (bytes: Uint8Array) => void;
  #sent = 0;
  #acknowledged = 0;
  #isOver = false;

  constructor(
    flash: Flash,
    range: { offset: number; sizeBytes: number; blockBytes: number; inFlight: number },
    transmit: (bytes: Uint8Array) => void,
  ) {
    this.#flash = flash;
    this.#range = range;
    this.#transmit = transmit;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  acknowledge(frame: Uint8Array): void {
    const [count = 0] = wordsOf(frame);
    if (frame.length !== 4 || count > this.#sent) {
      this.#finish();
      return;
    }
    this.#acknowledged = count;
    this.send();
  }

  send(): void {
    const { offset, sizeBytes, blockBytes, inFlight } = this.#range;
    while (this.#sent < sizeBytes && this.#sent - this.#acknowledged < blockBytes * inFlight) {
      const length = Math.min(blockBytes, sizeBytes - this.#sent);
      this.#transmit(encodeSlip(this.#flash.read(offset + this.#sent, length)));
      this.#sent += length;
    }
    if (this.#acknowledged >= sizeBytes) this.#finish();
  }

  #finish(): void {
    this.#isOver = true;
    this.#transmit(encodeSlip(createHash('md5').update(this.#flash.read(this.#range.offset, this.#sent)).digest()));
  }
}
