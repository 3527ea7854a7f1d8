import { useQuery } from '@tanstack/react-query';
import type { LogRow } from '../../../preload/contract/logs.ts';
import type { Lab } from '../../lib/lab.ts';
import { useLab } from '../../lib/lab.ts';
import type { NumberedEvent } from './lanes.ts';

/** Rows looked at for the log lane. A longer log is still whole in the panel; the lane shows its beginning. */
const laneRows = 20_000;
const pageRows = 5_000;

async function allEvents(lab: Lab, id: string, signal: AbortSignal): Promise<NumberedEvent[]> {
  const events: NumberedEvent[] = [];
  for (;;) {
    const page = await lab.call('sessions.events', { id, afterOrdinal: events.at(-1)?.ordinal ?? -1 }, { signal });
    events.push(...page.events);
    if (!page.hasMore || page.events.length === 0) return events;
  }
}

async function notableRows(lab: Lab, sessionId: string, ports: readonly string[], signal: AbortSignal): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  for (const port of ports)
    for (let fromSeq = 0; fromSeq < laneRows; fromSeq += pageRows) {
      const page = await lab.call('logs.page', { sessionId, port, fromSeq, limit: pageRows }, { signal });
      rows.push(...page.rows.filter((row) => row.event !== undefined || row.level === 'error' || row.level === 'warn'));
      if (fromSeq + page.rows.length >= page.totalRows || page.rows.length === 0) break;
    }
  return rows;
}

/** Everything the timeline of a session draws, whole: events are small, audio is only its peaks. */
export function useSessionEvents(id: string) {
  const lab = useLab();
  return useQuery({ queryKey: ['sessions.events', { id }], queryFn: ({ signal }) => allEvents(lab, id, signal) });
}

export function useNotableRows(id: string, ports: readonly string[]) {
  const lab = useLab();
  return useQuery({
    queryKey: ['logs.page', { id, ports }],
    queryFn: ({ signal }) => notableRows(lab, id, ports, signal),
  });
}
