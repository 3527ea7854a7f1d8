import type Database from 'better-sqlite3';
import SqliteDatabase from 'better-sqlite3';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { badFile, onlySession, whyNot } from './bad-file.ts';
import { inserter, type Row, rowsOf, sessionTables } from './session-tables.ts';
import { inSlices, type Pause, removeUnfinished, unfinishedId } from './slices.ts';

/**
 * Adds a file to the library that `checkSessionFile` has passed and nobody has had since, a slice at a time so that what is being recorded
 * is stored meanwhile, under its own id or `newId` when that is taken. This is the thread that records: whatever takes long about a file
 * was done when it was checked, and here rows are copied. It is no session of the library until all of it is there. Throws TalkError
 * 'session/bad-file' with what is wrong with it, 'store/disk-full', 'cancelled' once `cancelled` (an Int32) is not 0.
 */
export async function importSessionFile(options: {
  library: Database.Database;
  libraryPath: string;
  path: string;
  newId: string;
  cancelled: SharedArrayBuffer;
  pause: Pause;
}): Promise<string> {
  const { library, libraryPath, path, newId, pause } = options;
  const cancelled = new Int32Array(options.cancelled);
  const assertWanted = () => {
    if (Atomics.load(cancelled, 0) !== 0) throw new TalkError('cancelled');
  };
  const pauseIfWanted = async () => {
    await pause();
    assertWanted();
  };
  assertWanted();
  const temporaryId = unfinishedId('import', newId);
  const file = new SqliteDatabase(path, { readonly: true });
  try {
    file.pragma('trusted_schema = OFF');
    return await inSlices(library, copyIn(library, file, onlySession(file), { newId, temporaryId }), pauseIfWanted);
  } catch (error) {
    // What a full disk leaves, the next start removes.
    if (library.open) await removeUnfinished(library, pause, temporaryId).catch(() => {});
    throw whyNot(error, libraryPath);
  } finally {
    file.close();
  }
}

/** Tables whose rows others refer to by a key, which becomes one of this library. */
const keyOf: Readonly<Record<string, string>> = { port: 'port_key', conversation: 'conversation_key', turn: 'turn_key' };
/** Keys that nothing refers to. */
const ownKeys: Readonly<Record<string, string>> = { note: 'note_key', raw_chunk: 'chunk_key', log_block: 'block_key' };

/** Only columns that this schema has are read. Yields where the rest may wait. */
function* copyIn(
  library: Database.Database,
  file: Database.Database,
  fileSession: number,
  { newId, temporaryId }: { newId: string; temporaryId: string },
): Generator<number, string> {
  const taken = library.prepare<[string], number>('SELECT 1 FROM session WHERE id = ?').pluck();
  const keys = new Map(Object.values(keyOf).map((column) => [column, new Map<unknown, number>()]));
  let wantedId = '';
  let sessionKey = 0;
  for (const table of sessionTables) {
    const insert = inserter(library, table.name);
    const keyColumn = keyOf[table.name];
    const ownKey = keyColumn ?? ownKeys[table.name];
    for (const row of rowsOf(file, table, fileSession)) {
      const own: Row = { ...row };
      if (table.name === 'session') {
        if (typeof row.id === 'string' && isSessionId(row.id)) wantedId = row.id;
        if (row.state === 'recording') own.state = 'recovered';
        sessionKey = insert({ ...own, id: temporaryId, session_key: null });
        continue;
      }
      if ('session_key' in row) own.session_key = sessionKey;
      for (const [column, known] of keys)
        if (column !== ownKey && column in row && row[column] !== null) own[column] = mapped(known, row[column]);
      if (ownKey !== undefined) own[ownKey] = null;
      const key = insert(own);
      if (keyColumn !== undefined) keys.get(keyColumn)?.set(row[keyColumn], key);
      yield bytesOf(row);
    }
  }
  const id = wantedId === '' || taken.get(wantedId) !== undefined ? newId : wantedId;
  library.prepare('UPDATE session SET id = ? WHERE session_key = ?').run(id, sessionKey);
  return id;
}

function mapped(keys: ReadonlyMap<unknown, number>, key: unknown): number {
  const own = keys.get(key);
  if (own === undefined) throw badFile(`a row refers to ${String(key)}, which is not there`);
  return own;
}

function bytesOf(row: Row): number {
  let bytes = 64;
  for (const value of Object.values(row)) if (typeof value === 'string' || value instanceof Uint8Array) bytes += value.length;
  return bytes;
}

/** An id becomes a file's name when the session is exported: one that someone else made up must not be a path. */
function isSessionId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}
