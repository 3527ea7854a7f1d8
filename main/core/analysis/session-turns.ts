import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { LatencyRow } from '../../../preload/contract/latency.ts';
import type { TurnRecord } from '../../../preload/contract/sessions.ts';
import type { Store } from '../store/store.ts';
import { type Circumstances, circumstanceKinds, circumstancesOf, type FirmwareReport, facetsOf, reportedFirmware } from './facets.ts';
import { type MeasuredTurn, measured } from './metrics.ts';

/** Events a page holds. */
const PAGE = 5000;
/** Turns read at a time: many more would hold up whoever else asks the store, and this process. */
const TURN_PAGE = 1000;
/** Boards report their firmware when they connect; later than in so many messages is not looked for. */
const WIRE_MESSAGES_READ = 4 * PAGE;
/** Of what the user said, in lists of many turns. */
const LONGEST_TEXT = 200;
const noConfiguration: ReadonlyMap<string, string> = new Map();

/** A turn with what was measured of it and under which circumstances. Without its parts' places: 100,000 of them are held at once. */
export type AnalysedTurn = Omit<LatencyRow, 'values' | 'breakdown'> & MeasuredTurn & { configuration: ReadonlyMap<string, string> };

/** Turns of one session in their order. None where there is no such session. */
export async function turnsOfSession(store: Store, id: string): Promise<AnalysedTurn[]> {
  const first = await store.read('session.turnPage', { id, afterKey: 0, limit: TURN_PAGE });
  if (first.turns.length === 0) return [];
  const circumstances = circumstancesOf(await eventsOf(store, id, circumstanceKinds), await firmwaresOf(store, id));
  const found: Unplaced[] = [];
  for (let page = first; ; page = await store.read('session.turnPage', { id, afterKey: page.nextKey ?? 0, limit: TURN_PAGE })) {
    for (const turn of page.turns) found.push(analysed(id, turn, circumstances.get(turn.conversationId)));
    if (page.nextKey === null) break;
  }
  // Turns are written as they change, which is not the order they began in.
  const ordered = found.sort((one, other) => one.startedUs - other.startedUs);
  const spoken = new Set<string>();
  return ordered.map(({ hasTools, ...turn }) => {
    const isFirst = turn.initiator === 'user-speech' && !spoken.has(turn.conversationId);
    if (isFirst) spoken.add(turn.conversationId);
    return { ...turn, facets: facetsOf({ hasTools }, { sessionId: id, isFirst, values: turn.configuration }) };
  });
}

type Unplaced = Omit<AnalysedTurn, 'facets'> & { hasTools: boolean };

function analysed(sessionId: string, turn: TurnRecord, circumstances: Circumstances | undefined): Unplaced {
  const { conversationId, turnId, startedUs, outcome, userText } = turn;
  return {
    ...measured(turn),
    ...{ sessionId, conversationId, turnId, startedUs, outcome, hasTools: turn.toolCalls.length > 0 },
    configuration: circumstances?.at(startedUs) ?? noConfiguration,
    userText: userText.length > LONGEST_TEXT ? `${userText.slice(0, LONGEST_TEXT)}…` : userText,
  };
}

async function firmwaresOf(store: Store, id: string): Promise<FirmwareReport[]> {
  const events = await eventsOf(store, id, ['wire.message'], WIRE_MESSAGES_READ);
  return events.flatMap((event) => {
    const reported = reportedFirmware(event);
    return reported === undefined ? [] : [{ atUs: event.atUs, ...reported }];
  });
}

/** All of these kinds in order, or as many as `limit` says. */
export async function eventsOf(
  store: Store,
  id: string,
  kinds: readonly PipelineEvent['kind'][],
  limit = Number.POSITIVE_INFINITY,
): Promise<PipelineEvent[]> {
  const events: PipelineEvent[] = [];
  for (let afterOrdinal = -1; events.length < limit; ) {
    const page = await store.read('session.events', { id, afterOrdinal, limit: PAGE, kinds });
    for (const { event } of page.events) events.push(event);
    if (!page.hasMore) break;
    afterOrdinal = page.events.at(-1)?.ordinal ?? afterOrdinal;
  }
  return events;
}
