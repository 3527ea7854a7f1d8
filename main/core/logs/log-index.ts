import type { LogLevel } from '../../../preload/contract/logs.ts';
import { countsColumn, timesColumn } from './column.ts';

/** Severities that are counted each by itself; debug, verbose and rows without a level are the rest. */
export const severities = ['error', 'warn', 'info'] as const;
export type Severity = (typeof severities)[number];
export type SeverityCounts = Record<Severity | 'other', number[]>;

/** Rows that follow each other, with their span of time. */
export interface Stretch {
  firstSeq: number;
  rows: number;
  firstUs: number;
  lastUs: number;
  error: number;
  warn: number;
  info: number;
}

/**
 * Where in a log a time is, and how severe it was when, without looking at its rows: one entry for many of them. Rows come nearly in
 * the order of time, so an entry also knows the latest time that the log had reached with it.
 */
export class LogIndex {
  readonly #firstSeqs = countsColumn();
  readonly #rows = countsColumn();
  readonly #firstUs = timesColumn();
  readonly #lastUs = timesColumn();
  readonly #reachedUs = timesColumn();
  readonly #severities = { error: countsColumn(), warn: countsColumn(), info: countsColumn() };

  get length(): number {
    return this.#firstSeqs.length;
  }

  get firstUs(): number {
    return this.length === 0 ? 0 : this.#firstUs.get(0);
  }

  /** The latest time of all. */
  get lastUs(): number {
    return this.length === 0 ? 0 : this.#reachedUs.get(this.length - 1);
  }

  add(stretch: Stretch): void {
    this.#reachedUs.push(Math.max(this.lastUs, stretch.lastUs));
    this.#firstSeqs.push(stretch.firstSeq);
    this.#rows.push(stretch.rows);
    this.#firstUs.push(stretch.firstUs);
    this.#lastUs.push(stretch.lastUs);
    for (const severity of severities) this.#severities[severity].push(stretch[severity]);
  }

  /** The rows among which the first one at or after a time is; null when there is none. */
  holding(atUs: number): { firstSeq: number; rows: number } | null {
    const at = this.#reachedUs.lowerBound(atUs);
    return at === this.length ? null : { firstSeq: this.#firstSeqs.get(at), rows: this.#rows.get(at) };
  }

  /** Rows per bucket of `fromUs` to `toUs`. The rows of an entry that lies across borders are shared out by time. */
  histogram(fromUs: number, toUs: number, buckets: number): SeverityCounts {
    const counts = emptyCounts(buckets);
    for (let at = this.#reachedUs.lowerBound(fromUs); at < this.length; at++) {
      const firstUs = this.#firstUs.get(at);
      const lastUs = this.#lastUs.get(at);
      if (firstUs > toUs) continue;
      let other = this.#rows.get(at);
      for (const severity of severities) {
        const rows = this.#severities[severity].get(at);
        other -= rows;
        shareOut(counts[severity], rows, firstUs, lastUs, fromUs, toUs);
      }
      shareOut(counts.other, other, firstUs, lastUs, fromUs, toUs);
    }
    return counts;
  }
}

export function emptyCounts(buckets: number): SeverityCounts {
  const zeros = () => Array.from({ length: buckets }, () => 0);
  return { error: zeros(), warn: zeros(), info: zeros(), other: zeros() };
}

/** The bucket of a time between `fromUs` and `toUs`, both included. */
export function bucketOf(atUs: number, fromUs: number, toUs: number, buckets: number): number {
  return toUs <= fromUs ? 0 : Math.min(buckets - 1, Math.floor(((atUs - fromUs) * buckets) / (toUs - fromUs)));
}

export function severityOf(level: LogLevel | undefined): Severity | 'other' {
  return level === 'error' || level === 'warn' || level === 'info' ? level : 'other';
}

/** Row after row at even distances, so that the sum stays a whole number. */
function shareOut(list: number[], rows: number, firstUs: number, lastUs: number, fromUs: number, toUs: number): void {
  if (rows === 0) return;
  const isInside = firstUs >= fromUs && lastUs <= toUs;
  const first = bucketOf(Math.max(firstUs, fromUs), fromUs, toUs, list.length);
  if (isInside && first === bucketOf(lastUs, fromUs, toUs, list.length)) {
    list[first] = (list[first] as number) + rows;
    return;
  }
  for (let row = 0; row < rows; row++) {
    const atUs = rows === 1 ? firstUs : firstUs + ((lastUs - firstUs) * row) / (rows - 1);
    if (atUs < fromUs || atUs > toUs) continue;
    const bucket = bucketOf(atUs, fromUs, toUs, list.length);
    list[bucket] = (list[bucket] as number) + 1;
  }
}
