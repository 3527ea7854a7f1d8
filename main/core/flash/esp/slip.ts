const END = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED_END = 0xdc;
const ESCAPED_ESCAPE = 0xdd;
/** The largest thing a loader sends is a 4 KiB read block. More between two ENDs is not a packet. */
const MAX_PACKET_BYTES = 64 * 1024;

export function encodeSlip(payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(payload.length * 2 + 2);
  let length = 0;
  out[length++] = END;
  for (const byte of payload) {
    if (byte === END || byte === ESCAPE) {
      out[length++] = ESCAPE;
      out[length++] = byte === END ? ESCAPED_END : ESCAPED_ESCAPE;
    } else out[length++] = byte;
  }
  out[length++] = END;
  return out.slice(0, length);
}

/**
 * Packets out of a byte stream. Everything between two ENDs is one, also what a booting application printed there: whether it
 * is an answer is for the reader to see. So no byte can make it fail, and the END that closes noise opens the answer behind it.
 */
export class SlipReader {
  #packet = new Uint8Array(1024);
  #length = 0;
  #isEscaped = false;
  #droppedBytes = 0;

  /** Bytes of packets that outgrew any answer. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  push(data: Uint8Array): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (const byte of data) {
      if (byte === END) {
        if (this.#length > 0) packets.push(this.#packet.slice(0, this.#length));
        this.reset();
      } else if (this.#isEscaped) {
        this.#isEscaped = false;
        if (byte === ESCAPED_END) this.#append(END);
        else if (byte === ESCAPED_ESCAPE) this.#append(ESCAPE);
        else {
          this.#append(ESCAPE);
          this.#append(byte);
        }
      } else if (byte === ESCAPE) this.#isEscaped = true;
      else this.#append(byte);
    }
    return packets;
  }

  reset(): void {
    this.#length = 0;
    this.#isEscaped = false;
  }

  #append(byte: number): void {
    if (this.#length === MAX_PACKET_BYTES) {
      this.#droppedBytes += this.#length;
      this.#length = 0;
    }
    if (this.#length === this.#packet.length) {
      const grown = new Uint8Array(this.#packet.length * 2);
      grown.set(this.#packet);
      this.#packet = grown;
    }
    this.#packet[this.#length++] = byte;
  }
}
