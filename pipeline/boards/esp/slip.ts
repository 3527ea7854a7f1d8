/**
 * SLIP as the ROM speaks it. The bench's loader has its own: two ends that share a codec would also share its mistakes.
 */
export function encodeSlip(payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(2 * payload.length + 2);
  let length = 0;
  out[length++] = 0xc0;
  for (const byte of payload) {
    if (byte === 0xc0 || byte === 0xdb) {
      out[length++] = 0xdb;
      out[length++] = byte === 0xc0 ? 0xdc : 0xdd;
    } else out[length++] = byte;
  }
  out[length++] = 0xc0;
  return out.slice(0, length);
}

/** Frames out of a byte stream; what stands between frames is ignored, a frame that outgrows the receive buffer is lost. */
export class SlipReceiver {
  readonly #frame: Uint8Array;
  #length = -1;
  #isEscaped = false;

  constructor(maxFrameBytes: number) {
    this.#frame = new Uint8Array(maxFrameBytes);
  }

  *receive(data: Uint8Array): Generator<Uint8Array> {
    for (const byte of data) {
      if (byte === 0xc0) {
        const complete = this.#length > 0 ? this.#frame.slice(0, this.#length) : null;
        this.#length = complete === null ? 0 : -1;
        this.#isEscaped = false;
        if (complete !== null) yield complete;
      } else if (this.#length >= 0) this.#take(byte);
    }
  }

  #take(byte: number): void {
    if (byte === 0xdb && !this.#isEscaped) {
      this.#isEscaped = true;
      return;
    }
    const plain = this.#isEscaped ? (byte === 0xdc ? 0xc0 : 0xdb) : byte;
    this.#isEscaped = false;
    if (this.#length < this.#frame.length) this.#frame[this.#length++] = plain;
    else this.#length = -1;
  }
}
