import type { Database } from 'better-sqlite3';

export type Row = Record<string, unknown>;

export interface SessionTable {
  name: string;
  rows: string;
  /** Where rows must be read in order. */
  order?: string;
  /** Computed from `event` again, so that a file cannot say something its events do not. */
  isDerived?: true;
}

const ofSession = 'session_key = @session';
const ofPort = 'port_key IN (SELECT port_key FROM port WHERE session_key = @session)';
const ofConversation = 'conversation_key IN (SELECT conversation_key FROM conversation WHERE session_key = @session)';
const ofTurn = `turn_key IN (SELECT turn_key FROM turn WHERE ${ofConversation})`;

/** What a session is, parents first. Settings, boards and recipes are not part of it. */
export const sessionTables: readonly SessionTable[] = [
  { name: 'session', rows: ofSession },
  { name: 'note', rows: ofSession },
  { name: 'port', rows: ofSession },
  { name: 'raw_chunk', rows: ofPort, order: 'port_key, direction, ordinal' },
  { name: 'log_block', rows: ofSession, order: 'first_seq' },
  { name: 'bookmark', rows: ofSession },
  { name: 'conversation', rows: ofSession },
  { name: 'event', rows: ofSession, order: 'ordinal' },
  { name: 'audio_packet', rows: ofConversation },
  { name: 'turn', rows: ofConversation, isDerived: true },
  { name: 'tool_call', rows: ofTurn, isDerived: true },
  { name: 'metric', rows: ofTurn, isDerived: true },
  { name: 'flash_job', rows: ofSession },
];

export function rowsOf(database: Database, { name, rows, order }: SessionTable, sessionKey: number): IterableIterator<Row> {
  return database
    .prepare<[{ session: number }], Row>(`SELECT * FROM ${name} WHERE ${rows}${order === undefined ? '' : ` ORDER BY ${order}`}`)
    .iterate({ session: sessionKey });
}

/** Inserts rows by column name; gives the new rowid. */
export function inserter(database: Database, table: string): (row: Row) => number {
  const columns = database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
  const statement = database.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((name) => `@${name}`).join(', ')})`,
  );
  return (row) => Number(statement.run(row).lastInsertRowid);
}
