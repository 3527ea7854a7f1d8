import type { LogRow } from '../../preload/contract/logs.ts';
import { beginWork, inNextFrame } from './idle.ts';

/** Loads up to `limit` rows from `fromSeq` on. Rejects when it cannot. */
export type LoadRows = (fromSeq: number, limit: number) => Promise<LogRow[]>;

const pageRows = 500;
/** What stays in memory: 100,000 rows. The newest pages are never let go. */
const maximumPages = 200;
const pinnedPages = 40;
const pagesAhead = 8;

/**
 * The rows of one port, held in pages outside React: live rows are appended, older ones loaded when they are looked at,
 * and the least recently seen pages let go. `seq` counts from 0 without gaps, so it is also the position in the whole log.
 */
export class LogStore {
  readonly #load: LoadRows | null;
  readonly #pages = new Map<number, (LogRow | undefined)[]>();
  readonly #loading = new Map<number, Promise<void>>();
  readonly #listeners = new Set<() => void>();
  readonly #appendListeners = new Set<(rows: readonly LogRow[]) => void>();
  #totalRows = 0;
  #version = 0;
  #isFrameAsked = false;

  /** Without `load` (nothing is recorded) only rows still in memory can be shown. */
  constructor(load: LoadRows | null) {
    this.#load = load;
  }

  get totalRows(): number {
    return this.#totalRows;
  }

  /** Changes whenever rows came or went; what `useSyncExternalStore` compares. */
  get version(): number {
    return this.#version;
  }

  /** Starts over with the newest rows of a log of `totalRows`. */
  reset(rows: readonly LogRow[], totalRows: number): void {
    this.#pages.clear();
    this.#totalRows = totalRows;
    for (const row of rows) this.#put(row);
    this.#changed();
  }

  append(rows: readonly LogRow[]): void {
    for (const row of rows) this.#put(row);
    this.#evict();
    for (const listener of this.#appendListeners) listener(rows);
    this.#changed();
  }

  /** The row if it is in memory; otherwise it is asked for and listeners are told when it has come. */
  row(seq: number): LogRow | undefined {
    const number = Math.floor(seq / pageRows);
    const page = this.#pages.get(number);
    const row = page?.[seq % pageRows];
    if (row === undefined && seq >= 0 && seq < this.#totalRows) {
      void this.#loadPage(number).catch(() => undefined); // shown as missing; looked at again, asked for again
    } else if (page !== undefined) {
      this.#pages.delete(number);
      this.#pages.set(number, page);
    }
    return row;
  }

  /** Rows in the order of `seqs`, loaded where needed; those that can no longer be had are left out. */
  async rows(seqs: readonly number[]): Promise<LogRow[]> {
    const found: LogRow[] = [];
    const isHeld = (seq: number): boolean => this.#pages.get(Math.floor(seq / pageRows))?.[seq % pageRows] !== undefined;
    for (const [index, seq] of seqs.entries()) {
      const number = Math.floor(seq / pageRows);
      if (!isHeld(seq)) {
        // The pages after this one are asked for along with it: a long copy is bound by the replies, not by their delay.
        const ahead = new Set<number>();
        for (const next of seqs.slice(index, index + pagesAhead * pageRows)) {
          if (isHeld(next) || ahead.size === pagesAhead) break;
          ahead.add(Math.floor(next / pageRows));
        }
        await Promise.all([...ahead].map((each) => this.#loadPage(each)));
      }
      const row = this.#pages.get(number)?.[seq % pageRows];
      if (row !== undefined) found.push(row);
    }
    return found;
  }

  /** Rows in memory, oldest first, without loading any. */
  *held(): Iterable<LogRow> {
    for (const number of [...this.#pages.keys()].sort((a, b) => a - b))
      for (const row of this.#pages.get(number) ?? []) if (row !== undefined) yield row;
  }

  /** The last row not after `us`, by bisection: a log of a million rows costs a dozen pages. −1 before the first. */
  async seqAt(us: number): Promise<number> {
    let [low, high] = [0, this.#totalRows];
    while (low < high) {
      const middle = (low + high) >> 1;
      const [row] = await this.rows([middle]);
      if (row !== undefined && row.atUs <= us) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onAppend(listener: (rows: readonly LogRow[]) => void): () => void {
    this.#appendListeners.add(listener);
    return () => this.#appendListeners.delete(listener);
  }

  #put(row: LogRow): void {
    const number = Math.floor(row.seq / pageRows);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = [];
      this.#pages.set(number, page);
    }
    page[row.seq % pageRows] = row;
    this.#totalRows = Math.max(this.#totalRows, row.seq + 1);
  }

  #evict(): void {
    const firstPinned = Math.floor(this.#totalRows / pageRows) - pinnedPages;
    for (const number of this.#pages.keys()) {
      if (this.#pages.size <= maximumPages) return;
      if (number < firstPinned) this.#pages.delete(number);
    }
  }

  #loadPage(number: number): Promise<void> {
    const known = this.#loading.get(number);
    if (known !== undefined) return known;
    const load = this.#load;
    if (load === null) return Promise.resolve();
    const done = beginWork();
    const loading = (async () => {
      try {
        for (const row of await load(number * pageRows, pageRows)) this.#put(row);
        this.#evict();
        this.#changed();
      } finally {
        this.#loading.delete(number);
        done();
      }
    })();
    this.#loading.set(number, loading);
    return loading;
  }

  #changed(): void {
    if (this.#isFrameAsked) return;
    this.#isFrameAsked = true;
    inNextFrame(() => {
      this.#isFrameAsked = false;
      this.#version++;
      for (const listener of this.#listeners) listener();
    });
  }
}
