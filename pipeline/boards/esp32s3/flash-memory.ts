export const SECTOR_BYTES = 4096;

/**
 * NOR flash: erased bytes read 0xFF, programming only clears bits, erasing is by sector. Sectors nobody wrote take no memory.
 */
export class FlashMemory {
  readonly sizeBytes: number;
  readonly #sectors = new Map<number, Uint8Array>();

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  get isBlank(): boolean {
    return this.#sectors.size === 0;
  }

  holds(offset: number, length: number): boolean {
    return offset >= 0 && length >= 0 && offset + length <= this.sizeBytes;
  }

  read(offset: number, length: number): Uint8Array {
    const out = new Uint8Array(length).fill(0xff);
    this.#eachPiece(offset, length, (sector, from, to, at) => {
      const bytes = this.#sectors.get(sector);
      if (bytes !== undefined) out.set(bytes.subarray(from, to), at);
    });
    return out;
  }

  program(offset: number, data: Uint8Array): void {
    this.#eachPiece(offset, data.length, (sector, from, to, at) => {
      let bytes = this.#sectors.get(sector);
      if (bytes === undefined) {
        bytes = new Uint8Array(SECTOR_BYTES).fill(0xff);
        this.#sectors.set(sector, bytes);
      }
      for (let index = from; index < to; index++) bytes[index] = (bytes[index] ?? 0xff) & (data[at + index - from] ?? 0xff);
    });
  }

  /** Erases every sector the range touches. */
  erase(offset: number, length: number): void {
    const first = Math.floor(offset / SECTOR_BYTES);
    const end = Math.ceil((offset + length) / SECTOR_BYTES);
    for (let sector = first; sector < end; sector++) this.#sectors.delete(sector);
  }

  #eachPiece(offset: number, length: number, visit: (sector: number, from: number, to: number, at: number) => void): void {
    for (let at = 0; at < length; ) {
      const sector = Math.floor((offset + at) / SECTOR_BYTES);
      const from = (offset + at) % SECTOR_BYTES;
      const to = Math.min(SECTOR_BYTES, from + length - at);
      visit(sector, from, to, at);
      at += to - from;
    }
  }
}
