import type { Database } from 'better-sqlite3';

/** What a row costs beside its values: its header, its place in an index. */
const ROW_BYTES = 40;

const parts = [
  `SELECT count(*) AS rows, sum(octet_length(bytes)) AS bytes FROM raw_chunk WHERE port_key IN (SELECT port_key FROM port WHERE session_key = @key)`,
  `SELECT count(*) AS rows, sum(octet_length(text) + octet_length(columns) + octet_length(facts) + octet_length(names)) AS bytes
   FROM log_block WHERE session_key = @key`,
  `SELECT count(*) AS rows, sum(octet_length(body) + coalesce(octet_length(bytes), 0)) AS bytes FROM event WHERE session_key = @key`,
  `SELECT count(*) AS rows, sum(octet_length(bytes)) AS bytes FROM audio_packet
   WHERE conversation_key IN (SELECT conversation_key FROM conversation WHERE session_key = @key)`,
  // Turns are told of in their events too, and stand in the index of words.
  `SELECT count(*) AS rows, 4 * sum(octet_length(breakdown) + octet_length(user_text) + octet_length(reply_text)) AS bytes FROM turn
   WHERE conversation_key IN (SELECT conversation_key FROM conversation WHERE session_key = @key)`,
];

/** About how many bytes of the library each of these sessions is. Reads as much: a second for each 500 MB. */
export function sessionSizes(database: Database, ids: readonly string[]): Record<string, number> {
  const keyOf = database.prepare<[string], number>('SELECT session_key FROM session WHERE id = ?').pluck();
  const sums = parts.map((sql) => database.prepare<[{ key: number }], { rows: number; bytes: number | null }>(sql));
  const sizes: Record<string, number> = {};
  for (const id of ids) {
    const key = keyOf.get(id);
    if (key === undefined) continue;
    sizes[id] = sums.reduce((total, sum) => {
      const { rows = 0, bytes = 0 } = sum.get({ key }) ?? {};
      return total + rows * ROW_BYTES + (bytes ?? 0);
    }, 0);
  }
  return sizes;
}
