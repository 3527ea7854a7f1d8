import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIBRARY_ID, migrate, SESSION_FILE_ID } from '../../../../../main/core/store/database.ts';
import { firstSchema } from '../../../../../main/core/store/migrations/0001-first-schema.ts';
import { checkSessionFile } from '../../../../../main/core/store/session-check.ts';
import { importSessionFile } from '../../../../../main/core/store/session-import.ts';
import { openStore, type Store } from '../../../../../main/core/store/store.ts';
import { openTestBench, silentLog, storedRows, type TestBench } from '../../../../fakes/store.ts';

let bench: TestBench;
let path: string;
let store: Store | undefined;
beforeEach(async () => {
  bench = await openTestBench();
  path = join(bench.folder, 'old.db');
});
afterEach(async () => {
  await store?.close();
  store = undefined;
  await bench.close();
});

/** A library of schema 1 with one session: a flash job in the middle of one port's log, two ports whose rows interleave. */
function schemaOne(database: Database.Database): void {
  database.exec(firstSchema.sql);
  database.pragma('user_version = 1');
  database.exec(`
    INSERT INTO session VALUES (1, 'old', 'old', 'closed', 0, 9000, 0, '0.1.0'), (2, 'other', 'other', 'closed', 0, 0, 0, '0.1.0');
    INSERT INTO port VALUES (1, 1, 'COM7', 5, 40), (2, 1, 'COM8', 3, 6), (3, 2, 'COM7', 1, 3);`);
  const chunk = database.prepare('INSERT INTO raw_chunk (port_key, ordinal, at_us, direction, bytes) VALUES (?, ?, ?, ?, ?)');
  const chunks = [
    [1, 'received', 'I (1) boot: one\\r\\n\x1b[32mtw'],
    [1, 'sent', 'AT\\r\\n'],
    [1, 'received', 'o\x1b[0m\\r\\n'],
    [1, 'received', '\\xc0 flash traffic \\xc0'],
    [1, 'received', 'three\\n'],
    [2, 'received', 'x\\n'],
    [2, 'received', 'y\\nz\\n'],
    [3, 'received', 'a\\r\\n'],
  ] as const;
  for (const [ordinal, [port, direction, text]] of chunks.entries())
    chunk.run(port, ordinal, ordinal * 10, direction, Buffer.from(unescaped(text)));
  const names = [
    'port_key',
    'seq',
    'at_us',
    'direction',
    'text',
    'terminator',
    'raw',
    'grammar',
    'level',
    'message',
    'continues_seq',
    'payload',
  ];
  const insert = database.prepare(`INSERT INTO log_line (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`);
  const green = Buffer.from('\x1b[32mtwo\x1b[0m\r\n');
  const lines = [
    [1, 0, 100, 'received', 'I (1) boot: one', '\r\n', null, 'esp-idf', 'info', 'one', null, '{"a":1}'],
    [1, 1, 300, 'received', 'two', null, green, 'plain', null, null, 0, null],
    [1, 2, 300, 'sent', 'AT', '\r\n', null, 'plain', null, null, null, null],
    [1, 3, 500, 'notice', 'port.lent', '', null, 'talkbench', null, null, null, null],
    // Its bytes were never stored.
    [1, 4, 600, 'received', 'lost', '\r\n', null, 'plain', 'error', null, 1, null],
    [1, 5, 900, 'received', 'three', '\n', null, 'plain', null, null, null, null],
    [2, 0, 200, 'received', 'x', '\n', null, 'plain', null, null, null, null],
    // Stamped before the one before it, and yet after it in its port.
    [2, 1, 150, 'received', 'y', '\n', null, 'plain', null, null, 0, null],
    [2, 2, 700, 'received', 'z', '\n', null, 'plain', null, null, null, null],
    [3, 0, 5, 'received', 'a', '\r\n', null, 'plain', null, null, null, null],
  ];
  for (const line of lines) insert.run(...line);
}

const unescaped = (text: string) => text.replaceAll('\\r', '\r').replaceAll('\\n', '\n').replaceAll('\\xc0', '\xc0');

function libraryOne(): void {
  const database = new Database(path);
  schemaOne(database);
  database.pragma(`application_id = ${LIBRARY_ID}`);
  database.close();
}

async function opened(): Promise<Store> {
  store = await openStore({ path, log: silentLog, onProblem: (problem) => expect(problem).toBeUndefined() });
  return store;
}

