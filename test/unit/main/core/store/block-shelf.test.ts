import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BLOCK_ROWS, decodeBlock, encodeBlock } from '../../../../../main/core/logs/block.ts';
import { type BlockRow, fromBlockRow } from '../../../../../main/core/store/block-row.ts';
import { BlockShelf } from '../../../../../main/core/store/block-shelf.ts';
import { migrate } from '../../../../../main/core/store/database.ts';
import { logRow } from '../../../../fakes/store.ts';

const SESSION = 1;
let database: Database.Database;
let shelf: BlockShelf;

beforeEach(() => {
  database = new Database(':memory:');
  migrate(database, ':memory:');
  database.exec(
    "INSERT INTO session (session_key, id, title, state, started_wall_ms, app_version) VALUES (1, 's', '', 'recording', 0, '')",
  );
  shelf = new BlockShelf(database);
});
afterEach(() => database.close());

const rowsOf = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => logRow('COM7', from + index, `line ${from + index}`));
const put = (from: number, count: number) => shelf.put(SESSION, encodeBlock(rowsOf(from, count)));
const stored = () => database.prepare<[], BlockRow>('SELECT * FROM log_block ORDER BY first_seq').all().map(fromBlockRow);
const seqs = () => stored().flatMap((block) => decodeBlock(block).map((row) => row.seq));

describe('the shelf of blocks', () => {
  test('holds every row once, in few blocks, whatever the sizes they come in', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1, 1, 2, 7, 40, 300, 2000), { maxLength: 120 }), (sizes) => {
        database.exec('DELETE FROM log_block');
        shelf.forget();
        let seq = 0;
        for (const size of sizes) {
          expect(put(seq, size)).toBe(true);
          seq += size;
        }
        // While it is recorded: large blocks, the medium ones not yet together, the small ones not yet together.
        expect(stored().length).toBeLessThan(seq / BLOCK_ROWS + BLOCK_ROWS / 32 + 2 * 16);
        shelf.finish(SESSION);
        expect(seqs()).toEqual(Array.from({ length: seq }, (_, index) => index));
        expect(stored().length).toBeLessThanOrEqual(1 + seq / BLOCK_ROWS);
      }),
      { numRuns: 30 },
    );
  });

  test('writes a row a few times at most, though one comes at a time', () => {
    let written = 0;
    database.function('count_rows', (rows) => {
      written += Number(rows);
      return 0;
    });
    database.exec('CREATE TEMP TRIGGER counting AFTER INSERT ON log_block BEGIN SELECT count_rows(new.row_count); END');
    for (let seq = 0; seq < 5000; seq++) put(seq, 1);
    expect(written / 5000).toBeLessThan(5);
  });

  test('knows rows that are stored already, and refuses those that are half so', () => {
    put(0, 10);
    shelf.forget();
    expect(put(0, 10)).toBe(false);
    expect(put(4, 6)).toBe(false);
    expect(() => put(5, 10)).toThrow('rows from 5 on, but 10 comes next');
    expect(put(10, 5)).toBe(true);
    expect(seqs()).toEqual(Array.from({ length: 15 }, (_, seq) => seq));
  });

  test('leaves the numbers of rows that were lost to nobody', () => {
    put(0, 10);
    put(10, 5);
    put(20, 5);
    put(25, 5);
    shelf.finish(SESSION);
    expect(stored().map(({ firstSeq, rowCount }) => [firstSeq, rowCount])).toEqual([
      [0, 15],
      [20, 10],
    ]);
  });
});
