import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { z } from 'zod';
import { pipelineEvent } from '../../../preload/contract/events.ts';
import { flashJob } from '../../../preload/contract/flash.ts';
import { logMark } from '../../../preload/contract/logs.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { LogBlock } from '../logs/block.ts';
import { BLOCK_LIMIT_BYTES, checkedBlock } from './block-check.ts';
import { type BlockRow, toBlockRow } from './block-row.ts';
import { migrate, SESSION_FILE_ID, sqliteCode } from './database.ts';
import { createDeriver } from './derive.ts';
import { SCHEMA_VERSION } from './migrations/index.ts';
import { createRedact, type Redact, redactBytes, redactChunks, redactJson } from './redact.ts';

/** The layout of `meta` and which tables hold what; the tables' own layout is the schema version. */
const FORMAT_VERSION = 1;
const FORMAT = 'talkbench-session';
/** A file travels whole, and a buffer holds no more. */
const FILE_LIMIT_BYTES = 2 ** 31 - 1;
/** The year 9999: what a date and the rows after it can be told from. */
const LAST_WALL_MS = Date.UTC(9999, 11, 31);

/** What is ever read of a flash job. */
const shownOfFlash = flashJob.pick({ address: true, state: true, stages: true, chip: true, files: true });

type Row = Record<string, unknown>;

const ofSession = 'session_key = @session';
const ofPort = 'port_key IN (SELECT port_key FROM port WHERE session_key = @session)';
const ofConversation = 'conversation_key IN (SELECT conversation_key FROM conversation WHERE session_key = @session)';
const ofTurn = `turn_key IN (SELECT turn_key FROM turn WHERE ${ofConversation})`;

/** What a session is, parents first; `order` where rows must be read in order. Settings, boards and recipes are not part of it. */
const tables = [
  { name: 'session', rows: ofSession },
  { name: 'note', rows: ofSession },
  { name: 'port', rows: ofSession },
  { name: 'raw_chunk', rows: ofPort, order: 'port_key, direction, ordinal' },
  { name: 'log_block', rows: ofSession, order: 'first_seq' },
  { name: 'bookmark', rows: ofSession },
  { name: 'conversation', rows: ofSession },
  { name: 'event', rows: ofSession, order: 'ordinal' },
  { name: 'audio_packet', rows: ofConversation },
  { name: 'turn', rows: ofConversation },
  { name: 'tool_call', rows: ofTurn },
  { name: 'metric', rows: ofTurn },
  { name: 'flash_job', rows: ofSession },
] as const;

/** What a file of an older schema has instead of these. */
const formerTables: Readonly<Record<number, Readonly<Record<string, string | null>>>> = { 1: { log_block: 'log_line', bookmark: null } };

/** Computed from `event` again on import, so that a file cannot say something its events do not. */
const derivedTables: readonly string[] = ['turn', 'tool_call', 'metric'];

/**
 * One closed session as a `.talkbench` file: an SQLite database of the library's schema with this session's rows and a
 * `meta` table that says what it is. Throws TalkError 'session/not-found' | 'session/recording' | 'too-large'.
 */
export function exportSession(
  library: Database.Database,
  id: string,
  options: { includeIdentities: boolean; secrets: readonly string[]; maximumBytes?: number },
): Uint8Array<ArrayBuffer> {
  const session = library
    .prepare<[string], { session_key: number; state: string; app_version: string }>(
      'SELECT session_key, state, app_version FROM session WHERE id = ?',
    )
    .get(id);
  if (session === undefined) throw new TalkError('session/not-found', { id });
  if (session.state === 'recording') throw new TalkError('session/recording', { id });
  const redact = createRedact(options);
  return inTemporaryFile((path) => {
    const file = new Database(path);
    try {
      file.pragma('journal_mode = OFF');
      file.pragma('synchronous = OFF');
      file.pragma(`application_id = ${SESSION_FILE_ID}`);
      migrate(file, path);
      file.transaction(() => {
        file.exec('CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID');
        const meta = {
          format: FORMAT,
          format_version: FORMAT_VERSION,
          schema_version: SCHEMA_VERSION,
          app_version: session.app_version,
          session_id: id,
          exported_at: new Date().toISOString(),
          identities: options.includeIdentities ? 'included' : 'redacted',
          times: 'microseconds from session.started_wall_ms on a monotonic clock',
        };
        for (const [key, value] of Object.entries(meta)) file.prepare('INSERT INTO meta VALUES (?, ?)').run(key, String(value));
        // One read transaction: all tables as of the same instant.
        library.transaction(() => {
          for (const table of tables)
            insertAll(file, table.name, redacted(redact, table.name, rowsOf(library, table, session.session_key)));
        })();
      })();
    } finally {
      file.close();
    }
    const { size } = statSync(path);
    const { maximumBytes = FILE_LIMIT_BYTES } = options;
    if (size > maximumBytes) throw new TalkError('too-large', { limitBytes: maximumBytes, sizeBytes: size });
    return new Uint8Array(readFileSync(path));
  });
}

