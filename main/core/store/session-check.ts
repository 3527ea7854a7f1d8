import type { Database } from 'better-sqlite3';
import SqliteDatabase from 'better-sqlite3';
import { BLOCK_ROWS, type LogBlock } from '../logs/block.ts';
import { cutBlock } from '../logs/block-cut.ts';
import { badFile, onlySession, whyNot } from './bad-file.ts';
import { BLOCK_LIMIT_BYTES, checkedBlock } from './block-check.ts';
import { type BlockRow, toBlockRow } from './block-row.ts';
import { migrate, SESSION_FILE_ID } from './database.ts';
import { createDeriver } from './derive.ts';
import { migrations, SCHEMA_VERSION } from './migrations/index.ts';
import { checkedRow } from './row-check.ts';
import { FORMAT_VERSION } from './session-file.ts';
import { inserter, rowsOf, sessionTables } from './session-tables.ts';
import { shortJson, VALUE_LIMIT_BYTES } from './short-json.ts';
import { assertWanted } from './still-wanted.ts';

/** The append queue takes no larger one. What of it is too long for a reader is left out. */
const EVENT_LIMIT_BYTES = BLOCK_LIMIT_BYTES;
/** A block that is larger is cut: the thread that records copies each in one step. Ours are smaller, but of a board that prints as fast as it can. */
const PART_LIMIT = { rows: BLOCK_ROWS, bytes: 1 << 20 };
/** Of what was left out, so much is told one by one. */
const TOLD_EVENTS = 20;

/** What a file of an older schema has instead of these. */
const formerTables: Readonly<Record<number, Readonly<Record<string, string | null>>>> = { 1: { log_block: 'log_line', bookmark: null } };

/**
 * Makes a `.talkbench` file somebody sent into one that `importSessionFile` copies without a look: its schema is ours, by the letter, and
 * of this version; each row is of a shape and length that ours have; what can be counted or follows from its events is of our making.
 * Changes the file. Takes as long as the file is large, and is no work for the thread that records. Throws TalkError 'session/bad-file',
 * 'store/disk-full', and 'cancelled' where nobody waits for it any more.
 */
export function checkSessionFile(path: string): void {
  let file: Database | undefined;
  try {
    file = new SqliteDatabase(path);
    file.pragma('trusted_schema = OFF');
    file.pragma('cell_size_check = ON');
    file.pragma('synchronous = OFF');
    checkFile(file, path);
  } catch (error) {
    throw whyNot(error, path);
  } finally {
    file?.close();
  }
}

function checkFile(file: Database, path: string): void {
  if (file.pragma('application_id', { simple: true }) !== SESSION_FILE_ID) throw badFile('not a session file');
  if (file.pragma('quick_check(1)', { simple: true }) !== 'ok') throw badFile('damaged');
  const schema = file.pragma('user_version', { simple: true }) as number;
  if (schema < 1 || schema > SCHEMA_VERSION) throw badFile(`schema version ${schema}`);
  checkSchema(file, schema);
  const format = file.prepare<[], string>("SELECT value FROM meta WHERE key = 'format_version'").pluck().get();
  if (Number(format) !== FORMAT_VERSION) throw badFile(`format version ${format}`);
  checkSizes(file, schema);
  migrate(file, path);
  const session = onlySession(file);
  file.transaction(() => {
    // That an index says what its table does, the check above did not look at.
    file.exec('REINDEX');
    shortenEvents(file, session, checkRows(file, session));
    settleBlocks(file, session);
    deriveAgain(file, session);
  })();
}

type SchemaEntry = { type: string; name: string; sql: string | null };

