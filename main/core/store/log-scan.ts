import type { Database } from 'better-sqlite3';
import { blockColumns, columnsOf, isRepeatOf, type LogBlock, levelCodeOf } from '../logs/block.ts';
import { type BlockBody, type BlockHead, createBlockFilter } from './block-filter.ts';
import { createBlockReader } from './block-reader.ts';
import { namesOf } from './block-row.ts';
import type { LogScanReply, LogScanRequest } from './requests.ts';

/** Which rows of a stretch of a log are wanted. Throws TalkError 'session/not-found', 'bad-request' for an expression that is none. */
export type LogScan = (request: LogScanRequest) => LogScanReply;

export function createLogScan(database: Database): LogScan {
  const reader = createBlockReader(database);
  const heads = database.prepare<[number, number, number, number], BlockHead & { block_key: number }>(
    `SELECT block_key, first_seq, row_count, first_us, last_us, error_count, warn_count, info_count, names FROM log_block
     WHERE session_key = ? AND first_seq >= ? AND first_seq < ? AND first_seq + row_count > ? ORDER BY first_seq`,
  );
  const columns = database.prepare<[number], Buffer>('SELECT columns FROM log_block WHERE block_key = ?').pluck();
  const text = database.prepare<[number], string>('SELECT text FROM log_block WHERE block_key = ?').pluck();
  const bodyOf = (key: number): BlockBody => {
    let read: Buffer | undefined;
    return {
      get columns() {
        read ??= columns.get(key) as Buffer;
        return read;
      },
      get text() {
        return text.get(key) as string;
      },
    };
  };
  // One view of the log: while blocks are put together, a row must not be met twice or missed.
  const inOneView = database.transaction((work: () => void) => work());

  return ({ sessionId, filter, fromSeq, toSeq, wantedPorts }) => {
    const key = reader.sessionKey(sessionId);
    const wanted = createBlockFilter(filter);
    const found = new Found(filter.collapseRepeats === true, wantedPorts ?? []);
    inOneView(() => {
      for (const head of heads.iterate(key, reader.startOf(key, fromSeq), toSeq, fromSeq)) {
        if (!wanted.mayHold(head)) {
          found.skip(head);
          continue;
        }
        const from = Math.max(0, fromSeq - head.first_seq);
        const to = Math.min(head.row_count, toSeq - head.first_seq);
        const body = bodyOf(head.block_key);
        found.add(head, body, wanted.judge(head, body, from, to), from, to);
      }
    });
    return found.reply();
  };
}

/** Rows found, as the lists that the reply consists of. */
class Found {
  readonly #isCollapsing: boolean;
  readonly #wantedPorts: Set<string>;
  readonly #portCodes = new Map<string, number>();
  readonly #seqs: number[] = [];
  readonly #atUs: number[] = [];
  readonly #levels: number[] = [];
  readonly #portOf: number[] = [];
  readonly #isCounted: number[] = [];

  constructor(isCollapsing: boolean, wantedPorts: readonly string[]) {
    this.#isCollapsing = isCollapsing;
    this.#wantedPorts = new Set(wantedPorts);
  }

  /** None of the block's rows is wanted. */
  skip(head: BlockHead): void {
    if (this.#isCollapsing) for (const port of namesOf(head).ports) this.#wantedPorts.delete(port);
  }

  add(head: BlockHead, body: BlockBody, rows: Uint8Array, from: number, to: number): void {
    if (!this.#isCollapsing && !rows.includes(1)) return;
    const reader = columnsOf({ columns: body.columns as LogBlock['columns'], rowCount: head.row_count });
    const atUs = reader.read(blockColumns.at);
    const kinds = reader.read(blockColumns.kind);
    const take = (row: number) => {
      this.#seqs.push(head.first_seq + row);
      this.#atUs.push(atUs[row] as number);
      this.#levels.push(levelCodeOf(kinds[row] as number));
    };
    if (!this.#isCollapsing) {
      for (let row = from; row < to; row++) if (rows[row] === 1) take(row);
      return;
    }
    const { ports } = namesOf(head);
    const portOf = reader.read(blockColumns.port);
    for (let row = from; row < to; row++) {
      const port = ports[portOf[row] as number] as string;
      if (rows[row] === 0) {
        this.#wantedPorts.delete(port);
        continue;
      }
      take(row);
      this.#portOf.push(this.#codeOf(port));
      this.#isCounted.push(Number(isRepeatOf(kinds[row] as number) && this.#wantedPorts.has(port)));
      this.#wantedPorts.add(port);
    }
  }

  reply(): LogScanReply {
    const collapsed = { portOf: Uint16Array.from(this.#portOf), isCounted: Uint8Array.from(this.#isCounted) };
    return {
      seqs: Uint32Array.from(this.#seqs),
      atUs: Float64Array.from(this.#atUs),
      levels: Uint8Array.from(this.#levels),
      ...(this.#isCollapsing ? collapsed : {}),
      ports: [...this.#portCodes.keys()],
      wantedPorts: [...this.#wantedPorts],
    };
  }

  #codeOf(port: string): number {
    const code = this.#portCodes.get(port) ?? this.#portCodes.size;
    this.#portCodes.set(port, code);
    return code;
  }
}
