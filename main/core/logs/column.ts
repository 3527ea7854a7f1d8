type Numbers = Uint8Array | Uint32Array | Float64Array;

const CHUNK = 4096;

/** A list of numbers that only grows, kept in chunks: nothing is copied as it grows, and a million take a few megabytes. */
export class Column {
  readonly #make: (length: number) => Numbers;
  readonly #chunks: Numbers[] = [];
  #length = 0;

  constructor(make: (length: number) => Numbers) {
    this.#make = make;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length % CHUNK;
    if (at === 0) this.#chunks.push(this.#make(CHUNK));
    (this.#chunks[this.#chunks.length - 1] as Numbers)[at] = value;
    this.#length++;
  }

  /** `index` must be below the length. */
  get(index: number): number {
    return (this.#chunks[Math.floor(index / CHUNK)] as Numbers)[index % CHUNK] as number;
  }

  set(index: number, value: number): void {
    (this.#chunks[Math.floor(index / CHUNK)] as Numbers)[index % CHUNK] = value;
  }

  /** The first index whose value is `value` or more, in a column that never falls; its length when there is none. */
  lowerBound(value: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.get(middle) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export const bytesColumn = (): Column => new Column((length) => new Uint8Array(length));
export const countsColumn = (): Column => new Column((length) => new Uint32Array(length));
export const timesColumn = (): Column => new Column((length) => new Float64Array(length));