/**
 * Adds a `.talkbench` file to the library, in one transaction, under its own id or `newId` when that is taken. Throws
 * TalkError 'session/bad-file' with what is wrong with it, 'store/disk-full'.
 */
export function importSession(library: Database.Database, libraryPath: string, data: Uint8Array, newId: string): string {
  return inTemporaryFile((path) => {
    writeFileSync(path, data);
    let file: Database.Database | undefined;
    try {
      file = new Database(path);
      file.pragma('trusted_schema = OFF');
      file.pragma('cell_size_check = ON');
      const sessionKey = checkFile(file, path);
      return library.transaction((source: Database.Database) => copyIn(library, source, sessionKey, newId))(file);
    } catch (error) {
      if (error instanceof TalkError) throw error;
      if (sqliteCode(error) === 'SQLITE_FULL') throw new TalkError('store/disk-full', { path: libraryPath }, { cause: error });
      throw badFile(sqliteCode(error) ?? 'unreadable', error);
    } finally {
      file?.close();
    }
  });
}

/** The session's key. Throws TalkError 'session/bad-file'. */
function checkFile(file: Database.Database, path: string): number {
  if (file.pragma('application_id', { simple: true }) !== SESSION_FILE_ID) throw badFile('not a session file');
  if (file.pragma('quick_check(1)', { simple: true }) !== 'ok') throw badFile('damaged');
  const format = file.prepare<[], string>("SELECT value FROM meta WHERE key = 'format_version'").pluck().get();
  if (Number(format) !== FORMAT_VERSION) throw badFile(`format version ${format}`);
  const schema = file.pragma('user_version', { simple: true }) as number;
  if (schema < 1 || schema > SCHEMA_VERSION) throw badFile(`schema version ${schema}`);
  // A view, a trigger or a virtual table in their place could run what its author likes.
  const real = file
    .prepare<[string], number>("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ? AND sql NOT LIKE 'CREATE VIRTUAL%'")
    .pluck();
  for (const { name } of tables) {
    const former = formerTables[schema]?.[name];
    if (former !== null && real.get(former ?? name) !== 1) throw badFile(`no table ${former ?? name}`);
  }
  migrate(file, path);
  // Nothing larger is even read.
  const large = file
    .prepare<[number], number>(
      `SELECT count(*) FROM log_block WHERE typeof(text) <> 'text' OR typeof(columns) <> 'blob' OR typeof(facts) <> 'text'
         OR typeof(names) <> 'text' OR octet_length(text) + octet_length(columns) + octet_length(facts) + octet_length(names) > ?`,
    )
    .pluck();
  if (large.get(BLOCK_LIMIT_BYTES) !== 0) throw badFile('log blocks of no known shape');
  const keys = file.prepare<[], number>('SELECT session_key FROM session').pluck().all();
  const [key] = keys;
  if (key === undefined || keys.length > 1) throw badFile(`${keys.length} sessions`);
  return key;
}