describe('a library of schema 1', () => {
  test('has one log a session, its ports merged in time, every row with its bytes', async () => {
    libraryOne();
    const library = await opened();
    const rows = await storedRows(library, 'old');
    expect(rows.map((row) => [row.seq, row.port, row.atUs, row.text, Buffer.from(row.raw).toString(), row.continues])).toEqual([
      [0, 'COM7', 100, 'I (1) boot: one', 'I (1) boot: one\r\n', undefined],
      [1, 'COM8', 200, 'x', 'x\n', undefined],
      [2, 'COM8', 150, 'y', 'y\n', 1],
      [3, 'COM7', 300, 'two', '\x1b[32mtwo\x1b[0m\r\n', 0],
      [4, 'COM7', 300, 'AT', 'AT\r\n', undefined],
      [5, 'COM7', 500, 'port.lent', 'port.lent', undefined],
      [6, 'COM7', 600, 'lost', 'lost', 3],
      [7, 'COM8', 700, 'z', 'z\n', undefined],
      [8, 'COM7', 900, 'three', 'three\n', undefined],
    ]);
    expect(rows[0]).toMatchObject({ grammar: 'esp-idf', level: 'info', message: 'one', payload: { a: 1 }, direction: 'received' });
    expect((await storedRows(library, 'other')).map((row) => row.text)).toEqual(['a']);
    // Flash traffic is still in the stream, and the sent bytes are not.
    const { data } = await library.bulk('log.export', {
      ...{
        sessionId: 'old',
        filter: { ports: ['COM7'] },
        format: 'raw',
        includeIdentities: true,
        secrets: [],
        cursor: null,
        pieceBytes: 1e6,
      },
      style: { hostTime: 'none', deviceTime: false, port: false, messageOnly: false },
    });
    expect(Buffer.from(data).toString()).toBe(unescaped('I (1) boot: one\\r\\n\x1b[32mtwo\x1b[0m\\r\\n\\xc0 flash traffic \\xc0three\\n'));
  });

  test('can be recorded into as before', async () => {
    libraryOne();
    const library = await opened();
    library.append({ kind: 'session.start', sessionId: 'new', title: '', startedWallMs: 1, appVersion: '0.2.0' });
    library.append({ kind: 'raw', sessionId: 'new', port: 'COM7', direction: 'received', atUs: 1, offset: 0, bytes: new Uint8Array(5) });
    await library.flush();
    expect((await library.read('session.detail', { id: 'new' }))?.ports).toMatchObject([{ rawBytes: 5 }]);
  });
});

describe('a session file of schema 1', () => {
  function file(edit = ''): Uint8Array {
    const database = new Database(':memory:');
    schemaOne(database);
    database.exec(`DELETE FROM session WHERE id = 'other'; DELETE FROM raw_chunk WHERE port_key = 3; DELETE FROM log_line WHERE port_key = 3;
      DELETE FROM port WHERE port_key = 3; CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID; INSERT INTO meta VALUES ('format_version', '1'); ${edit}`);
    database.pragma(`application_id = ${SESSION_FILE_ID}`);
    const data = new Uint8Array(database.serialize());
    database.close();
    return data;
  }
  const imported = async (data: Uint8Array) => {
    const given = join(bench.folder, 'given');
    writeFileSync(given, data);
    checkSessionFile(given);
    const library = new Database(':memory:');
    migrate(library, ':memory:');
    try {
      const how = { libraryPath: ':memory:', newId: 'new', cancelled: new SharedArrayBuffer(4), pause: async () => {} };
      const id = await importSessionFile({ library, path: given, ...how });
      return [
        id,
        library.prepare("SELECT group_concat(text, '') FROM log_block").pluck().get(),
        library.prepare('SELECT row_count FROM port').pluck().all(),
      ];
    } finally {
      library.close();
    }
  };

  test('is imported', async () => {
    expect(await imported(file())).toEqual(['old', 'I (1) boot: one\nx\ny\ntwo\nAT\nport.lent\nlost\nz\nthree\n', [6, 3]]);
  });

  test.each([
    'DROP TABLE log_line',
    "UPDATE log_line SET payload = 'nonsense' WHERE seq = 0 AND port_key = 1",
    'CREATE TABLE log_block (x)',
    'DROP TABLE log_line; CREATE VIEW log_line AS SELECT 1 AS port_key',
    "DROP TABLE log_line; CREATE TABLE log_line (port_key, seq, at_us, direction, text, terminator, raw, grammar); INSERT INTO log_line VALUES (1, 0, 'x', 1, 2, 3, 4, 5)",
    'UPDATE log_line SET at_us = 9223372036854775807',
    "CREATE TRIGGER t AFTER INSERT ON note BEGIN UPDATE session SET title = 'x'; END",
    "UPDATE session SET title = 'x'; CREATE INDEX i ON session (length(hex(zeroblob(9))))",
  ])('is refused when %s', async (edit) => {
    await expect(imported(file(edit))).rejects.toMatchObject({ value: { code: 'session/bad-file' } });
  });
});
