import { crc32 } from 'node:zlib';
import type { Expected } from './frames.ts';

const HEADER_BYTES = 6;

export interface Response {
  /** 0: done. Anything else is a refusal, whose numbers nobody has explained. */
  state: number;
  data: Uint8Array;
}

export type Found = { kind: 'response'; response: Response } | { kind: 'bad-check' };

/**
 * Finds the one answer that is waited for in whatever the line brings: in pieces, behind noise, behind an echo that comes late.
 * A header that leads to a wrong check may be noise, so what follows it is looked through all the same.
 */
export class ResponseReader {
  #expected: Expected;
  #bytes = Buffer.alloc(0);
  #skippedBytes = 0;

  constructor(expected: Expected) {
    this.#expected = expected;
  }

  /** Bytes that belonged to no answer. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  push(data: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, data]);
  }

  /** Null: more bytes are needed. */
  next(): Found | null {
    const { isChecked, maxDataBytes } = this.#expected;
    for (;;) {
      this.#skipTo(this.#headerAt());
      if (this.#bytes.length < HEADER_BYTES) return null;
      const [state = 0, dataBytes = 0] = this.#bytes.subarray(4);
      if (dataBytes > maxDataBytes) {
        this.#skipTo(1);
        continue;
      }
      const end = HEADER_BYTES + dataBytes;
      if (this.#bytes.length < end + (isChecked ? 4 : 0)) return null;
      if (isChecked && crc32(this.#bytes.subarray(0, end)) !== this.#bytes.readUInt32LE(end)) {
        this.#skipTo(1);
        return { kind: 'bad-check' };
      }
      const data = Uint8Array.from(this.#bytes.subarray(HEADER_BYTES, end));
      this.#bytes = this.#bytes.subarray(end + (isChecked ? 4 : 0));
      return { kind: 'response', response: { state, data } };
    }
  }

  /** Where the four bytes stand, or as much of them as there is at the end. */
  #headerAt(): number {
    const { command, index, order } = this.#expected;
    const header = [command, index, order, ~order & 0xff];
    for (let at = 0; at < this.#bytes.length; at++) {
      if (header.every((byte, i) => at + i >= this.#bytes.length || this.#bytes[at + i] === byte)) return at;
    }
    return this.#bytes.length;
  }

  #skipTo(at: number): void {
    this.#skippedBytes += at;
    this.#bytes = this.#bytes.subarray(at);
  }
}
