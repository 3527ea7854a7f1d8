import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { asTalkError, LIBRARY_ID, migrate } from '../../../../../main/core/store/database.ts';
import { checkSessionFile } from '../../../../../main/core/store/session-check.ts';

const child = join(import.meta.dirname, 'full-disk.child.ts');

// A file that may not grow any more fails as a disk that is full.
test.skipIf(process.platform === 'win32')('a library of an older version is opened as it is where a disk has no room to rewrite it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-test-'));
  try {
    const path = join(folder, 'library.db');
    const database = new Database(path);
    database.pragma('journal_mode = WAL');
    database.pragma(`application_id = ${LIBRARY_ID}`);
    migrate(database, path);
    database.exec("INSERT INTO session (id, title, state, started_wall_ms, app_version) VALUES ('s', 'kept', 'closed', 0, '')");
    database.exec("INSERT INTO note (session_key, text) SELECT session_key, printf('%.*c', 3000000, 'x') FROM session");
    database.close();
    // Blocks of 512 or 1024 bytes, as the shell likes: less than the library, more than what else is written.
    const output = execFileSync('sh', ['-c', 'ulimit -f 1024; exec "$0" "$1" "$2"', process.execPath, child, path], { encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual({ titles: ['kept'] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a file that cannot be written for want of room is no bug, and says nothing about what was to be imported', () => {
  const error = Object.assign(new Error('no space'), { code: 'ENOSPC', path: '/somewhere/file' });
  expect(asTalkError(error, '/library')?.value).toMatchObject({ code: 'store/disk-full', data: { path: '/somewhere/file' } });
  expect(asTalkError(new Database.SqliteError('full', 'SQLITE_IOERR_WRITE'), '/library')?.value.code).toBe('store/disk-full');
  expect(asTalkError(new Error('else'), '/library')).toBeNull();
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-test-'));
  writeFileSync(join(folder, 'no.talkbench'), 'no database');
  expect(() => checkSessionFile(join(folder, 'no.talkbench'))).toThrow(
    expect.objectContaining({ value: expect.objectContaining({ code: 'session/bad-file' }) }),
  );
  rmSync(folder, { recursive: true, force: true });
});
