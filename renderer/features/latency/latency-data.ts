import { useMemo } from 'react';
import type { LatencyFacet, TurnFilter } from '../../../preload/contract/latency.ts';
import type { SessionSummary } from '../../../preload/contract/sessions.ts';
import { useReply } from '../../lib/actions.ts';
import { useSessionList } from '../../lib/streams.ts';
import type { LatencyView } from './latency-link.ts';

/** Which sessions are looked at, and what says that one of them has grown. */
export interface ChosenSessions {
  ids: string[];
  version: string;
  /** All that have turns, newest first. */
  all: readonly SessionSummary[];
}

/** Those of the address; without any the newest that has turns. Null until the list is known. */
export function useChosenSessions(view: LatencyView): ChosenSessions | null {
  const list = useSessionList();
  const wanted = view.ids.join();
  return useMemo(() => {
    if (list === null) return null;
    const all = list.filter(({ turnCount }) => turnCount > 0);
    const ids = wanted === '' ? all.slice(0, 1).map(({ id }) => id) : wanted.split(',');
    const version = ids.map((id) => list.find((session) => session.id === id)?.turnCount ?? 0).join();
    return { ids, version, all };
  }, [list, wanted]);
}

/** What the tabs ask with. */
export interface Asked {
  ids: string[];
  version: string;
  where?: TurnFilter;
  by?: LatencyFacet;
}

export function askedOf(view: LatencyView, { ids, version }: ChosenSessions): Asked {
  const isFiltered = Object.keys(view.where).length > 0;
  return { ids, version, ...(isFiltered && { where: view.where }), ...(view.by !== null && { by: view.by }) };
}

export function useFigures({ version, ...body }: Asked) {
  return useReply('latency.show', body, { version, isEnabled: body.ids.length > 0 });
}

/** The conditions and what was found; apart from the figures, which stand while they are being typed. */
export function useChecks({ version, ...body }: Asked, conditions: string) {
  const isEnabled = body.ids.length > 0 && conditions.trim() !== '';
  return useReply('latency.show', { ...body, assertions: conditions }, { version, isEnabled });
}
