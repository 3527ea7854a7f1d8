import type { Database } from 'better-sqlite3';
import type { Handlers, ReadRequests, WriteRequests } from './requests.ts';

type Changes = { [Name in Extract<keyof WriteRequests, `document.${string}`>]: Handlers<WriteRequests>[Name] };
type Reads = { [Name in Extract<keyof ReadRequests, `document.${string}`>]: Handlers<ReadRequests>[Name] };

export function createDocumentChanges(database: Database): Changes {
  const save = database.prepare(
    `INSERT INTO document (kind, id, body, updated_wall_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body, updated_wall_ms = excluded.updated_wall_ms`,
  );
  const remove = database.prepare('DELETE FROM document WHERE kind = ? AND id = ?');
  return {
    'document.save': ({ kind, id, body, wallMs }) => {
      save.run(kind, id, JSON.stringify(body), wallMs);
      return {};
    },
    'document.remove': ({ kind, id }) => ({ found: remove.run(kind, id).changes > 0 }),
  };
}

export function createDocumentReads(database: Database): Reads {
  const listed = (body: string) => `SELECT id, ${body} AS body, updated_wall_ms AS wallMs FROM document WHERE kind = ? ORDER BY id`;
  const one = database.prepare<[string, string], string>('SELECT body FROM document WHERE kind = ? AND id = ?').pluck();
  return {
    'document.list': ({ kind, without = [] }) => {
      const removed = without.length === 0 ? 'body' : `json_remove(body${', ?'.repeat(without.length)})`;
      const list = database.prepare<string[], { id: string; body: string; wallMs: number }>(listed(removed));
      const paths = without.map((member) => `$.${member}`);
      return list.all(...paths, kind).map(({ id, body, wallMs }) => ({ id, wallMs, body: JSON.parse(body) as unknown }));
    },
    'document.body': ({ kind, id }) => {
      const body = one.get(kind, id);
      return body === undefined ? null : (JSON.parse(body) as unknown);
    },
  };
}
