/** Bytes of s16 little endian, as they come, to whole samples: a chunk may end in the middle of one. */
export class PcmBytes {
  #rest: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): Int16Array {
    const joined = new Uint8Array(this.#rest.length + bytes.length);
    joined.set(this.#rest);
    joined.set(bytes, this.#rest.length);
    const whole = joined.length & ~1;
    this.#rest = joined.slice(whole);
    return new Int16Array(joined.buffer, 0, whole / 2);
  }
}
