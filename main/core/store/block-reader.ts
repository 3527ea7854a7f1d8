import type { Database } from 'better-sqlite3';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { blockColumns, columnsOf, decodeRows, type LogBlock } from '../logs/block.ts';
import type { BookRow } from '../logs/row.ts';
import { type BlockRow, blockRowColumns, fromBlockRow } from './block-row.ts';
import { createStreamReader } from './stream-reader.ts';

/** What rows of one answer may hold in bytes beside their texts; a file from elsewhere may say that each is the whole stream. */
const RAW_LIMIT_BYTES = 64 << 20;

/** A block whose text is not yet read: that of a few rows is wanted, and making a string of all of it is most of the work. */
export interface StoredBlock extends Omit<LogBlock, 'text'> {
  readonly utf8: Buffer;
}

/** The rows `from` … before `to` of a block, without their bytes. */
export function storedRows(block: StoredBlock, from: number, to: number): BookRow[] {
  // A character a byte, which costs nothing to make, and a string finds a line's end faster than a buffer does.
  const bytes = block.utf8.toString('latin1');
  const start = skipLines(bytes, 0, from);
  return decodeRows(block, from, to, block.utf8.toString('utf8', start, skipLines(bytes, start, to - from)));
}

/** Where the line begins that comes so many after the one at `at`. */
function skipLines(text: string, at: number, lines: number): number {
  let next = at;
  for (let i = 0; i < lines; i++) next = text.indexOf('\n', next) + 1;
  return next;
}

export interface BlockReader {
  /** Throws TalkError 'session/not-found'. */
  sessionKey(id: string): number;
  /** The first seq of the last block that does not begin after `seq`; 0 when there is none. */
  startOf(sessionKey: number, seq: number): number;
  /** The first block that ends after `seq`. */
  blockAt(sessionKey: number, seq: number): StoredBlock | undefined;
}

export function createBlockReader(database: Database): BlockReader {
  const keyOf = database.prepare<[string], number>('SELECT session_key FROM session WHERE id = ?').pluck();
  // By the index alone: the first block that may hold the row.
  const startOf = database
    .prepare<[number, number], number>(
      'SELECT first_seq FROM log_block WHERE session_key = ? AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1',
    )
    .pluck();
  const block = database.prepare<[number, number, number], BlockRow & { utf8: Buffer }>(
    `SELECT ${blockRowColumns.replace(/\btext$/, 'CAST(text AS BLOB) AS utf8')} FROM log_block
     WHERE session_key = ? AND first_seq >= ? AND first_seq + row_count > ? ORDER BY first_seq LIMIT 1`,
  );
  return {
    sessionKey(id) {
      const key = keyOf.get(id);
      if (key === undefined) throw new TalkError('session/not-found', { id });
      return key;
    },
    startOf: (key, seq) => startOf.get(key, seq) ?? 0,
    blockAt(key, seq) {
      const row = block.get(key, startOf.get(key, seq) ?? 0, seq);
      if (row === undefined) return undefined;
      const { text: _, ...rest } = fromBlockRow(row);
      return { ...rest, utf8: row.utf8 };
    },
  };
}

/** Gives rows their bytes: those of the port's stream, or of the text where the stream has a gap. For rows of one session, in order. */
export function createRowFiller(
  database: Database,
  sessionKey: number,
): (block: StoredBlock, from: number, rows: readonly BookRow[]) => void {
  const stream = createStreamReader(database, sessionKey);
  let left = RAW_LIMIT_BYTES;
  return (block, from, rows) => {
    const lengths = columnsOf(block).read(blockColumns.length, from, from + rows.length);
    for (const [index, row] of rows.entries()) {
      const length = lengths[index] ?? 0;
      if (length === 0) continue;
      const exact = length <= left ? stream.bytes(row.port, row.direction, row.offset, length) : null;
      row.raw = exact ?? new Uint8Array(Buffer.from(row.text));
      left -= row.raw.byteLength;
    }
  };
}

/** The rows with these seqs (ascending) that are stored, with their bytes. */
export function rowsBySeq(database: Database, reader: BlockReader, sessionKey: number, seqs: ArrayLike<number>): BookRow[] {
  const fill = createRowFiller(database, sessionKey);
  const found: BookRow[] = [];
  for (let at = 0; at < seqs.length; ) {
    const block = reader.blockAt(sessionKey, seqs[at] as number);
    if (block === undefined) break;
    const end = block.firstSeq + block.rowCount;
    while (at < seqs.length && (seqs[at] as number) < block.firstSeq) at++;
    const first = at;
    while (at < seqs.length && (seqs[at] as number) < end) at++;
    if (at === first) continue;
    const from = (seqs[first] as number) - block.firstSeq;
    const rows = storedRows(block, from, (seqs[at - 1] as number) + 1 - block.firstSeq);
    const wanted = rows.length === at - first ? rows : null;
    if (wanted !== null) fill(block, from, wanted);
    for (let index = first; index < at; index++) {
      const row = rows[(seqs[index] as number) - block.firstSeq - from];
      if (row === undefined) continue;
      if (wanted === null) fill(block, row.seq - block.firstSeq, [row]);
      found.push(row);
    }
  }
  return found;
}
