import { useQuery } from '@tanstack/react-query';
import type { LogFilter, LogRow } from '../../../preload/contract/logs.ts';
import type { Lab } from '../../lib/lab.ts';
import { useLab } from '../../lib/lab.ts';
import { LogView } from '../../lib/log-view.ts';
import type { NumberedEvent } from './lanes.ts';

/** Rows drawn on the log lane, of each kind. A longer log is still whole in the panel; the lane shows its beginning. */
const laneRows = 20_000;

async function allEvents(lab: Lab, id: string, signal: AbortSignal): Promise<NumberedEvent[]> {
  const events: NumberedEvent[] = [];
  for (;;) {
    const page = await lab.call('sessions.events', { id, afterOrdinal: events.at(-1)?.ordinal ?? -1 }, { signal });
    events.push(...page.events);
    if (!page.hasMore || page.events.length === 0) return events;
  }
}

async function rowsUnder(lab: Lab, sessionId: string, filter: LogFilter, signal: AbortSignal): Promise<LogRow[]> {
  const view = new LogView(lab, { sessionId, filter, tail: 0 });
  const close = view.open();
  try {
    await view.judged(signal);
    return await view.rows(0, laneRows);
  } finally {
    close();
  }
}

/** What happened, and what went wrong. */
async function notableRows(lab: Lab, sessionId: string, signal: AbortSignal): Promise<LogRow[]> {
  const lists = await Promise.all([
    rowsUnder(lab, sessionId, { events: [] }, signal),
    rowsUnder(lab, sessionId, { minimumLevel: 'warn' }, signal),
  ]);
  return [...new Map(lists.flat().map((row) => [row.seq, row])).values()];
}

/** Everything the timeline of a session draws, whole: events are small, audio is only its peaks. */
export function useSessionEvents(id: string) {
  const lab = useLab();
  return useQuery({ queryKey: ['sessions.events', { id }], queryFn: ({ signal }) => allEvents(lab, id, signal) });
}

export function useNotableRows(id: string) {
  const lab = useLab();
  return useQuery({ queryKey: ['logs.view', { id }], queryFn: ({ signal }) => notableRows(lab, id, signal) });
}
