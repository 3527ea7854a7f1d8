import type { BookRow } from './row.ts';

/** What the texts and bytes of the rows in memory may take; older ones are in the store. */
const RECENT_BYTES = 64 << 20;

/** The newest rows of the live log, by seq. */
export class RecentRows {
  readonly #rows: (BookRow | undefined)[];
  readonly #capacity: number;
  #from = 0;
  #length = 0;
  #bytes = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#rows = Array.from({ length: capacity });
  }

  /** The oldest seq that is still here. */
  get from(): number {
    return this.#from;
  }

  /** Rows ever added: the seq that the next one has. */
  get length(): number {
    return this.#length;
  }

  add(row: BookRow): void {
    if (this.#length - this.#from === this.#capacity) this.#forgetOldest();
    this.#rows[this.#length % this.#capacity] = row;
    this.#length++;
    this.#bytes += bytesOf(row);
    while (this.#bytes > RECENT_BYTES && this.#length - this.#from > 1) this.#forgetOldest();
  }

  get(seq: number): BookRow | undefined {
    return seq < this.#from || seq >= this.#length ? undefined : this.#rows[seq % this.#capacity];
  }

  /** Those from `from` up to `to` that are here. */
  slice(from: number, to: number): BookRow[] {
    const rows: BookRow[] = [];
    for (let seq = Math.max(from, this.#from); seq < Math.min(to, this.#length); seq++)
      rows.push(this.#rows[seq % this.#capacity] as BookRow);
    return rows;
  }

  #forgetOldest(): void {
    const at = this.#from % this.#capacity;
    this.#bytes -= bytesOf(this.#rows[at] as BookRow);
    this.#rows[at] = undefined;
    this.#from++;
  }
}

function bytesOf(row: BookRow): number {
  return row.text.length * 2 + row.raw.byteLength;
}
