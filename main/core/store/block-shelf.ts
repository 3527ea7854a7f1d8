import type { Database } from 'better-sqlite3';
import { BLOCK_ROWS, type LogBlock } from '../logs/block.ts';
import { joinBlocks } from '../logs/block-join.ts';
import { type BlockRow, blockRowColumns, fromBlockRow, toBlockRow } from './block-row.ts';

/** Smaller blocks are put together as they gather, so many at a time. */
const SMALL_ROWS = 32;
const SMALL_RUN = 16;
/** A block with so much text is large, however few its rows. */
const LARGE_TEXT = 1 << 18;

interface Stored {
  key: number;
  rowCount: number;
  textLength: number;
}

/** The end of a session's log: blocks not large enough yet, which follow each other without a gap. */
interface Tail {
  nextSeq: number;
  blocks: Stored[];
}

/**
 * Stores blocks, and puts small ones together: a board that prints a line a second would otherwise have a block for each. A row is
 * written some four times for that, whatever comes. Belongs to the writer's connection, inside its transactions.
 */
export class BlockShelf {
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #tails = new Map<number, Tail>();

  constructor(database: Database) {
    this.#sql = prepareStatements(database);
  }

  /**
   * False when these rows are stored already (by a thread that died before it could say so). Throws when only some of them are, and
   * SQLite's error when the block breaks a rule.
   */
  put(sessionKey: number, block: LogBlock): boolean {
    const tail = this.#tailOf(sessionKey);
    const end = block.firstSeq + block.rowCount;
    if (end <= tail.nextSeq) return false;
    if (block.firstSeq < tail.nextSeq) throw new Error(`rows from ${block.firstSeq} on, but ${tail.nextSeq} comes next`);
    // What could not be kept in between keeps its numbers: no block may span them.
    if (block.firstSeq > tail.nextSeq) this.#close(sessionKey, tail);
    tail.blocks.push(this.#insert(sessionKey, block));
    tail.nextSeq = end;
    const { blocks } = tail;
    if (isLarge(blocks)) this.#close(sessionKey, tail);
    else if (blocks.length >= SMALL_RUN && blocks.slice(-SMALL_RUN).every(({ rowCount }) => rowCount < SMALL_ROWS))
      blocks.push(this.#joined(sessionKey, blocks.splice(-SMALL_RUN)));
    return true;
  }

  /** The session has ended. */
  finish(sessionKey: number): void {
    const tail = this.#tails.get(sessionKey);
    if (tail !== undefined) this.#close(sessionKey, tail);
    this.#tails.delete(sessionKey);
  }

  /** Drops what is remembered: blocks have been removed or rolled back. */
  forget(): void {
    this.#tails.clear();
  }

  #tailOf(sessionKey: number): Tail {
    const known = this.#tails.get(sessionKey);
    if (known !== undefined) return known;
    const tail: Tail = { nextSeq: this.#sql.nextSeq.get(sessionKey) ?? 0, blocks: [] };
    this.#tails.set(sessionKey, tail);
    return tail;
  }

  /** The tail's blocks become one that no more is added to. */
  #close(sessionKey: number, tail: Tail): void {
    if (tail.blocks.length > 1) this.#joined(sessionKey, tail.blocks);
    tail.blocks = [];
  }

  #joined(sessionKey: number, parts: readonly Stored[]): Stored {
    const blocks = parts.map(({ key }) => fromBlockRow(this.#sql.block.get(key) as BlockRow));
    // In this order: whatever fails, the rows are there.
    const joined = this.#insert(sessionKey, joinBlocks(blocks));
    for (const { key } of parts) this.#sql.remove.run(key);
    return joined;
  }

  #insert(sessionKey: number, block: LogBlock): Stored {
    const { lastInsertRowid } = this.#sql.insert.run({ session_key: sessionKey, ...toBlockRow(block) });
    return { key: Number(lastInsertRowid), rowCount: block.rowCount, textLength: block.text.length };
  }
}

/** Together. */
function isLarge(blocks: readonly Stored[]): boolean {
  const rows = blocks.reduce((sum, { rowCount }) => sum + rowCount, 0);
  return rows >= BLOCK_ROWS || blocks.reduce((sum, { textLength }) => sum + textLength, 0) >= LARGE_TEXT;
}

function prepareStatements(database: Database) {
  const names = blockRowColumns.split(', ');
  return {
    nextSeq: database
      .prepare<[number], number>('SELECT first_seq + row_count FROM log_block WHERE session_key = ? ORDER BY first_seq DESC LIMIT 1')
      .pluck(),
    insert: database.prepare<[BlockRow & { session_key: number }]>(
      `INSERT INTO log_block (session_key, ${blockRowColumns}) VALUES (@session_key, ${names.map((name) => `@${name}`).join(', ')})`,
    ),
    block: database.prepare<[number], BlockRow>(`SELECT ${blockRowColumns} FROM log_block WHERE block_key = ?`),
    remove: database.prepare('DELETE FROM log_block WHERE block_key = ?'),
  };
}