/** Rows get keys of this library; only columns that this schema has are read. */
function copyIn(library: Database.Database, file: Database.Database, fileSession: number, newId: string): string {
  const taken = library.prepare<[string], number>('SELECT 1 FROM session WHERE id = ?').pluck();
  const ports = new Map<unknown, number>();
  const conversations = new Map<unknown, number>();
  const blocks = new BlockCheck();
  let id = newId;
  let sessionKey = 0;
  for (const table of tables) {
    if (derivedTables.includes(table.name)) continue;
    const insert = inserter(library, table.name);
    for (const row of rowsOf(file, table, fileSession)) {
      const own: Row = { ...row };
      checkNumbers(table.name, row);
      if (table.name === 'session') {
        if (typeof row.id === 'string' && isSessionId(row.id) && taken.get(row.id) === undefined) id = row.id;
        if (row.state === 'recording') own.state = 'recovered';
        sessionKey = insert({ ...own, id, session_key: null });
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
      if (table.name === 'event') checkJson(row.body, pipelineEvent, `event ${String(row.ordinal)}`);
      if (table.name === 'flash_job') checkJson(row.body, shownOfFlash, `flash job ${String(row.job_id)}`);
      if (table.name === 'bookmark' && !logMark.safeParse(row).success) throw badFile(`bookmark ${String(row.seq)} is of no known shape`);
      if (table.name === 'log_block') Object.assign(own, { block_key: null, ...toBlockRow(blocks.next(row)) });
      const key = insert(own);
      if (table.name === 'port') ports.set(row.port_key, key);
      if (table.name === 'conversation') conversations.set(row.conversation_key, key);
    }
  }
  blocks.countRows(library, sessionKey);
  const deriver = createDeriver(library);
  for (const key of conversations.values()) deriver.turns(key, 1);
  return id;
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
      (column === 'started_wall_ms' ? value >= 0 && value <= LAST_WALL_MS : !Number.isInteger(value) || Number.isSafeInteger(value));
    if (!isGood) throw badFile(`${table}.${column} ${String(value)}`);
  }
}

function checkJson(text: unknown, schema: z.ZodType, what: string): void {
  let value: unknown;
  try {
    value = JSON.parse(String(text));
  } catch (error) {
    throw badFile(`${what} is not JSON`, error);
  }
  if (!schema.safeParse(value).success) throw badFile(`${what} is of no known shape`);
}

function rowsOf(database: Database.Database, table: (typeof tables)[number], sessionKey: number): IterableIterator<Row> {
  const order = 'order' in table ? ` ORDER BY ${table.order}` : '';
  return database
    .prepare<[{ session: number }], Row>(`SELECT * FROM ${table.name} WHERE ${table.rows}${order}`)
    .iterate({ session: sessionKey });
}

function insertAll(database: Database.Database, table: string, rows: Iterable<Row>): void {
  const insert = inserter(database, table);
  for (const row of rows) insert(row);
}

/** Inserts rows by column name; gives the new rowid. */
function inserter(database: Database.Database, table: string): (row: Row) => number {
  const columns = database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
  const statement = database.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((name) => `@${name}`).join(', ')})`,
  );
  return (row) => Number(statement.run(row).lastInsertRowid);
}

function* redacted(redact: Redact, table: string, rows: Iterable<Row>): Generator<Row> {
  if (table === 'raw_chunk') {
    yield* redactStreams(redact, rows);
    return;
  }
  for (const row of rows)
    yield Object.fromEntries(Object.entries(row).map(([column, value]) => [column, redactValue(redact, table, column, value)]));
}

/** JSON is redacted as a value: an asterisk where a number stood would break its text. */
const jsonColumns = new Set([
  'event.body',
  'turn.breakdown',
  'tool_call.arguments',
  'tool_call.result',
  'flash_job.body',
  'log_block.names',
  'log_block.facts',
]);
/** Encoded sound and packed numbers, in which a run of digits is chance. */
const opaqueColumns = new Set(['audio_packet.bytes', 'log_block.columns']);

function redactValue(redact: Redact, table: string, column: string, value: unknown): unknown {
  const name = `${table}.${column}`;
  if (opaqueColumns.has(name)) return value;
  if (value instanceof Uint8Array) return redactBytes(redact, value);
  if (typeof value !== 'string') return value;
  if (name === 'log_block.facts' && value === '') return value;
  return jsonColumns.has(name) ? JSON.stringify(redactJson(redact, JSON.parse(value))) : redact(value);
}

/** A port's bytes are redacted as the stream they were, each direction on its own, and never all of them in memory. */
function* redactStreams(redact: Redact, rows: Iterable<Row>): Generator<Row> {
  const left = rows[Symbol.iterator]() as Iterator<Row & { bytes: Uint8Array }>;
  let next = left.next();
  function* stream(port: unknown, direction: unknown) {
    for (; next.done !== true && next.value.port_key === port && next.value.direction === direction; next = left.next()) yield next.value;
  }
  while (next.done !== true) yield* redactChunks(redact, stream(next.value.port_key, next.value.direction));
}

function inTemporaryFile<T>(use: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-'));
  try {
    return use(join(folder, 'session.talkbench'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function badFile(reason: string, cause?: unknown): TalkError {
  return new TalkError('session/bad-file', { path: null, reason }, { cause });
}
