import type { Database } from 'better-sqlite3';
import type { SessionNote } from '../../../preload/contract/notes.ts';
import type { Handlers, ReadRequests, WriteRequests } from './requests.ts';

type Changes = { [Name in Extract<keyof WriteRequests, `note.${string}`>]: Handlers<WriteRequests>[Name] };
type Reads = { [Name in Extract<keyof ReadRequests, `note.${string}` | 'text.find'>]: Handlers<ReadRequests>[Name] };

export function createNoteChanges(database: Database): Changes {
  const sessionKey = database.prepare<[string], number>('SELECT session_key FROM session WHERE id = ?').pluck();
  const add = database.prepare('INSERT INTO note (session_key, at_us, to_us, text, colour) VALUES (?, ?, ?, ?, ?)');
  const one = database.prepare<[number, number], SessionNote>(
    'SELECT at_us AS atUs, to_us AS toUs, text, colour FROM note WHERE note_key = ? AND session_key = ? AND at_us IS NOT NULL',
  );
  const change = database.prepare('UPDATE note SET at_us = ?, to_us = ?, text = ?, colour = ? WHERE note_key = ?');
  const remove = database.prepare('DELETE FROM note WHERE note_key = ? AND session_key = ? AND at_us IS NOT NULL');
  return {
    'note.add': ({ sessionId, atUs, toUs, text, colour }) => {
      const key = sessionKey.get(sessionId);
      return { id: key === undefined ? null : Number(add.run(key, atUs, toUs, text, colour).lastInsertRowid) };
    },
    'note.change': ({ sessionId, id, changes }) =>
      database.transaction(() => {
        const found = one.get(id, sessionKey.get(sessionId) ?? -1);
        if (found === undefined) return { found: false };
        const note = { ...found, ...changes };
        // A note that is moved past its end is one on an instant.
        const toUs = note.toUs !== null && note.toUs > note.atUs ? note.toUs : null;
        change.run(note.atUs, toUs, note.text, note.colour, id);
        return { found: true };
      })(),
    'note.remove': ({ sessionId, id }) => ({ found: remove.run(id, sessionKey.get(sessionId) ?? -1).changes > 0 }),
  };
}

type Hit<Kind> = Omit<Extract<ReadRequests['text.find']['reply'][number], { kind: Kind }>, 'kind'>;
type FindBody = { pattern: string; limit: number };

const turnHit = `SELECT s.id AS sessionId, c.conversation_id AS conversationId, t.turn_id AS turnId, t.started_us AS startedUs,
    t.user_text AS userText, t.reply_text AS replyText
  FROM turn t JOIN conversation c USING (conversation_key) JOIN session s USING (session_key)`;
const noteHit = `SELECT s.id AS sessionId, n.note_key AS id, n.at_us AS atUs, n.text FROM note n JOIN session s USING (session_key)`;

export function createNoteReads(database: Database): Reads {
  const list = database.prepare<[string], SessionNote>(
    `SELECT note_key AS id, at_us AS atUs, to_us AS toUs, text, colour FROM note JOIN session s USING (session_key)
     WHERE s.id = ? AND at_us IS NOT NULL ORDER BY at_us, note_key`,
  );
  const matchTurns = database.prepare<[FindBody], Hit<'turn'>>(
    `${turnHit} WHERE t.turn_key IN (SELECT rowid FROM turn_text WHERE turn_text MATCH @pattern) ORDER BY t.turn_key DESC LIMIT @limit`,
  );
  const likeTurns = database.prepare<[FindBody], Hit<'turn'>>(
    `${turnHit} WHERE t.user_text LIKE @pattern ESCAPE '\\' OR t.reply_text LIKE @pattern ESCAPE '\\'
     ORDER BY t.turn_key DESC LIMIT @limit`,
  );
  const matchNotes = database.prepare<[FindBody], Hit<'note'>>(
    `${noteHit} WHERE n.note_key IN (SELECT rowid FROM note_text WHERE note_text MATCH @pattern) ORDER BY n.note_key DESC LIMIT @limit`,
  );
  const likeNotes = database.prepare<[FindBody], Hit<'note'>>(
    `${noteHit} WHERE n.text LIKE @pattern ESCAPE '\\' ORDER BY n.note_key DESC LIMIT @limit`,
  );
  return {
    'note.list': ({ sessionId }) => list.all(sessionId),
    'text.find': ({ text, limit }) => {
      const isIndexed = Array.from(text).length >= 3;
      // In FTS5 a quoted string is one phrase, whatever it holds; in LIKE the wildcards are escaped.
      const pattern = isIndexed ? `"${text.replaceAll('"', '""')}"` : `%${text.replace(/[\\%_]/g, '\\$&')}%`;
      const turns = (isIndexed ? matchTurns : likeTurns).all({ pattern, limit });
      const notes = (isIndexed ? matchNotes : likeNotes).all({ pattern, limit });
      return [...turns.map((hit) => ({ kind: 'turn' as const, ...hit })), ...notes.map((hit) => ({ kind: 'note' as const, ...hit }))].slice(
        0,
        limit,
      );
    },
  };
}