/** A view, a trigger, a computed column or an index over an expression could run what its author likes as soon as anything is read. */
function checkSchema(file: Database, version: number): void {
  const ours = new SqliteDatabase(':memory:');
  try {
    for (const migration of migrations.slice(0, version)) {
      ours.exec(migration.sql);
      migration.convert?.(ours, () => {});
    }
    ours.exec('CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID');
    const entries = (database: Database) =>
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

/** What is larger is not even read. */
function checkSizes(file: Database, version: number): void {
  const columnsOf = file.prepare<[string], string>("SELECT name FROM pragma_table_info(?) WHERE type IN ('TEXT', 'BLOB')").pluck();
  for (const { name, isDerived } of sessionTables) {
    const former = formerTables[version]?.[name];
    if (former === null || isDerived === true) continue;
    const table = former ?? name;
    // Blocks are many rows, and have a limit of their own.
    if (table === 'log_block') continue;
    for (const column of columnsOf.all(table)) {
      const large = file.prepare<[number], number>(`SELECT count(*) FROM ${table} WHERE octet_length(${column}) > ?`).pluck();
      const limit = table === 'event' && column === 'body' ? EVENT_LIMIT_BYTES : VALUE_LIMIT_BYTES;
      if (large.get(limit) !== 0) throw badFile(`${table}.${column} is too long`);
    }
  }
}

/** Gives the events, by ordinal, of which something is to be left out: no row is changed while rows are read. */
function checkRows(file: Database, session: number): number[] {
  const tooLarge: number[] = [];
  for (const table of sessionTables) {
    if (table.isDerived === true || table.name === 'log_block') continue;
    for (const row of rowsOf(file, table, session)) {
      assertWanted();
      if (table.name !== 'event') checkedRow(table.name, row);
      else {
        const body = shortJson(String(row.body));
        checkedRow('event', { ...row, body });
        if (body !== row.body) tooLarge.push(Number(row.ordinal));
      }
    }
  }
  return tooLarge;
}

/** A file of ours may have recorded more than a reader can take: what that was is said in its place, and by a note where the first was. */
function shortenEvents(file: Database, session: number, ordinals: readonly number[]): void {
  const eventOf = file.prepare<[number, number], { kind: string; body: string; atUs: number }>(
    'SELECT kind, body, at_us AS atUs FROM event WHERE session_key = ? AND ordinal = ?',
  );
  const set = file.prepare('UPDATE event SET body = ? WHERE session_key = ? AND ordinal = ?');
  const told: string[] = [];
  let firstUs: number | undefined;
  for (const ordinal of ordinals) {
    assertWanted();
    const { kind, body, atUs } = eventOf.get(session, ordinal) as { kind: string; body: string; atUs: number };
    set.run(shortJson(body), session, ordinal);
    firstUs ??= atUs;
    if (told.length < TOLD_EVENTS) told.push(`${kind} (${ordinal})`);
  }
  if (firstUs === undefined) return;
  const more = ordinals.length > told.length ? ` and ${ordinals.length - told.length} more` : '';
  const text = `Left out at the import, as too long or nested too deep: values of ${told.join(', ')}${more}.`;
  // The file's own index of its notes goes unread.
  file.exec('DROP TRIGGER IF EXISTS note_text_insert');
  file.prepare('INSERT INTO note (session_key, at_us, text) VALUES (?, ?, ?)').run(session, firstUs, text);
}

/** The blocks of a file, in order: what they and the ports say of their rows is what there is of them. */
function settleBlocks(file: Database, session: number): void {
  const large = file
    .prepare<[number], number>(
      `SELECT count(*) FROM log_block WHERE typeof(text) <> 'text' OR typeof(columns) <> 'blob' OR typeof(facts) <> 'text'
         OR typeof(names) <> 'text' OR octet_length(text) + octet_length(columns) + octet_length(facts) + octet_length(names) > ?`,
    )
    .pluck();
  if (large.get(BLOCK_LIMIT_BYTES) !== 0) throw badFile('log blocks of no known shape');
  const keys = file.prepare<[number], number>('SELECT block_key FROM log_block WHERE session_key = ? ORDER BY first_seq').pluck();
  const rowOf = file.prepare<[number], BlockRow>('SELECT * FROM log_block WHERE block_key = ?');
  const settle = file.prepare(
    `UPDATE log_block SET first_us = @first_us, last_us = @last_us, error_count = @error_count, warn_count = @warn_count,
       info_count = @info_count, names = @names WHERE block_key = @block_key`,
  );
  const remove = file.prepare('DELETE FROM log_block WHERE block_key = ?');
  const insert = inserter(file, 'log_block');
  const rowsOfPort = new Map<string, number>();
  let nextSeq = 0;
  for (const key of keys.all(session)) {
    assertWanted();
    const row = rowOf.get(key) as BlockRow;
    const block = blockOf(row);
    if (block.firstSeq < nextSeq) throw badFile(`log block ${block.firstSeq} begins before the one before it ends`);
    nextSeq = block.firstSeq + block.rowCount;
    for (const [index, port] of block.ports.entries()) rowsOfPort.set(port, (rowsOfPort.get(port) ?? 0) + (block.portRows[index] ?? 0));
    checkedRow('log_block', { first_us: block.firstUs, last_us: block.lastUs });
    if (bytesOf(row) <= PART_LIMIT.bytes) {
      settle.run({ ...toBlockRow(block), block_key: key });
      continue;
    }
    remove.run(key);
    for (const part of cutBlock(block, PART_LIMIT)) {
      assertWanted();
      insert({ block_key: null, session_key: session, ...partRow(part) });
    }
  }
  file.prepare('UPDATE port SET row_count = 0 WHERE session_key = ?').run(session);
  const count = file.prepare('UPDATE port SET row_count = ? WHERE session_key = ? AND address = ?');
  for (const [port, rows] of rowsOfPort)
    if (count.run(rows, session, port).changes !== 1) throw badFile(`rows of ${port}, which is no port of the session`);
}

function bytesOf({ text, columns, facts, names }: BlockRow): number {
  return Buffer.byteLength(text) + columns.byteLength + Buffer.byteLength(facts) + Buffer.byteLength(names);
}

/** No line of ours is as long, nor has so much been read from it. */
function partRow(part: LogBlock): BlockRow {
  const row = toBlockRow(part);
  if (bytesOf(row) > VALUE_LIMIT_BYTES) throw badFile(`row ${part.firstSeq} of the log is too long`);
  return row;
}

function blockOf(row: BlockRow): LogBlock {
  try {
    return checkedBlock(row);
  } catch (error) {
    throw badFile(`log block ${row.first_seq}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

/** Turns are what the events say, whatever the file has for them. Its own index of their texts goes unread. */
function deriveAgain(file: Database, session: number): void {
  for (const when of ['insert', 'delete', 'update']) file.exec(`DROP TRIGGER turn_text_${when}`);
  for (const table of ['metric', 'tool_call', 'turn']) file.exec(`DELETE FROM ${table}`);
  const deriver = createDeriver(file);
  for (const key of file
    .prepare<[number], number>('SELECT conversation_key FROM conversation WHERE session_key = ?')
    .pluck()
    .all(session)) {
    assertWanted();
    deriver.turns(key, 1);
  }
}
