import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { SessionDetail, SessionSummary } from '../../../preload/contract/sessions.ts';
import { useReply } from '../../lib/actions.ts';
import { useSessionList } from '../../lib/streams.ts';

/**
 * A session as it stands, also while it is being recorded: its summary is told once a second, and what belongs to it is read again
 * when a turn has begun or ended. What was shown stays until the new is there.
 */
export function useLiveSession(id: string): { detail: SessionDetail | undefined; error: unknown } {
  const queries = useQueryClient();
  const shown = useReply('sessions.show', { id });
  const summary = useSessionList()?.find((session) => session.id === id);
  const mark = summary === undefined ? null : markOf(summary, shown.data);
  const before = useRef(mark);
  useEffect(() => {
    if (before.current !== null && before.current !== mark)
      void queries.invalidateQueries({ predicate: ({ queryKey }) => JSON.stringify(queryKey).includes(JSON.stringify(id)) });
    before.current = mark;
  }, [mark, queries, id]);
  const detail =
    shown.data === undefined || summary === undefined || summary.durationUs <= shown.data.session.durationUs
      ? shown.data
      : { ...shown.data, session: { ...shown.data.session, durationUs: summary.durationUs } };
  return { detail, error: shown.error };
}

/** Another one: there is more to read. While a turn is under way, that it goes on is enough. */
function markOf(summary: SessionSummary, detail: SessionDetail | undefined): string {
  const isUnderWay = summary.state === 'recording' && (detail?.turns.some((turn) => turn.endedUs === null) ?? false);
  const { state, turnCount, conversationCount, title, note, droppedCount } = summary;
  return JSON.stringify([state, turnCount, conversationCount, title, note, droppedCount, isUnderWay ? summary.durationUs : 0]);
}
