import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../../../../../main/core/store/database.ts';
import { openTestBench, type TestBench } from '../../../../fakes/store.ts';

let bench: TestBench;
beforeEach(async () => {
  bench = await openTestBench();
});
afterEach(() => bench.close());

test('a library of schema 6 keeps its notes, which are yellow instants, and refuses what is no note', () => {
  const path = join(bench.folder, 'six.db');
  copyFileSync(join(import.meta.dirname, '../../../../fixtures/databases/schema-6.db'), path);
  const database = new Database(path);
  database.pragma('foreign_keys = ON');
  migrate(database, path);
  expect(database.prepare('SELECT at_us, to_us, text, colour FROM note ORDER BY at_us').all()).toEqual([
    { at_us: null, to_us: null, text: 'kept', colour: 'yellow' },
    { at_us: 1_500_000, to_us: null, text: 'at an instant', colour: 'yellow' },
  ]);
  const add = (values: string) =>
    database.exec(`INSERT INTO note (session_key, at_us, to_us, text, colour) SELECT session_key, ${values} FROM session`);
  add("1, 2, 'a stretch', 'red'");
  expect(() => add("2, 1, 'ends before it begins', 'red'")).toThrow('CHECK');
  expect(() => add("1, 2, 'of no colour', 'pink'")).toThrow('CHECK');
  database.close();
});
