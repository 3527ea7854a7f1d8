import type { LogFilter } from '../../../../preload/contract/logs.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { eventsOf } from '../../analysis/session-turns.ts';
import type { Store } from '../../store/store.ts';
import { type FoundRows, filtersFor, kindsFor, type SessionFacts } from '../expectations/facts.ts';
import { beginningOf } from '../expectations/finding.ts';
import type { SessionExpectation } from '../expectations/schema.ts';

/** Seqs of a log searched at a time. */
const SLICE_ROWS = 200_000;

/**
 * What these expectations need to know of a recorded session, or only of some of its conversations. Throws TalkError
 * 'session/not-found', 'bad-request' (a regular expression that is none), 'cancelled'.
 */
export async function loadFacts(
  store: Store,
  { sessionId, conversationIds }: { sessionId: string; conversationIds?: readonly string[] | undefined },
  expectations: readonly SessionExpectation[],
  signal: AbortSignal,
): Promise<SessionFacts> {
  const detail = await store.read('session.detail', { id: sessionId });
  if (detail === null) throw new TalkError('session/not-found', { id: sessionId });
  const isWanted = (conversationId: string | undefined) =>
    conversationIds === undefined || conversationId === undefined || conversationIds.includes(conversationId);
  const events = (await eventsOf(store, sessionId, kindsFor(expectations))).filter((event) =>
    isWanted('conversationId' in event ? event.conversationId : undefined),
  );
  const rows = new Map<string, FoundRows>();
  for (const filter of filtersFor(expectations)) rows.set(JSON.stringify(filter), await findRows(store, detail.session, filter, signal));
  return {
    session: detail.session,
    conversations: detail.conversations.filter(({ conversationId }) => isWanted(conversationId)),
    turns: detail.turns.filter(({ conversationId }) => isWanted(conversationId)),
    events,
    rows,
    isSimulated: false,
  };
}

async function findRows(
  store: Store,
  { id, startedWallMs }: { id: string; startedWallMs: number },
  filter: LogFilter,
  signal: AbortSignal,
): Promise<FoundRows> {
  const { length } = await store.read('log.blocks', { sessionId: id });
  let count = 0;
  let first: FoundRows['first'] = null;
  for (let fromSeq = 0; fromSeq < length; fromSeq += SLICE_ROWS) {
    const toSeq = Math.min(length, fromSeq + SLICE_ROWS);
    const found = await store.bulk('log.scan', { sessionId: id, filter, fromSeq, toSeq }, { signal });
    count += found.seqs.length;
    const seq = found.seqs[0];
    if (first !== null || seq === undefined) continue;
    const style = { hostTime: 'none', deviceTime: false, port: false, messageOnly: false } as const;
    const lines = await store.read('log.lines', { sessionId: id, seqs: [seq], style, startedWallMs, limitCharacters: 1000 });
    first = { atUs: found.atUs[0] ?? 0, text: beginningOf(lines.text.trimEnd(), 300) };
  }
  return { count, first };
}
