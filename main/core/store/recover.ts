import type { Database } from 'better-sqlite3';
import { createDeriver } from './derive.ts';
import { isFinished } from './slices.ts';

/**
 * Closes what a killed process left open: its sessions end at their last stored instant and become 'recovered'. Returns
 * their ids, oldest first.
 */
export function recoverSessions(database: Database): string[] {
  return database.transaction(() => {
    const open = database
      .prepare<[], { session_key: number; id: string }>(
        `SELECT session_key, id FROM session s WHERE state = 'recording' AND ${isFinished} ORDER BY session_key`,
      )
      .all();
    const conversations = database.prepare<[number], number>('SELECT conversation_key FROM conversation WHERE session_key = ?').pluck();
    const deriver = createDeriver(database);
    for (const { session_key } of open) {
      for (const conversation of conversations.all(session_key)) deriver.turns(conversation, 1);
      database.prepare("UPDATE session SET state = 'recovered' WHERE session_key = ?").run(session_key);
    }
    return open.map(({ id }) => id);
  })();
}
