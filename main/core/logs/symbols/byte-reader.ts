/** The file breaks its format's rules. Caught where the file or the part of it is opened; callers outside see 'symbols/bad-elf'. */
export class BadElf extends Error {}

/** No name or path is longer. A million entries that share one long string could keep us busy for hours. */
const MAX_TEXT_BYTES = 16_384;

/** A cursor over little-endian bytes. Every read is checked against the end, so that a hostile file can only be refused. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    if (at < 0 || end > bytes.length || at > end) throw new BadElf(`bytes ${at}…${end} are not in the section`);
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u24(): number {
    const at = this.#take(3);
    return this.#view.getUint16(at, true) | (this.#view.getUint8(at + 2) << 16);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Of eight bytes only the lower half matters to a 32-bit machine's addresses and offsets. */
  u64Low(): number {
    return this.#view.getUint32(this.#take(8), true);
  }

  /** Exact up to 2^53; what is longer loses its upper bits, which no offset or line has. */
  uleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      if (scale <= 2 ** 49) value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  sleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      if (scale <= 2 ** 49) value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return byte & 0x40 && scale <= 2 ** 49 ? value - scale : value;
    }
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** A string up to its zero byte. */
  text(): string {
    const from = this.at;
    this.skipText();
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, this.at - 1 - from).toString('utf8');
  }

  skipText(): void {
    const limit = Math.min(this.end, this.at + MAX_TEXT_BYTES);
    const length = this.bytes.subarray(this.at, limit).indexOf(0);
    if (length < 0) throw new BadElf(limit === this.end ? 'a string has no end' : `a string of more than ${MAX_TEXT_BYTES} bytes`);
    this.at += length + 1;
  }

  /** A reader of the next `count` bytes, which this one steps over. Offsets stay those of the section. */
  part(count: number): ByteReader {
    const from = this.#take(count);
    return new ByteReader(this.bytes, from, from + count);
  }

  #take(count: number): number {
    const from = this.at;
    if (count < 0 || from + count > this.end) throw new BadElf(`${count} bytes wanted at ${from}, the part ends at ${this.end}`);
    this.at = from + count;
    return from;
  }
}

/** The string at an offset of a string section. */
export function textAt(section: Uint8Array | null, offset: number): string {
  if (section === null) throw new BadElf('a string section is missing');
  return new ByteReader(section, offset).text();
}
