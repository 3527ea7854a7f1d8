import type { Database } from 'better-sqlite3';
import { createCheckRunChanges } from './check-runs.ts';
import { createDeviceListChanges } from './device-lists.ts';
import { createDocumentChanges } from './documents.ts';
import { createNoteChanges } from './notes.ts';
import type { Handlers, WriteRequests } from './requests.ts';
import { nextTurn, removeSession } from './slices.ts';
import { createTimelineChanges } from './timeline-changes.ts';
import type { BatchWriter } from './writer.ts';

/** Every write that is not an append: rare, small, one transaction each. */
export function createChanges(
  database: Database,
  path: string,
  writer: BatchWriter,
): Omit<Handlers<WriteRequests>, 'append' | 'writer.measure' | 'close'> {
  const setTitle = database.prepare('UPDATE session SET title = ? WHERE session_key = ?');
  const putNote = database.prepare(
    `INSERT INTO note (session_key, text) VALUES (?, ?)
     ON CONFLICT (session_key) WHERE at_us IS NULL DO UPDATE SET text = excluded.text`,
  );
  const sessionKey = database.prepare<[string], number>('SELECT session_key FROM session WHERE id = ?').pluck();
  const removeDocument = database.prepare('DELETE FROM document WHERE kind = ? AND id = ?');
  const isKept = database.prepare<[string], number>("SELECT 1 FROM document WHERE kind = 'kept-session' AND id = ?").pluck();
  const putMark = database.prepare(
    `INSERT INTO bookmark (session_key, seq, note, colour) VALUES (?, ?, ?, ?)
     ON CONFLICT (session_key, seq) DO UPDATE SET note = excluded.note, colour = excluded.colour`,
  );
  const removeMark = database.prepare('DELETE FROM bookmark WHERE session_key = ? AND seq = ?');
  const putSetting = database.prepare(
    'INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const saveBoard = database.prepare(
    `INSERT INTO board (product_id, device_name, last_online_wall_ms, firmware_version, properties) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (product_id, device_name) DO UPDATE SET last_online_wall_ms = excluded.last_online_wall_ms,
       firmware_version = excluded.firmware_version, properties = excluded.properties`,
  );
  const removeBoard = database.prepare('DELETE FROM board WHERE product_id = ? AND device_name = ?');
  const saveRecipe = database.prepare('INSERT INTO recipe (name, body) VALUES (?, ?)');
  const removeRecipe = database.prepare("DELETE FROM recipe WHERE json_extract(body, '$.id') = ?");

  return {
    'session.update': ({ id, title, note }) =>
      database.transaction(() => {
        const key = sessionKey.get(id);
        if (key === undefined) return { found: false };
        if (title !== undefined) setTitle.run(title, key);
        if (note !== undefined) putNote.run(key, note);
        return { found: true };
      })(),
    'session.remove': async ({ id, unlessKept = false }) => {
      // Whoever says meanwhile that it stays is heard: this thread is the only one that both are told to.
      if (unlessKept && isKept.get(id) !== undefined) return { found: false };
      writer.forget();
      const forget = () => {
        for (const kind of ['kept-session', 'session-size', 'imported-session']) removeDocument.run(kind, id);
      };
      return { found: await removeSession(database, id, { pause: nextTurn, forget }) };
    },
    'session.import': async ({ path: file, newId, cancelled }) => {
      const { importSessionFile } = await import('./session-import.ts');
      return { id: await importSessionFile({ library: database, libraryPath: path, path: file, newId, cancelled, pause: nextTurn }) };
    },
    'log.mark': ({ sessionId, seq, mark }) => {
      const key = sessionKey.get(sessionId);
      if (key === undefined) return { found: false };
      if (mark === null) removeMark.run(key, seq);
      else putMark.run(key, seq, mark.note, mark.colour);
      return { found: true };
    },
    'setting.put': ({ values }) =>
      database.transaction(() => {
        const entries = Object.entries(values);
        for (const [key, value] of entries) putSetting.run(key, JSON.stringify(value));
        return { count: entries.length };
      })(),
    'device.save': ({ productId, deviceName, lastOnlineWallMs, firmwareVersion, properties }) => {
      saveBoard.run(productId, deviceName, lastOnlineWallMs, firmwareVersion, JSON.stringify(properties));
      return {};
    },
    'recipe.save': ({ recipe }) =>
      database.transaction(() => {
        removeRecipe.run(recipe.id);
        saveRecipe.run(recipe.name, JSON.stringify(recipe));
        return {};
      })(),
    'recipe.remove': ({ id }) => ({ found: removeRecipe.run(id).changes > 0 }),
    ...createDeviceListChanges(database),
    ...createDocumentChanges(database),
    ...createTimelineChanges(database),
    ...createNoteChanges(database),
    ...createCheckRunChanges(database),
    'device.remove': ({ productId, deviceName }) => ({ found: removeBoard.run(productId, deviceName).changes > 0 }),
  };
}
