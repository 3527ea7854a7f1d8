import Database from 'better-sqlite3';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { migrate, SESSION_FILE_ID } from './database.ts';
import { createDeriver } from './derive.ts';
import { SCHEMA_VERSION } from './migrations/index.ts';
import { redactedRows } from './redacted-rows.ts';
import { openSessionRedaction, type RedactionOptions } from './session-redaction.ts';
import { inserter, sessionTables } from './session-tables.ts';

/** The layout of `meta` and which tables hold what; the tables' own layout is the schema version. */
export const FORMAT_VERSION = 1;
const FORMAT = 'talkbench-session';

/**
 * One closed session as a `.talkbench` file: an SQLite database of the library's schema with this session's rows and a
 * `meta` table that says what it is. Throws TalkError 'session/not-found' | 'session/recording'.
 */
export function writeSessionFile(library: Database.Database, id: string, path: string, options: RedactionOptions): { rows: number } {
  const session = library
    .prepare<[string], { session_key: number; state: string }>('SELECT session_key, state FROM session WHERE id = ?')
    .get(id);
  if (session === undefined) throw new TalkError('session/not-found', { id });
  if (session.state === 'recording') throw new TalkError('session/recording', { id });
  const file = new Database(path);
  let rows = 0;
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
        session_id: id,
        exported_at: new Date().toISOString(),
        identities: options.includeIdentities ? 'included' : 'redacted',
        left_out: (options.leaveOut ?? []).join(' '),
        times: 'microseconds from session.started_wall_ms on a monotonic clock',
      };
      for (const [key, value] of Object.entries(meta)) file.prepare('INSERT INTO meta VALUES (?, ?)').run(key, String(value));
      // One read transaction: all tables as of the same instant.
      library.transaction(() => {
        const redaction = openSessionRedaction(library, session.session_key, options);
        for (const table of sessionTables) {
          const insert = inserter(file, table.name);
          for (const row of redactedRows(library, table, session.session_key, redaction)) {
            insert(row);
            rows++;
          }
        }
      })();
      // As redacted: of a session that was imported, somebody else wrote it.
      file.exec("INSERT INTO meta SELECT 'app_version', app_version FROM session");
      const deriver = createDeriver(file);
      for (const key of file.prepare<[], number>('SELECT conversation_key FROM conversation').pluck().all()) deriver.turns(key, 1);
      // Whoever reads the file should not count packets that are not in it.
      if (options.leaveOut?.includes('sound') === true) file.exec('UPDATE conversation SET uplink_packets = 0, downlink_packets = 0');
    })();
  } finally {
    file.close();
  }
  return { rows };
}
