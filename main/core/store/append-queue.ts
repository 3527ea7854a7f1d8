import { isTalkError, type TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import type { Log } from '../log.ts';
import { type AppendRecord, joinChunks, recordBytes, recordWeight } from './append.ts';
import type { AppendResult } from './writer.ts';

/** A crash loses at most this much, plus the commit under way. */
const COMMIT_INTERVAL_MS = 100;
/** Commit sooner than that when so much waits. */
const COMMIT_BYTES = 1 << 20;
/** A full disk is tried again after this long: someone may be making room. */
const RETRY_MS = 1000;
/** Of the room, for bytes of ports and sound, while nothing can be stored. */
const BULKY_SHARE = 0.75;
/** A batch at which the writer's thread died so many times is what kills it. */
const DEATHS_LIMIT = 3;

export interface AppendQueueOptions {
  /** Commits one batch. */
  post: (records: readonly AppendRecord[]) => Promise<AppendResult>;
  limitBytes: number;
  log: Log;
  /** The number of things lost since start has changed, or the store has begun to fail or recovered (`problem` null). */
  onStatus: () => void;
}

/**
 * Waiting room of the writer, bounded in bytes. One batch is under way at a time, so batches grow with the load and a
 * commit costs the same however many rows it has. A batch the disk or a dead writer refuses waits and is tried again; when the room is
 * full, what comes next is dropped, counted by session and written to it as soon as anything can be.
 */
export class AppendQueue {
  readonly #options: AppendQueueOptions;
  #waiting: AppendRecord[] = [];
  #waitingBytes = 0;
  #inFlightBytes = 0;
  #underWay: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #unreported = new Map<string, number>();
  #droppedCount = 0;
  /** Records taken in, and how many of them are committed or given up: always the oldest. */
  #addedCount = 0;
  #settledCount = 0;
  /** Ends of the writer's thread under the batch that is first in line. */
  #deaths = 0;
  #problem: TalkErrorValue | null = null;

  constructor(options: AppendQueueOptions) {
    this.#options = options;
  }

  get droppedCount(): number {
    return this.#droppedCount;
  }

  get problem(): TalkErrorValue | null {
    return this.#problem;
  }

  /** False when there was no room. Starts and stops of sessions always find room. */
  add(record: AppendRecord): boolean {
    const bytes = recordBytes(record);
    const isEssential = record.kind === 'session.start' || record.kind === 'session.stop';
    if (!isEssential && this.#waitingBytes + this.#inFlightBytes + bytes > this.#roomFor(record)) {
      this.#drop(record.sessionId, recordWeight(record));
      return false;
    }
    this.#waiting.push(record);
    this.#waitingBytes += bytes;
    this.#addedCount++;
    if (this.#underWay === null) this.#schedule(this.#waitingBytes >= COMMIT_BYTES && this.#problem === null ? 0 : COMMIT_INTERVAL_MS);
    return true;
  }

  /** While nothing can be stored, what there is most of leaves some room to what says what happened. */
  #roomFor({ kind }: AppendRecord): number {
    const isBulky = kind === 'raw' || kind === 'packet';
    return isBulky && this.#problem !== null ? this.#options.limitBytes * BULKY_SHARE : this.#options.limitBytes;
  }

  /** Resolves when all that was added before is committed. Rejects with why it cannot be: it is then still waiting. */
  async flush(): Promise<void> {
    // Not until nothing waits: on a busy bench something always does.
    const upTo = this.#addedCount;
    while (this.#settledCount < upTo) {
      this.#underWay ??= this.#commit();
      await this.#underWay;
    }
  }

  /** A last attempt; what cannot be committed is dropped and counted. */
  async close(): Promise<void> {
    try {
      await this.flush();
      if (this.#unreported.size > 0) await this.#commit();
    } catch (error) {
      this.#options.log.error({ err: error }, 'appends lost at close');
      for (const record of this.#waiting) this.#giveUp(record);
      this.#waiting = [];
      this.#waitingBytes = 0;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null && delayMs > 0) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#underWay !== null || this.#waiting.length === 0) return;
      // Its failure is already in `problem` and scheduled again.
      this.#underWay = this.#commit();
      this.#underWay.catch(() => {});
    }, delayMs);
  }

  /** All that waits; while nothing can be stored, as much as is soon tried again. */
  #nextBatch(): { batch: AppendRecord[]; bytes: number } {
    if (this.#problem === null) return { batch: this.#waiting, bytes: this.#waitingBytes };
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length && bytes < COMMIT_BYTES) bytes += recordBytes(this.#waiting[count++] as AppendRecord);
    return { batch: this.#waiting.slice(0, count), bytes };
  }

  async #commit(): Promise<void> {
    const { batch, bytes } = this.#nextBatch();
    const losses = [...this.#unreported].map(([sessionId, count]): AppendRecord => ({ kind: 'dropped', sessionId, count }));
    this.#waiting = this.#waiting.slice(batch.length);
    this.#waitingBytes -= bytes;
    this.#inFlightBytes = bytes;
    this.#unreported.clear();
    let delayMs = COMMIT_INTERVAL_MS;
    try {
      const result = await this.#options.post([...joinChunks(batch), ...losses]);
      this.#report(result, batch);
      this.#settledCount += batch.length;
      this.#deaths = 0;
      this.#setProblem(null);
    } catch (error) {
      for (const loss of losses) this.#unreported.set(loss.sessionId, recordWeight(loss) + (this.#unreported.get(loss.sessionId) ?? 0));
      const unsettled = await this.#unsettled(batch, error);
      if (unsettled.length > 0) {
        this.#waiting = [...unsettled, ...this.#waiting];
        this.#waitingBytes += unsettled.reduce((sum, record) => sum + recordBytes(record), 0);
        delayMs = RETRY_MS;
      }
      if (isTalkError(error)) this.#setProblem(error.value);
      throw error;
    } finally {
      this.#inFlightBytes = 0;
      this.#underWay = null;
      if (this.#waiting.length > 0) this.#schedule(delayMs);
    }
  }

  /** Those of a refused batch that are still to be tried; the others are settled. */
  async #unsettled(batch: readonly AppendRecord[], why: unknown): Promise<readonly AppendRecord[]> {
    const expected = isTalkError(why) ? why.value : null;
    const isDeath = expected?.code === 'disconnected';
    if (isDeath && ++this.#deaths < DEATHS_LIMIT) return batch;
    this.#deaths = 0;
    if (expected !== null && !isDeath) {
      if (expected.retryable) return batch;
      // A damaged file refuses every record alike, and must not wedge what comes after.
      this.#options.log.error({ err: why, records: batch.length }, 'append batch lost');
      for (const record of batch) this.#giveUp(record);
      return [];
    }
    return this.#commitEach(batch, why);
  }

  /** One record that cannot be stored must not cost the others of its batch, least of all the session's start. */
  async #commitEach(batch: readonly AppendRecord[], why: unknown): Promise<readonly AppendRecord[]> {
    this.#options.log.error({ err: why, records: batch.length }, 'append batch refused: one record at a time');
    for (const [index, record] of batch.entries()) {
      try {
        this.#report(await this.#options.post([record]), [record]);
        this.#settledCount++;
      } catch (error) {
        if (isTalkError(error) && error.value.retryable && error.value.code !== 'disconnected') return batch.slice(index);
        this.#options.log.error({ err: error, kind: record.kind }, 'append lost');
        this.#giveUp(record);
      }
    }
    return [];
  }

  #giveUp(record: AppendRecord): void {
    this.#settledCount++;
    this.#drop(record.sessionId, recordWeight(record));
  }

  #report(result: AppendResult, batch: readonly AppendRecord[]): void {
    if (result.rejectedCount === 0) return;
    this.#options.log.error({ count: result.rejectedCount, first: result.firstRejection }, 'rows refused by the store');
    const sessionId = batch[0]?.sessionId;
    if (sessionId !== undefined) this.#drop(sessionId, result.rejectedCount);
  }

  #drop(sessionId: string, count: number): void {
    this.#droppedCount += count;
    this.#unreported.set(sessionId, (this.#unreported.get(sessionId) ?? 0) + count);
    this.#options.onStatus();
  }

  #setProblem(problem: TalkErrorValue | null): void {
    if (this.#problem?.code === problem?.code) return;
    this.#problem = problem;
    this.#options.onStatus();
  }
}
