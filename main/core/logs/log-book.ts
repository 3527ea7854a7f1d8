import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Recorder } from '../sessions/recorder.ts';
import { BLOCK_ROWS, encodeBlock } from './block.ts';
import { LiveLog } from './live-log.ts';
import type { BookRow, ParsedRow } from './row.ts';

/** Rows wait so long for those of other ports that came before them; or until so many wait. */
const FLUSH_US = 33_000;
const FLUSH_ROWS = 4000;
/** Numbered rows wait so long for more of their block. */
const BLOCK_US = 66_000;
/** Rows kept in memory. */
const RECENT_ROWS = 65_536;

export interface LogBookListener {
  /** Numbered rows of one flush, in order. They are the listener's to keep and nobody's to change. */
  onRows?(rows: readonly BookRow[], log: LiveLog): void;
  /** The log is about to end: whoever holds back rows of it adds them now. */
  onEnding?(): void;
  /** Another log has begun, with another session or without one. The one before has had its last row. */
  onRestart?(log: LiveLog): void;
}

/**
 * The one log of the bench: rows of all ports, in the order of their host time, numbered together. It follows the recorder's session:
 * each has a log of its own, and so has the time without one, whose rows are in memory only.
 */
export class LogBook {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #recentRows: number;
  readonly #listeners = new Set<LogBookListener>();
  readonly #stopFollowing: () => void;
  #log: LiveLog;
  /** Of the logs of this run, so that a row can tell whether the one it continues is in the same. */
  #logNumber = 0;
  #waiting: ParsedRow[] = [];
  #unstored: BookRow[] = [];
  #storeAtUs = 0;
  /** Each port's newest row. */
  readonly #newest = new Map<string, BookRow>();
  #cancelFlush: (() => void) | null = null;

  constructor(deps: { clock: Clock; recorder: Recorder; recentRows?: number }) {
    this.#clock = deps.clock;
    this.#recorder = deps.recorder;
    this.#recentRows = deps.recentRows ?? RECENT_ROWS;
    this.#log = this.#newLog();
    this.#stopFollowing = deps.recorder.onChange(() => this.#follow());
  }

  /** Where rows go now. */
  get log(): LiveLog {
    return this.#log;
  }

  /** Rows of one port, in order. */
  add(rows: readonly ParsedRow[]): void {
    if (rows.length === 0) return;
    for (const row of rows) this.#waiting.push(row);
    if (this.#waiting.length >= FLUSH_ROWS) this.#publish();
    else this.#flushAfter(FLUSH_US);
  }

  listen(listener: LogBookListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Numbers what waits and hands everything to the recorder. */
  flush(): void {
    this.#publish();
    this.#store();
    this.#cancelFlush?.();
    this.#cancelFlush = null;
  }

  /** Before the session ends: what is still on its way belongs to it. */
  end(): void {
    for (const listener of [...this.#listeners]) listener.onEnding?.();
    this.flush();
  }

  close(): void {
    this.end();
    this.#stopFollowing();
  }

  #follow(): void {
    if ((this.#recorder.session?.id ?? null) === this.#log.sessionId) return;
    this.end();
    this.#log.isLive = false;
    this.#logNumber++;
    this.#newest.clear();
    this.#log = this.#newLog();
    for (const listener of [...this.#listeners]) listener.onRestart?.(this.#log);
  }

  #newLog(): LiveLog {
    const { session } = this.#recorder;
    const { id, startedUs, startedWallMs } = session ?? { id: null, startedUs: this.#clock.nowUs(), startedWallMs: this.#clock.wallMs() };
    return new LiveLog({ sessionId: id, startedUs, startedWallMs }, this.#recentRows);
  }

  #flushAfter(delayUs: number): void {
    this.#cancelFlush ??= this.#clock.at((this.#clock.nowUs() + delayUs) as MonoUs, () => {
      this.#cancelFlush = null;
      this.#publish();
      if (this.#clock.nowUs() >= this.#storeAtUs) this.#store();
      if (this.#unstored.length > 0) this.#flushAfter(FLUSH_US);
    });
  }

  #publish(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting.sort((a, b) => a.atUs - b.atUs);
    this.#waiting = [];
    for (const row of waiting) this.#number(row);
    const rows = waiting as BookRow[];
    if (this.#log.sessionId !== null) {
      if (this.#unstored.length === 0) this.#storeAtUs = this.#clock.nowUs() + BLOCK_US;
      for (const row of rows) this.#unstored.push(row);
      this.#storeWhole();
      if (this.#unstored.length > 0) this.#flushAfter(FLUSH_US);
    }
    for (const listener of [...this.#listeners]) listener.onRows?.(rows, this.#log);
  }

  /** In place: a copy of every row would cost as much as reading it did. Makes a BookRow of it. */
  #number(parsed: ParsedRow): void {
    const { opener } = parsed;
    const before = this.#newest.get(parsed.port);
    const row = parsed as ParsedRow & BookRow;
    row.seq = this.#log.length;
    row.logNumber = this.#logNumber;
    row.atUs = Math.max(0, parsed.atUs - this.#log.startedUs) as MonoUs;
    row.isRepeat = before !== undefined && saysTheSame(before, row);
    // What it continues may be in the session before.
    if (opener?.seq !== undefined && opener.logNumber === this.#logNumber) row.continues = opener.seq;
    this.#newest.set(row.port, row);
    this.#log.add(row);
  }

  /** Blocks that are full; what is left waits for more, so that the store need not put blocks together. */
  #storeWhole(): void {
    const rows = this.#unstored;
    let at = 0;
    for (; rows.length - at >= BLOCK_ROWS; at += BLOCK_ROWS) this.#recorder.rows(encodeBlock(rows.slice(at, at + BLOCK_ROWS)));
    if (at === 0) return;
    this.#unstored = rows.slice(at);
    // None of them has waited: they were numbered with the last of those that are stored.
    this.#storeAtUs = this.#clock.nowUs() + BLOCK_US;
  }

  #store(): void {
    this.#storeWhole();
    if (this.#unstored.length === 0) return;
    const rows = this.#unstored;
    this.#unstored = [];
    this.#recorder.rows(encodeBlock(rows));
  }
}

function saysTheSame(before: BookRow, row: BookRow): boolean {
  return (
    row.direction === 'received' &&
    before.direction === 'received' &&
    row.message === before.message &&
    row.level === before.level &&
    row.tag === before.tag
  );
}
