/**
 * What a BK7258's bootloader hears and says, written from what the chip's side of the protocol does (docs/bk7258-flashing.md) and
 * sharing nothing with the flasher.
 */

export interface BootRequest {
  isFlash: boolean;
  code: number;
  data: Buffer;
}

const HEAD = Buffer.from([0x01, 0xe0, 0xfc]);
const LONGEST_BYTES = 0x1100;

/** Puts requests together out of what the line brings. */
export class BootReader {
  #bytes = Buffer.alloc(0);

  push(data: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, data]);
  }

  forget(): void {
    this.#bytes = Buffer.alloc(0);
  }

  /** Null: none that is whole. */
  next(): BootRequest | null {
    for (;;) {
      const at = this.#bytes.indexOf(HEAD[0] ?? 0);
      this.#bytes = this.#bytes.subarray(at < 0 ? this.#bytes.length : at);
      if (this.#bytes.length < 5) return null;
      const isFlash = this.#bytes[3] === 0xff && this.#bytes[4] === 0xf4;
      const headBytes = isFlash ? 7 : 4;
      if (this.#bytes.length < headBytes + 1) return null;
      const length = isFlash ? this.#bytes.readUInt16LE(5) : (this.#bytes[3] ?? 0);
      if (!this.#bytes.subarray(0, 3).equals(HEAD) || length < 1 || length > LONGEST_BYTES) {
        this.#bytes = this.#bytes.subarray(1);
        continue;
      }
      if (this.#bytes.length < headBytes + length) return null;
      const request = {
        isFlash,
        code: this.#bytes[headBytes] ?? 0,
        data: Buffer.from(this.#bytes.subarray(headBytes + 1, headBytes + length)),
      };
      this.#bytes = this.#bytes.subarray(headBytes + length);
      return request;
    }
  }
}

export function shortAnswer(code: number, data: readonly number[] | Uint8Array): Buffer {
  return Buffer.from([0x04, 0x0e, 4 + data.length, ...HEAD, code, ...data]);
}

/** `lengthLess`: so much less than there is, in the length alone. */
export function flashAnswer(code: number, status: number, data: readonly number[] | Uint8Array, lengthLess = 0): Buffer {
  const length = 2 + data.length - lengthLess;
  return Buffer.from([0x04, 0x0e, 0xff, ...HEAD, 0xf4, length & 0xff, length >> 8, code, status, ...data]);
}
