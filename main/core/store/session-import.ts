import type Database from 'better-sqlite3';
import SqliteDatabase from 'better-sqlite3';
import type { z } from 'zod';
import { pipelineEvent } from '../../../preload/contract/events.ts';
import { flashJob } from '../../../preload/contract/flash.ts';
import { logMark } from '../../../preload/contract/logs.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { LogBlock } from '../logs/block.ts';
import { BLOCK_LIMIT_BYTES, checkedBlock } from './block-check.ts';
import { type BlockRow, toBlockRow } from './block-row.ts';
import { asTalkError, migrate, SESSION_FILE_ID, sqliteCode } from './database.ts';
import { createDeriver } from './derive.ts';
import { migrations, SCHEMA_VERSION } from './migrations/index.ts';
import { FORMAT_VERSION } from './session-file.ts';
import { inserter, type Row, rowsOf, sessionTables } from './session-tables.ts';
import { inSlices, type Pause, removeUnfinished, unfinishedId } from './slices.ts';

/** The year 9999: what a date and the rows after it can be told from. */
const LAST_WALL_MS = Date.UTC(9999, 11, 31);
/** A session of a year. What lies further apart would have its sound padded with silence until a disk is full. */
const LONGEST_US = 366 * 86_400e6;
/** What a stream says of its own time may begin anywhere; sound is placed by how it goes on. */
const ownClock = 'media_us';
/** No message, packet or chunk of ours is as long. */
const VALUE_LIMIT_BYTES = 64e6;

/** What is ever read of a flash job. */
const shownOfFlash = flashJob.pick({ address: true, state: true, stages: true, chip: true, files: true });

/** What a file of an older schema has instead of these. */
const formerTables: Readonly<Record<number, Readonly<Record<string, string | null>>>> = { 1: { log_block: 'log_line', bookmark: null } };

/**
 * Makes a `.talkbench` file somebody sent into one that can be read without care: its schema is ours, by the letter, and of this version.
 * Changes the file. Takes as long as the file is large, and is no work for the thread that records. Throws TalkError 'session/bad-file'.
 */
export function checkSessionFile(path: string): void {
  opened(path, (file) => {
    if (file.pragma('application_id', { simple: true }) !== SESSION_FILE_ID) throw badFile('not a session file');
    if (file.pragma('quick_check(1)', { simple: true }) !== 'ok') throw badFile('damaged');
    const schema = file.pragma('user_version', { simple: true }) as number;
    if (schema < 1 || schema > SCHEMA_VERSION) throw badFile(`schema version ${schema}`);
    checkSchema(file, schema);
    const format = file.prepare<[], string>("SELECT value FROM meta WHERE key = 'format_version'").pluck().get();
    if (Number(format) !== FORMAT_VERSION) throw badFile(`format version ${format}`);
    checkSizes(file, schema);
    migrate(file, path);
    // Nothing larger is even read.
    const large = file
      .prepare<[number], number>(
        `SELECT count(*) FROM log_block WHERE typeof(text) <> 'text' OR typeof(columns) <> 'blob' OR typeof(facts) <> 'text'
           OR typeof(names) <> 'text' OR octet_length(text) + octet_length(columns) + octet_length(facts) + octet_length(names) > ?`,
      )
      .pluck();
    if (large.get(BLOCK_LIMIT_BYTES) !== 0) throw badFile('log blocks of no known shape');
    onlySession(file);
  });
}

/**
 * Adds a checked file to the library, a slice at a time so that what is being recorded is stored meanwhile, under its own id or `newId`
 * when that is taken. It is no session of the library until all of it is there. Throws TalkError 'session/bad-file' with what is wrong
 * with it, 'store/disk-full'.
 */
export async function importSessionFile(
  library: Database.Database,
  libraryPath: string,
  path: string,
  newId: string,
  pause: Pause,
): Promise<string> {
  const temporaryId = unfinishedId('import', newId);
  const file = new SqliteDatabase(path, { readonly: true });
  try {
    file.pragma('trusted_schema = OFF');
    return await inSlices(library, copyIn(library, file, onlySession(file), { newId, temporaryId }), pause);
  } catch (error) {
    // What a full disk leaves, the next start removes.
    if (library.open) await removeUnfinished(library, pause, temporaryId).catch(() => {});
    throw whyNot(error, libraryPath);
  } finally {
    file.close();
  }
}

