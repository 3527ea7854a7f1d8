import type { Database } from 'better-sqlite3';
import type { Handlers, WriteRequests } from './requests.ts';
import { FACTS_VERSION } from './timeline-facts.ts';
import { PEAKS_VERSION } from './timeline-peaks.ts';

/** Keeps what a reader computed. A session that is gone by now has nothing to keep. */
export function createTimelineChanges(database: Database): Pick<Handlers<WriteRequests>, 'timeline.keepBlocks' | 'timeline.keepPeaks'> {
  const putBlock = database.prepare(
    `INSERT OR REPLACE INTO timeline_block (session_key, block, version, row_count, columns)
     SELECT session_key, ?, ${FACTS_VERSION}, ?, ? FROM session WHERE id = ?`,
  );
  const putPeaks = database.prepare(
    `INSERT OR REPLACE INTO track_peak (conversation_key, track, chunk, version, minimum, maximum)
     SELECT conversation_key, ?, ?, ${PEAKS_VERSION}, ?, ? FROM conversation JOIN session s USING (session_key)
     WHERE s.id = ? AND conversation_id = ?`,
  );
  return {
    'timeline.keepBlocks': ({ id, blocks }) =>
      database.transaction(() => {
        for (const { block, rowCount, columns } of blocks) putBlock.run(block, rowCount, columns, id);
        return {};
      })(),
    'timeline.keepPeaks': ({ id, conversationId, track, chunk, minimum, maximum }) => {
      putPeaks.run(track, chunk, minimum, maximum, id, conversationId);
      return {};
    },
  };
}
