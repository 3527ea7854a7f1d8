import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogFilter, LogRow, LogTextStyle, LogViewState } from '../../../preload/contract/logs.ts';
import { isTalkError, TalkError, type TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Topic } from '../endpoint/topic.ts';
import { bytesColumn, countsColumn, timesColumn } from './column.ts';
import { logLevels } from './filter.ts';
import { Judge, wantsAll } from './judge.ts';
import { LiveLog } from './live-log.ts';
import { bucketOf, emptyCounts, type SeverityCounts, severityOf } from './log-index.ts';
import { type AnyLog, type FoundRows, type LogArchive, linesOf, rowsOf } from './log-rows.ts';
import { type BookRow, contractRow } from './row.ts';

/** A state is told at most so often; when only the number of rows of the log has changed, so often. */
const TELL_US = 33_000;
const TELL_IDLE_US = 250_000;
/** Rows judged without letting anything else run, and at a time on the store's threads. */
const MEMORY_SLICE_ROWS = 8192;
const STORE_SLICE_ROWS = 131_072;

export interface ViewDeps {
  clock: Clock;
  archive: LogArchive;
  /** A bug met beside anybody's call; the view's problem is 'internal' with its id. */
  onFault(error: unknown, viewId: string): void;
}

export type ViewTopic = Topic<LogViewState, LogViewState>;

/**
 * The rows of one log that pass a filter, in order, as numbers. It is judged from its first row to its newest by one cursor, so an
 * index never moves; rows in memory are judged here, older ones by the store. A view of everything has no numbers at all.
 */
export class View {
  readonly id: string = randomUUID();
  readonly log: AnyLog;
  readonly filter: LogFilter;
  /** Every row at its own seq. */
  readonly isWhole: boolean;
  readonly #deps: ViewDeps;
  readonly #topic: ViewTopic;
  readonly #tailSize: number;
  readonly #judge: Judge | null;
  readonly #seqs = countsColumn();
  /** The latest time reached with each row, which never falls: rows stand nearly in the order of time. */
  readonly #reachedUs = timesColumn();
  readonly #levels = bytesColumn();
  readonly #repeats = countsColumn();
  /** Each port's newest row in the view. */
  readonly #newestOf = new Map<string, number>();
  #judgedRows = 0;
  /** Rows of a live log that are known to be on disk. */
  #settledRows = 0;
  #problem: TalkErrorValue | undefined;
  /** The newest rows of the view as far as they are in memory, and the index of the first. */
  #tail: BookRow[] = [];
  #tailFrom = 0;
  #isCatchingUp = false;
  readonly #closing = new AbortController();
  #toldUs = Number.NEGATIVE_INFINITY;
  #toldLength = -1;
  #telling: { atUs: number; cancel: () => void } | null = null;

  constructor(log: AnyLog, request: { filter: LogFilter; tail: number }, topic: ViewTopic, deps: ViewDeps) {
    this.log = log;
    this.filter = request.filter;
    this.#tailSize = request.tail;
    this.#topic = topic;
    this.#deps = deps;
    this.isWhole = wantsAll(request.filter);
    let judge: Judge | null = null;
    try {
      judge = this.isWhole ? null : new Judge(request.filter);
    } catch (error) {
      this.#fail(error);
    }
    this.#judge = judge;
    void this.#catchUp().catch((error: unknown) => deps.onFault(error, this.id));
  }

  get length(): number {
    return this.isWhole ? this.log.length : this.#seqs.length;
  }