function opened(path: string, use: (file: Database.Database) => void): void {
  let file: Database.Database | undefined;
  try {
    file = new SqliteDatabase(path);
    file.pragma('trusted_schema = OFF');
    file.pragma('cell_size_check = ON');
    use(file);
  } catch (error) {
    throw whyNot(error, path);
  } finally {
    file?.close();
  }
}

/** A disk that is full says nothing about the file. */
function whyNot(error: unknown, path: string): TalkError {
  const expected = asTalkError(error, path);
  return error instanceof TalkError || expected?.value.code === 'store/disk-full'
    ? (expected as TalkError)
    : badFile(sqliteCode(error) ?? 'unreadable', error);
}

function onlySession(file: Database.Database): number {
  const keys = file.prepare<[], number>('SELECT session_key FROM session').pluck().all();
  const [key] = keys;
  if (key === undefined || keys.length > 1) throw badFile(`${keys.length} sessions`);
  return key;
}

type SchemaEntry = { type: string; name: string; sql: string | null };

/** A view, a trigger, a computed column or an index over an expression could run what its author likes as soon as anything is read. */
function checkSchema(file: Database.Database, version: number): void {
  const ours = new SqliteDatabase(':memory:');
  try {
    for (const migration of migrations.slice(0, version)) {
      ours.exec(migration.sql);
      migration.convert?.(ours, () => {});
    }
    ours.exec('CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID');
    const entries = (database: Database.Database) =>
      database.prepare<[], SchemaEntry>('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all();
    const known = new Map(entries(ours).map((entry) => [`${entry.type} ${entry.name}`, entry.sql]));
    for (const { type, name, sql } of entries(file)) {
      const own = known.get(`${type} ${name}`);
      if (own === undefined && /^sqlite_stat\d$/.test(name)) continue;
      if (own === undefined) throw badFile(`a ${type} that no session file has: ${name.slice(0, 60)}`);
      if (own !== sql) throw badFile(`${type} ${name} is not as a session file has it`);
    }
    const present = new Set(entries(file).map(({ name }) => name));
    for (const { name } of sessionTables) {
      const former = formerTables[version]?.[name];
      if (former !== null && !present.has(former ?? name)) throw badFile(`no table ${former ?? name}`);
    }
  } finally {
    ours.close();
  }
}

function checkSizes(file: Database.Database, version: number): void {
  const columnsOf = file.prepare<[string], string>("SELECT name FROM pragma_table_info(?) WHERE type IN ('TEXT', 'BLOB')").pluck();
  for (const { name } of sessionTables) {
    const former = formerTables[version]?.[name];
    if (former === null) continue;
    const table = former ?? name;
    // Blocks are many rows, and have a limit of their own.
    if (table === 'log_block') continue;
    for (const column of columnsOf.all(table)) {
      const large = file.prepare<[number], number>(`SELECT count(*) FROM ${table} WHERE octet_length(${column}) > ?`).pluck();
      if (large.get(VALUE_LIMIT_BYTES) !== 0) throw badFile(`${table}.${column} is too long`);
    }
  }
}

/** Rows get keys of this library; only columns that this schema has are read. Yields where the rest may wait. */
function* copyIn(
  library: Database.Database,
  file: Database.Database,
  fileSession: number,
  { newId, temporaryId }: { newId: string; temporaryId: string },
): Generator<number, string> {
  const taken = library.prepare<[string], number>('SELECT 1 FROM session WHERE id = ?').pluck();
  const ports = new Map<unknown, number>();
  const conversations = new Map<unknown, number>();
  const blocks = new BlockCheck();
  let wantedId = '';
  let sessionKey = 0;
  for (const table of sessionTables) {
    if (table.isDerived === true) continue;
    const insert = inserter(library, table.name);
    for (const row of rowsOf(file, table, fileSession)) {
      const own: Row = { ...row };
      checkNumbers(table.name, row);
      if (table.name === 'session') {
        if (typeof row.id === 'string' && isSessionId(row.id)) wantedId = row.id;
        if (row.state === 'recording') own.state = 'recovered';
        sessionKey = insert({ ...own, id: temporaryId, session_key: null });
        continue;
      }
      if ('session_key' in row) own.session_key = sessionKey;
      if (table.name === 'note') own.note_key = null;
      else if (table.name === 'port') own.port_key = null;
      else if (table.name === 'raw_chunk') own.chunk_key = null;
      if ('port_key' in row && table.name !== 'port') own.port_key = mapped(ports, row.port_key);
      if (table.name === 'conversation') own.conversation_key = null;
      else if ('conversation_key' in row && row.conversation_key !== null)
        own.conversation_key = mapped(conversations, row.conversation_key);
      if (table.name === 'event') {
        const { atUs } = checkedJson(row.body, pipelineEvent, `event ${String(row.ordinal)}`);
        if (Math.abs(atUs) > LONGEST_US) throw badFile(`event ${String(row.ordinal)} at ${atUs}`);
      }
      if (table.name === 'flash_job') checkedJson(row.body, shownOfFlash, `flash job ${String(row.job_id)}`);
      if (table.name === 'bookmark' && !logMark.safeParse(row).success) throw badFile(`bookmark ${String(row.seq)} is of no known shape`);
      if (table.name === 'log_block') Object.assign(own, { block_key: null, ...toBlockRow(blocks.next(row)) });
      const key = insert(own);
      if (table.name === 'port') ports.set(row.port_key, key);
      if (table.name === 'conversation') conversations.set(row.conversation_key, key);
      yield bytesOf(row);
    }
  }
  blocks.countRows(library, sessionKey);
  const deriver = createDeriver(library);
  for (const key of conversations.values()) {
    deriver.turns(key, 1);
    yield Number.POSITIVE_INFINITY;
  }
  const id = wantedId === '' || taken.get(wantedId) !== undefined ? newId : wantedId;
  library.prepare('UPDATE session SET id = ? WHERE session_key = ?').run(id, sessionKey);
  return id;
}

function bytesOf(row: Row): number {
  let bytes = 64;
  for (const value of Object.values(row)) if (typeof value === 'string' || value instanceof Uint8Array) bytes += value.length;
  return bytes;
}

/** The blocks of a file, in order. */
class BlockCheck {
  #nextSeq = 0;
  readonly #rowsOf = new Map<string, number>();

  /** Throws TalkError 'session/bad-file'. */
  next(row: Row): LogBlock {
    let block: LogBlock;
    try {
      block = checkedBlock(row as unknown as BlockRow);
    } catch (error) {
      throw badFile(`log block ${String(row.first_seq)}: ${error instanceof Error ? error.message : String(error)}`, error);
    }
    if (block.firstSeq < this.#nextSeq) throw badFile(`log block ${block.firstSeq} begins before the one before it ends`);
    this.#nextSeq = block.firstSeq + block.rowCount;
    for (const [index, port] of block.ports.entries()) this.#rowsOf.set(port, (this.#rowsOf.get(port) ?? 0) + (block.portRows[index] ?? 0));
    return block;
  }

  /** What a port says of its rows is what there is of them. Throws TalkError 'session/bad-file'. */
  countRows(library: Database.Database, sessionKey: number): void {
    library.prepare('UPDATE port SET row_count = 0 WHERE session_key = ?').run(sessionKey);
    const count = library.prepare('UPDATE port SET row_count = ? WHERE session_key = ? AND address = ?');
    for (const [port, rows] of this.#rowsOf)
      if (count.run(rows, sessionKey, port).changes !== 1) throw badFile(`rows of ${port}, which is no port of the session`);
  }
}

/** An id becomes a file's name when the session is exported: one that someone else made up must not be a path. */
function isSessionId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}

function mapped(keys: ReadonlyMap<unknown, number>, key: unknown): number {
  const own = keys.get(key);
  if (own === undefined) throw badFile(`a row refers to ${String(key)}, which is not there`);
  return own;
}

/** One number that the contract cannot carry would fail the list of all sessions for ever. */
function checkNumbers(table: string, row: Row): void {
  for (const [column, value] of Object.entries(row)) {
    const isGood =
      typeof value !== 'number' ||
      (column === 'started_wall_ms'
        ? value >= 0 && value <= LAST_WALL_MS
        : column.endsWith('_us') && column !== ownClock
          ? Math.abs(value) <= LONGEST_US
          : Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)));
    if (!isGood) throw badFile(`${table}.${column} ${String(value)}`);
  }
}

function checkedJson<Value>(text: unknown, schema: z.ZodType<Value>, what: string): Value {
  let value: unknown;
  try {
    value = JSON.parse(String(text));
  } catch (error) {
    throw badFile(`${what} is not JSON`, error);
  }
  const { success, data } = schema.safeParse(value);
  if (!success) throw badFile(`${what} is of no known shape`);
  return data;
}

function badFile(reason: string, cause?: unknown): TalkError {
  return new TalkError('session/bad-file', { path: null, reason }, { cause });
}
