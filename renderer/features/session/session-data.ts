import { useQuery } from '@tanstack/react-query';
import type { Lab } from '../../lib/lab.ts';
import { useLab } from '../../lib/lab.ts';
import type { NumberedEvent } from './lanes.ts';
import { lineKinds } from './transcript/lines.ts';

async function allEvents(lab: Lab, id: string, signal: AbortSignal, kinds?: string[]): Promise<NumberedEvent[]> {
  const events: NumberedEvent[] = [];
  for (;;) {
    const page = await lab.call('sessions.events', { id, afterOrdinal: events.at(-1)?.ordinal ?? -1, kinds }, { signal });
    events.push(...page.events);
    if (!page.hasMore || page.events.length === 0) return events;
  }
}

/** The few events of a session that its transcript shows: asked for alone, they come at once however long it is. */
export function useTranscriptEvents(id: string) {
  const lab = useLab();
  return useQuery({
    queryKey: ['sessions.transcript', { id }],
    queryFn: ({ signal }) => allEvents(lab, id, signal, [...lineKinds]),
  });
}
