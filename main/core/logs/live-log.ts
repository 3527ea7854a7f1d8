import type { MonoUs } from '../../../preload/contract/time.ts';
import { labelOf } from './filter.ts';
import { LogIndex, type Stretch, severityOf } from './log-index.ts';
import { RecentRows } from './recent-rows.ts';
import type { BookRow } from './row.ts';

/** An entry of the index is for at most so many rows and so much time. */
const STRETCH_ROWS = 4096;
const STRETCH_US = 1_000_000;
/** Distinct tags that are counted: boards that print garbage make up new ones without end. */
const COUNTED_TAGS = 4096;

/** The log of one session while it is recorded, or of the time between two: what of it is in memory. */
export class LiveLog {
  /** Null: nothing records it. */
  readonly sessionId: string | null;
  /** Time 0 of its rows, on the core's clock and as a date. */
  readonly startedUs: MonoUs;
  readonly startedWallMs: number;
  readonly recent: RecentRows;
  /** Rows with each label. */
  readonly tags = new Map<string, { rows: number }>();
  readonly ports = new Set<string>();
  /** False once another log has begun. */
  isLive = true;
  readonly #index = new LogIndex();
  #stretch: Stretch | null = null;

  constructor(start: { sessionId: string | null; startedUs: MonoUs; startedWallMs: number }, recentRows: number) {
    this.recent = new RecentRows(recentRows);
    this.sessionId = start.sessionId;
    this.startedUs = start.startedUs;
    this.startedWallMs = start.startedWallMs;
  }

  get length(): number {
    return this.recent.length;
  }

  /** With all rows so far. */
  get index(): LogIndex {
    this.#endStretch();
    return this.#index;
  }

  add(row: BookRow): void {
    this.recent.add(row);
    this.ports.add(row.port);
    const label = labelOf(row);
    if (label !== undefined) {
      const count = this.tags.get(label);
      if (count !== undefined) count.rows++;
      else if (this.tags.size < COUNTED_TAGS) this.tags.set(label, { rows: 1 });
    }
    this.#count(row);
  }

  #count(row: BookRow): void {
    if (this.#stretch !== null && (this.#stretch.rows === STRETCH_ROWS || row.atUs - this.#stretch.firstUs > STRETCH_US))
      this.#endStretch();
    this.#stretch ??= { firstSeq: row.seq, rows: 0, firstUs: row.atUs, lastUs: row.atUs, error: 0, warn: 0, info: 0 };
    this.#stretch.rows++;
    this.#stretch.firstUs = Math.min(this.#stretch.firstUs, row.atUs);
    this.#stretch.lastUs = Math.max(this.#stretch.lastUs, row.atUs);
    const severity = severityOf(row.level);
    if (severity !== 'other') this.#stretch[severity]++;
  }

  #endStretch(): void {
    if (this.#stretch !== null) this.#index.add(this.#stretch);
    this.#stretch = null;
  }
}
