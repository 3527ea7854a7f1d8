import { useQuery } from '@tanstack/react-query';
import { useLab } from '../../lib/lab.ts';
import { allEvents } from '../../lib/session-events.ts';
import { lineKinds } from './transcript/lines.ts';

/** The few events of a session that its transcript shows: asked for alone, they come at once however long it is. */
export function useTranscriptEvents(id: string) {
  const lab = useLab();
  return useQuery({
    queryKey: ['sessions.transcript', { id }],
    queryFn: ({ signal }) => allEvents(lab, { id, kinds: [...lineKinds] }, signal),
  });
}
