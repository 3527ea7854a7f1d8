import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { encodeBlock } from '../../../../../main/core/logs/block.ts';
import type { AppendRecord } from '../../../../../main/core/store/append.ts';
import { migrate } from '../../../../../main/core/store/database.ts';
import { BatchWriter } from '../../../../../main/core/store/writer.ts';
import { logRow } from '../../../../fakes/store.ts';

test('a batch whose writer died before it could answer is stored once, however it is cut the second time', () => {
  const database = new Database(':memory:');
  migrate(database, ':memory:');
  const raw = (offset: number, text: string): AppendRecord => {
    const bytes = new Uint8Array(Buffer.from(text));
    return { kind: 'raw', sessionId: 's', port: 'COM7', direction: 'received', atUs: 5, offset, bytes };
  };
  const rows: AppendRecord = { kind: 'rows', sessionId: 's', block: encodeBlock([logRow('COM7', 0, 'one'), logRow('COM7', 1, 'two')]) };
  const start: AppendRecord = { kind: 'session.start', sessionId: 's', title: '', startedWallMs: 0, appVersion: '' };
  new BatchWriter(database).append([start, raw(0, 'one\n'), raw(4, 'tw'), rows]);
  const next = new BatchWriter(database);
  next.append([raw(0, 'one\n'), raw(4, 'two\nthr'), rows]);
  next.append([raw(11, 'ee\n'), { kind: 'rows', sessionId: 's', block: encodeBlock([logRow('COM7', 2, 'three')]) }]);
  const chunks = database
    .prepare<[], [number, number, Buffer]>('SELECT ordinal, offset, bytes FROM raw_chunk ORDER BY chunk_key')
    .raw()
    .all();
  expect(chunks.map(([ordinal, offset, bytes]) => [ordinal, offset, bytes.toString()])).toEqual([
    [0, 0, 'one\n'],
    [1, 4, 'tw'],
    [2, 6, 'o\nthr'],
    [3, 11, 'ee\n'],
  ]);
  expect(database.prepare("SELECT group_concat(text, '') FROM log_block").pluck().get()).toBe('one\ntwo\nthree\n');
  expect(database.prepare('SELECT row_count, raw_bytes FROM port').raw().all()).toEqual([[3, 14]]);
  database.close();
});