  get state(): LogViewState {
    const { log } = this;
    const { from, rows } = this.#newestRows();
    return {
      viewId: this.id,
      sessionId: log.sessionId,
      isLive: log.isLive,
      startedWallMs: log.startedWallMs,
      length: this.length,
      totalRows: log.length,
      judgedRows: this.isWhole ? log.length : this.#judgedRows,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
      tail: { from, rows: rows.map(contractRow), ...this.#repeatsOf(from, rows.length) },
    };
  }

  /** New rows of its log. */
  onRows(rows: readonly BookRow[]): void {
    if (!this.#isCatchingUp && this.#problem === undefined) this.#judgeRows(rows);
    this.#tell();
  }

  /** Its log is no longer the live one; the view stays. */
  onRestart(): void {
    this.#tell();
  }

  close(): void {
    this.#closing.abort();
    this.#telling?.cancel();
    this.#telling = null;
  }

  async window(from: number, limit: number): Promise<{ from: number; rows: LogRow[]; repeats?: number[] }> {
    const rows = await this.rows(from, from + limit);
    return { from, rows: rows.map(contractRow), ...this.#repeatsOf(from, rows.length) };
  }

  /** The rows at indices `from` … before `to`. */
  rows(from: number, to: number): Promise<BookRow[]> {
    const indices: number[] = [];
    for (let index = from; index < Math.min(to, this.length); index++) indices.push(index);
    return this.rowsAt(indices);
  }

  /** The rows at these indices, which ascend and are below the length. */
  rowsAt(indices: readonly number[]): Promise<BookRow[]> {
    return rowsOf(this.log, this.#deps.archive, this.#seqsAt(indices));
  }

  /** The same as text, each row a line ended by a line feed. Beyond `limitCharacters` some may be missing. */
  linesAt(indices: readonly number[], style: LogTextStyle, limitCharacters: number): Promise<string> {
    const { startedWallMs } = this.log;
    return linesOf(this.log, this.#deps.archive, this.#seqsAt(indices), { style, startedWallMs, limitCharacters });
  }

  #seqsAt(indices: readonly number[]): number[] {
    return indices.map((index) => (this.isWhole ? index : this.#seqs.get(index)));
  }

  indexOfSeq(seq: number): number {
    return this.isWhole ? Math.min(Math.max(seq, 0), this.length) : this.#seqs.lowerBound(seq);
  }

  /** The first row at or after a session time. */
  async indexOfTime(atUs: number): Promise<number> {
    if (!this.isWhole) return this.#reachedUs.lowerBound(atUs);
    const stretch = this.log.index.holding(atUs);
    if (stretch === null) return this.length;
    const rows = await this.rows(stretch.firstSeq, stretch.firstSeq + stretch.rows);
    const at = rows.findIndex((row) => row.atUs >= atUs);
    return stretch.firstSeq + Math.max(at, 0);
  }

  histogram(buckets: number, bounds: { fromUs?: number | undefined; toUs?: number | undefined }) {
    const { index } = this.log;
    const fromUs = bounds.fromUs ?? index.firstUs;
    const toUs = bounds.toUs ?? index.lastUs;
    return {
      fromUs,
      toUs,
      counts: this.isWhole ? this.#wholeHistogram(fromUs, toUs, buckets) : this.#foundHistogram(fromUs, toUs, buckets),
    };
  }

  #wholeHistogram(fromUs: number, toUs: number, buckets: number): SeverityCounts {
    const { log } = this;
    // All of a short log is here to be counted row by row.
    if (!(log instanceof LiveLog) || log.recent.from > 0) return log.index.histogram(fromUs, toUs, buckets);
    const counts = emptyCounts(buckets);
    for (const { atUs, level } of log.recent.slice(0, log.length)) {
      if (atUs < fromUs || atUs > toUs) continue;
      const list = counts[severityOf(level)];
      const bucket = bucketOf(atUs, fromUs, toUs, buckets);
      list[bucket] = (list[bucket] as number) + 1;
    }
    return counts;
  }

  #foundHistogram(fromUs: number, toUs: number, buckets: number): SeverityCounts {
    const counts = emptyCounts(buckets);
    for (let index = this.#reachedUs.lowerBound(fromUs); index < this.length; index++) {
      const atUs = this.#reachedUs.get(index);
      if (atUs > toUs) break;
      const list = counts[severityOf(logLevels[this.#levels.get(index) - 1])];
      const bucket = bucketOf(atUs, fromUs, toUs, buckets);
      list[bucket] = (list[bucket] as number) + 1;
    }
    return counts;
  }

  /** Judges what there is, oldest first, until nothing is left; from then on rows are judged as they come. */
  async #catchUp(): Promise<void> {
    this.#isCatchingUp = true;
    try {
      while (this.#judge !== null && this.#judgedRows < this.log.length) {
        await this.#judgeSlice();
        if (this.#closing.signal.aborted || this.#problem !== undefined) return;
        this.#tell();
      }
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#problem = isTalkError(error) ? error.value : new TalkError('internal', { id: this.id }).value;
      this.#tell();
      if (!isTalkError(error)) throw error;
    } finally {
      this.#isCatchingUp = false;
    }
    await this.#loadTail();
  }

  async #judgeSlice(): Promise<void> {
    const { log } = this;
    const from = this.#judgedRows;
    const memoryFrom = log instanceof LiveLog ? log.recent.from : log.length;
    if (log instanceof LiveLog && from >= memoryFrom) {
      this.#judgeRows(log.recent.slice(from, from + MEMORY_SLICE_ROWS));
      if (this.#judgedRows < log.length) await nextTurn();
    } else if (log.sessionId === null) {
      this.#judgedRows = memoryFrom;
    } else {
      const to = Math.min(memoryFrom, from + STORE_SLICE_ROWS);
      if (log.isLive && to > this.#settledRows) {
        const { length } = log;
        await this.#deps.archive.settle();
        this.#settledRows = length;
      }
      const judge = this.#judge as Judge;
      const found = await this.#deps.archive.scan(
        log.sessionId,
        this.filter,
        { from, to, wantedPorts: judge.wantedPorts },
        this.#closing.signal,
      );
      if (this.#closing.signal.aborted) return;
      judge.wantedPorts = found.wantedPorts;
      this.#addFound(found);
      this.#judgedRows = to;
    }
  }

  #judgeRows(rows: readonly BookRow[]): void {
    try {
      this.#judge?.judge(rows, (row, isCounted) => {
        if (isCounted) this.#countRepeat(row.port);
        else this.#add(row.seq, row.atUs, row.level === undefined ? 0 : logLevels.indexOf(row.level) + 1, row.port, row);
      });
      this.#judgedRows += rows.length;
    } catch (error) {
      this.#fail(error);
    }
  }

  #addFound({ seqs, atUs, levels, portOf, isCounted, ports }: FoundRows): void {
    for (let i = 0; i < seqs.length; i++) {
      const port = portOf === undefined ? '' : (ports[portOf[i] as number] as string);
      if (isCounted?.[i] === 1) this.#countRepeat(port);
      else this.#add(seqs[i] as number, atUs[i] as number, levels[i] as number, port, null);
    }
  }

  #add(seq: number, atUs: number, level: number, port: string, row: BookRow | null): void {
    const index = this.#seqs.length;
    this.#seqs.push(seq);
    this.#reachedUs.push(Math.max(atUs, index === 0 ? 0 : this.#reachedUs.get(index - 1)));
    this.#levels.push(level);
    if (this.filter.collapseRepeats === true) {
      this.#repeats.push(0);
      this.#newestOf.set(port, index);
    }
    if (row === null) {
      if (this.#tail.length > 0) this.#tail = [];
      this.#tailFrom = index + 1;
      return;
    }
    this.#tail.push(row);
    if (this.#tail.length < 2 * this.#tailSize) return;
    this.#tail = this.#tailSize === 0 ? [] : this.#tail.slice(-this.#tailSize);
    this.#tailFrom = index + 1 - this.#tail.length;
  }

  #countRepeat(port: string): void {
    const index = this.#newestOf.get(port);
    if (index !== undefined) this.#repeats.set(index, this.#repeats.get(index) + 1);
  }

  #repeatsOf(from: number, count: number): { repeats?: number[] } {
    if (this.filter.collapseRepeats !== true || this.isWhole) return {};
    return { repeats: Array.from({ length: count }, (_, at) => this.#repeats.get(from + at)) };
  }

  #newestRows(): { from: number; rows: readonly BookRow[] } {
    if (this.isWhole && this.log instanceof LiveLog) {
      const rows = this.log.recent.slice(Math.max(0, this.length - this.#tailSize), this.length);
      return { from: this.length - rows.length, rows };
    }
    const skipped = Math.max(0, this.#tail.length - this.#tailSize);
    return { from: this.#tailFrom + skipped, rows: skipped === 0 ? this.#tail : this.#tail.slice(skipped) };
  }

  /** Of rows that were not judged in memory the newest are fetched once. */
  async #loadTail(): Promise<void> {
    if (this.isWhole && this.log instanceof LiveLog) return;
    if (this.isWhole) this.#tailFrom = this.length;
    const to = this.#tailFrom;
    const from = Math.max(0, this.length - this.#tailSize);
    if (from < to) {
      const rows = await this.rows(from, to);
      if (this.#closing.signal.aborted || this.#tailFrom !== to) return;
      this.#tail = [...rows, ...this.#tail];
      this.#tailFrom = from;
    }
    this.#tell();
  }

  #fail(error: unknown): void {
    if (!isTalkError(error)) throw error;
    this.#problem = error.value;
  }

  #tell(): void {
    if (this.#closing.signal.aborted) return;
    const { clock } = this.#deps;
    const isIdle = this.length === this.#toldLength && !this.#isCatchingUp && this.filter.collapseRepeats !== true;
    const atUs = Math.max(clock.nowUs(), this.#toldUs + (isIdle ? TELL_IDLE_US : TELL_US));
    if (this.#telling !== null && this.#telling.atUs <= atUs) return;
    this.#telling?.cancel();
    this.#telling = null;
    if (atUs <= clock.nowUs()) this.#publish();
    else this.#telling = { atUs, cancel: clock.at(atUs as MonoUs, () => this.#publish()) };
  }

  #publish(): void {
    this.#telling = null;
    this.#toldUs = this.#deps.clock.nowUs();
    this.#toldLength = this.length;
    this.#topic.publish(this.state);
  }
}
