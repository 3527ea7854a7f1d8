import { existsSync, renameSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import Database from 'better-sqlite3';
import { TalkError, type TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { migrations, SCHEMA_VERSION } from './migrations/index.ts';

/** `PRAGMA application_id` of the library and of an exported session: 'TBLB' and 'TBSN'. */
export const LIBRARY_ID = 0x54424c42;
export const SESSION_FILE_ID = 0x5442534e;

/** A whole check reads the whole file: a second for each 150 MB. A library that an hour of eight boards makes 10 GB cannot wait for that. */
const WHOLE_CHECK_LIMIT_BYTES = 256e6;
/** What the app cannot start without; everything else is found damaged when it is read. */
/** Of `PRAGMA auto_vacuum`. */
const INCREMENTAL = 2;
const essentialTables = ['session', 'port', 'conversation', 'setting', 'board'];

export interface OpenedDatabase {
  database: Database.Database;
  /** What was wrong with the file that was there; it has been moved aside. */
  problem: TalkErrorValue | null;
  /** Gives the library up to other processes. */
  unlock: () => void;
}

/**
 * Opens the library for its only writer: locked, checked, migrated. A damaged file is moved aside and a fresh one
 * started. Throws TalkError 'store/locked' | 'store/newer-schema' | 'store/disk-full'.
 */
export function openLibrary(
  path: string,
  options: { movedToSuffix: string; maximumBytes?: number; onProgress?: () => void },
): OpenedDatabase {
  const unlock = lock(path);
  try {
    let problem: TalkErrorValue | null = null;
    let database = openSound(path);
    if (database === null) {
      const movedTo = path + options.movedToSuffix;
      for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, movedTo + suffix);
      problem = new TalkError('store/corrupt', { path, movedTo }).value;
      database = new Database(path);
    }
    refuseNewer(database, path);
    giveSpaceBack(database, path);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    database.pragma(`application_id = ${LIBRARY_ID}`);
    // Checkpointing in bigger strides halves the writes of a steady log: a page that fills over many commits moves once.
    database.pragma('wal_autocheckpoint = 4000');
    if (options.maximumBytes !== undefined) {
      const pageBytes = database.pragma('page_size', { simple: true }) as number;
      database.pragma(`max_page_count = ${Math.ceil(options.maximumBytes / pageBytes)}`);
    }
    migrate(database, path, options.onProgress);
    return { database, problem, unlock };
  } catch (error) {
    unlock();
    throw asTalkError(error, path) ?? error;
  }
}

/** A larger library is left as it is: what is removed from it makes room for what is recorded next, and the file stays as large. */
const REWRITE_LIMIT_BYTES = 256e6;

/** Makes the library one that can give the space of what is removed back to the disk. */
function giveSpaceBack(database: Database.Database, path: string): void {
  if (database.pragma('auto_vacuum', { simple: true }) === INCREMENTAL) return;
  database.pragma(`auto_vacuum = ${INCREMENTAL}`);
  const isNew = database.prepare('SELECT 1 FROM sqlite_master').get() === undefined;
  if (isNew || statSync(path).size > REWRITE_LIMIT_BYTES) return;
  try {
    database.exec('VACUUM');
  } catch (error) {
    // It needs as much room again. Without it the library is as good as before, and the next start may find room.
    if (asTalkError(error, path)?.value.code !== 'store/disk-full') throw error;
  }
}

/** A connection that cannot write, beside the writer's. */
export function openReader(path: string): Database.Database {
  const database = new Database(path, { readonly: true, fileMustExist: true });
  database.pragma('query_only = ON');
  database.pragma('mmap_size = 268435456');
  return database;
}

/**
 * Brings a database to the newest schema, one transaction a step, which may take minutes: `onProgress` is called all the while. Throws
 * TalkError 'store/newer-schema'.
 */
export function migrate(database: Database.Database, path: string, onProgress: () => void = () => {}): void {
  const found = refuseNewer(database, path);
  for (const migration of migrations.slice(found)) {
    database.transaction(() => {
      database.exec(migration.sql);
      migration.convert?.(database, onProgress);
      database.pragma(`user_version = ${migration.number}`);
    })();
  }
}

/** The schema version it has. */
function refuseNewer(database: Database.Database, path: string): number {
  const found = database.pragma('user_version', { simple: true }) as number;
  if (found > SCHEMA_VERSION) throw new TalkError('store/newer-schema', { path, found, supported: SCHEMA_VERSION });
  return found;
}

/** Null when the file is damaged or is no database of ours. */
function openSound(path: string): Database.Database | null {
  let database: Database.Database | undefined;
  try {
    database = new Database(path);
    const check = checkOf(database, path);
    const application = database.pragma('application_id', { simple: true });
    const isOurs = application === LIBRARY_ID || database.prepare('SELECT 1 FROM sqlite_master').get() === undefined;
    if (check === 'ok' && isOurs) return database;
  } catch (error) {
    if (sqliteCode(error) !== 'SQLITE_CORRUPT' && sqliteCode(error) !== 'SQLITE_NOTADB') throw error;
  }
  database?.close();
  return null;
}

/** 'ok', or the first thing that is wrong. */
function checkOf(database: Database.Database, path: string): unknown {
  if (statSync(path).size <= WHOLE_CHECK_LIMIT_BYTES) return database.pragma('quick_check(1)', { simple: true });
  const present = database.prepare<[string], string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?").pluck();
  for (const table of essentialTables) {
    if (present.get(table) === undefined) continue;
    const check = database.pragma(`quick_check('${table}')`, { simple: true });
    if (check !== 'ok') return check;
  }
  return 'ok';
}

/**
 * Holds an exclusive transaction on a database of its own for as long as the process lives: the operating system drops
 * it with the process, however that ends, so there are no stale locks to judge.
 */
function lock(path: string): () => void {
  const database = new Database(`${path}.lock`, { timeout: 0 });
  try {
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY')) throw new TalkError('store/locked', { path }, { retryable: true, cause: error });
    throw error;
  }
  return () => database.close();
}

const fullDiskCodes: ReadonlySet<string> = new Set([
  'SQLITE_FULL',
  'SQLITE_IOERR_WRITE',
  'SQLITE_IOERR_FSYNC',
  'SQLITE_IOERR_TRUNCATE',
  'SQLITE_IOERR_SHMSIZE',
  'SQLITE_IOERR_SHMMAP',
]);

const fullDiskErrnos: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** The expected failure behind an error of SQLite or of a file, or null for a bug. */
export function asTalkError(error: unknown, path: string): TalkError | null {
  if (error instanceof TalkError) return error;
  if (fullDiskErrnos.has((error as NodeJS.ErrnoException | null)?.code ?? '')) {
    // Files are written beside the library too, where the system keeps temporary ones.
    return new TalkError('store/disk-full', { path: (error as NodeJS.ErrnoException).path ?? tmpdir() }, { retryable: true, cause: error });
  }
  const code = sqliteCode(error);
  if (code === undefined) return null;
  // An I/O error while growing a file (the database, its log, the log's index) is how some file systems report a quota.
  if (fullDiskCodes.has(code)) {
    return new TalkError('store/disk-full', { path }, { retryable: true, cause: error });
  }
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
    return new TalkError('store/corrupt', { path, movedTo: null }, { cause: error });
  if (code.startsWith('SQLITE_BUSY')) return new TalkError('store/locked', { path }, { retryable: true, cause: error });
  return null;
}

export function sqliteCode(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? error.code : undefined;
}
