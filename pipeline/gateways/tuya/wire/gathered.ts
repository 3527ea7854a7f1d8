/**
 * Bytes that come piece by piece, in one buffer that grows with them: what a peer sends in pieces of one byte, or of none, costs no more
 * than the bytes.
 */
export class Gathered {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Copies the piece. */
  push(piece: Uint8Array): void {
    const needed = this.#length + piece.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = needed;
  }

  /** All of it, which is the caller's; begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const whole = this.#bytes.subarray(0, this.#length);
    this.clear();
    return whole;
  }

  /** All of it, as it is so far. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  clear(): void {
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
  }
}
