const END = 0xc0;
const ESC = 0xdb;
const ESC_END = 0xdc;
const ESC_ESC = 0xdd;

/** One SLIP packet around `payload` (RFC 1055 with a leading END, as Espressif's loaders send). */
export function encodeSlip(payload: Uint8Array): Uint8Array {
  const out: number[] = [END];
  for (const byte of payload) {
    if (byte === END) out.push(ESC, ESC_END);
    else if (byte === ESC) out.push(ESC, ESC_ESC);
    else out.push(byte);
  }
  out.push(END);
  return Uint8Array.from(out);
}

/** Larger than any block a loader may send; a longer packet is noise. */
const LIMIT_BYTES = 64 * 1024;

/** Bytes in, packets out. Noise between packets and empty packets are skipped. */
export class SlipReader {
  #packet: number[] | null = null;
  #isEscaped = false;

  push(data: Uint8Array): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (const byte of data) {
      if (byte === END) {
        if (this.#packet !== null && this.#packet.length > 0) packets.push(Uint8Array.from(this.#packet));
        this.#packet = [];
        this.#isEscaped = false;
      } else if (this.#packet !== null) this.#add(byte);
    }
    return packets;
  }

  reset(): void {
    this.#packet = null;
    this.#isEscaped = false;
  }

  #add(byte: number): void {
    const packet = this.#packet ?? [];
    if (this.#isEscaped) {
      packet.push(byte === ESC_END ? END : byte === ESC_ESC ? ESC : byte);
      this.#isEscaped = false;
    } else if (byte === ESC) this.#isEscaped = true;
    else packet.push(byte);
    if (packet.length > LIMIT_BYTES) this.reset();
  }
}
