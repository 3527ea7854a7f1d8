import type { BookRow } from './row.ts';

/** Rows kept in memory, and what their texts and bytes may take; older ones are in the store. */
export const RECENT_ROWS = 65_536;
const RECENT_BYTES = 64 << 20;

/** The newest rows of the live log, by seq. */
export class RecentRows {
  readonly #rows: (BookRow | undefined)[] = Array.from({ length: RECENT_ROWS });
  #from = 0;
  #length = 0;
  #bytes = 0;

  /** The oldest seq that is still here. */
  get from(): number {
    return this.#from;
  }

  /** Rows ever added: the seq that the next one has. */
  get length(): number {
    return this.#length;
  }

  add(row: BookRow): void {
    if (this.#length - this.#from === RECENT_ROWS) this.#forgetOldest();
    this.#rows[this.#length % RECENT_ROWS] = row;
    this.#length++;
    this.#bytes += bytesOf(row);
    while (this.#bytes > RECENT_BYTES && this.#length - this.#from > 1) this.#forgetOldest();
  }

  get(seq: number): BookRow | undefined {
    return seq < this.#from || seq >= this.#length ? undefined : this.#rows[seq % RECENT_ROWS];
  }

  /** Those from `from` up to `to` that are here. */
  slice(from: number, to: number): BookRow[] {
    const rows: BookRow[] = [];
    for (let seq = Math.max(from, this.#from); seq < Math.min(to, this.#length); seq++) rows.push(this.#rows[seq % RECENT_ROWS] as BookRow);
    return rows;
  }

  #forgetOldest(): void {
    const at = this.#from % RECENT_ROWS;
    this.#bytes -= bytesOf(this.#rows[at] as BookRow);
    this.#rows[at] = undefined;
    this.#from++;
  }
}

function bytesOf(row: BookRow): number {
  return row.text.length * 2 + row.raw.byteLength;
}
