import type { LogRow } from '../../preload/contract/logs.ts';

export const pageRows = 200;
/** What a view keeps: 12,000 rows, the least recently seen given up first. */
const maximumPages = 60;

interface Page {
  rows: (LogRow | undefined)[];
  repeats: (number | undefined)[];
  /** The core has been asked for every index below this one; what is missing there cannot be had. */
  askedTo: number;
}

/** Rows of a view by their index, as many as the reader is likely to look at next. */
export class LogPages {
  readonly #pages = new Map<number, Page>();

  clear(): void {
    this.#pages.clear();
  }

  row(index: number): LogRow | undefined {
    return this.#pages.get(Math.floor(index / pageRows))?.rows[index % pageRows];
  }

  /** How often the row came in all, where repeats are collapsed. */
  repeats(index: number): number {
    return this.#pages.get(Math.floor(index / pageRows))?.repeats[index % pageRows] ?? 1;
  }

  put(from: number, rows: readonly LogRow[], repeats: readonly number[] | undefined): void {
    let page: Page | null = null;
    for (const [offset, row] of rows.entries()) {
      const index = from + offset;
      if (page === null || index % pageRows === 0) page = this.#use(Math.floor(index / pageRows));
      page.rows[index % pageRows] = row;
      if (repeats !== undefined) page.repeats[index % pageRows] = repeats[offset];
    }
    for (const number of this.#pages.keys()) {
      if (this.#pages.size <= maximumPages) break;
      this.#pages.delete(number);
    }
  }

  /** Notes that rows below `index` have been asked for in the page. */
  asked(number: number, index: number): void {
    const page = this.#use(number);
    page.askedTo = Math.max(page.askedTo, index);
  }

  /** Whether something of [from, to) is neither here nor known to be gone. Looking at a page keeps it. */
  isMissing(from: number, to: number): boolean {
    if (to <= from) return false;
    const number = Math.floor(from / pageRows);
    if (!this.#pages.has(number)) return true;
    const page = this.#use(number);
    for (let index = Math.max(from, page.askedTo); index < to; index++) if (page.rows[index % pageRows] === undefined) return true;
    return false;
  }

  #use(number: number): Page {
    const page = this.#pages.get(number) ?? { rows: [], repeats: [], askedTo: 0 };
    this.#pages.delete(number);
    this.#pages.set(number, page);
    return page;
  }
}
