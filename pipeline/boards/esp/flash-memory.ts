export const SECTOR_BYTES = 4096;

export interface FlashRange {
  offset: number;
  sizeBytes: number;
}

/** A flash, or what answers in the place of one. */
export type Flash = Pick<FlashMemory, 'sizeBytes' | 'contains' | 'read' | 'program' | 'erase' | 'eraseAll'>;

/** Without power nothing drives its lines, which idle high, and nothing is kept of what it is told. */
export function behindSupply(flash: FlashMemory, isOn: () => boolean): Flash {
  return {
    sizeBytes: flash.sizeBytes,
    contains: (offset, lengthBytes) => flash.contains(offset, lengthBytes),
    read: (offset, lengthBytes) => (isOn() ? flash.read(offset, lengthBytes) : new Uint8Array(lengthBytes).fill(0xff)),
    program: (offset, data) => {
      if (isOn()) flash.program(offset, data);
    },
    erase: (offset, lengthBytes) => {
      if (isOn()) flash.erase(offset, lengthBytes);
    },
    eraseAll: () => {
      if (isOn()) flash.eraseAll();
    },
  };
}

/**
 * A NOR flash chip: erased bytes read 0xFF, erasing works on whole 4 KiB sectors, and programming can only clear bits. What
 * was never written takes no memory. Bytes of the `worn` range keep what they are, whatever is done to them, and nobody is told.
 */
export class FlashMemory {
  readonly sizeBytes: number;
  readonly #worn: FlashRange | null;
  readonly #sectors = new Map<number, Uint8Array>();

  constructor(sizeBytes: number, worn: FlashRange | null = null) {
    this.sizeBytes = sizeBytes;
    this.#worn = worn;
  }

  contains(offset: number, lengthBytes: number): boolean {
    return offset >= 0 && lengthBytes >= 0 && offset + lengthBytes <= this.sizeBytes;
  }

  read(offset: number, lengthBytes: number): Uint8Array {
    const out = new Uint8Array(lengthBytes).fill(0xff);
    for (const part of pieces(offset, lengthBytes)) {
      const sector = this.#sectors.get(part.sector);
      if (sector !== undefined) out.set(sector.subarray(part.start, part.start + part.length), part.done);
    }
    return out;
  }

  program(offset: number, data: Uint8Array): void {
    for (const part of pieces(offset, data.length)) {
      let sector = this.#sectors.get(part.sector);
      if (sector === undefined) {
        sector = new Uint8Array(SECTOR_BYTES).fill(0xff);
        this.#sectors.set(part.sector, sector);
      }
      for (let index = 0; index < part.length; index++) {
        if (this.#isWorn(offset + part.done + index)) continue;
        sector[part.start + index] = (sector[part.start + index] ?? 0xff) & (data[part.done + index] ?? 0xff);
      }
    }
  }

  /** Every sector the range touches. */
  erase(offset: number, lengthBytes: number): void {
    for (const part of pieces(offset, lengthBytes)) this.#sectors.delete(part.sector);
  }

  eraseAll(): void {
    this.#sectors.clear();
  }

  #isWorn(at: number): boolean {
    return this.#worn !== null && at >= this.#worn.offset && at < this.#worn.offset + this.#worn.sizeBytes;
  }
}

function* pieces(offset: number, lengthBytes: number): Generator<{ sector: number; start: number; length: number; done: number }> {
  let done = 0;
  while (done < lengthBytes) {
    const start = (offset + done) % SECTOR_BYTES;
    const length = Math.min(SECTOR_BYTES - start, lengthBytes - done);
    yield { sector: Math.floor((offset + done) / SECTOR_BYTES), start, length, done };
    done += length;
  }
}
