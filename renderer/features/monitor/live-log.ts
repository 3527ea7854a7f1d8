import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { LogFilter } from '../../../preload/contract/logs.ts';
import { useLab } from '../../lib/lab.ts';
import { LogStore } from '../../lib/log-store.ts';
import { matches, patternOf } from '../../lib/log-view.ts';
import { useCoreStatus, useSessionList } from '../../lib/streams.ts';

const tailRows = 5_000;

export interface LiveLog {
  store: LogStore;
  /** Where older rows are, and where searches are made; null while nothing is recorded. */
  sessionId: string | null;
}

/** The live rows of a port. Rows loaded back from the session are moved to the live clock, so that one log has one time. */
export function useLiveLog(port: string): LiveLog {
  const lab = useLab();
  const anchor = useCoreStatus()?.anchor;
  const sessions = useSessionList();
  const [sessionId, setSessionId] = useState<string | null>(null);
  const shiftUs = useRef(0);
  const startedWallMs = sessions?.find((session) => session.id === sessionId)?.startedWallMs;
  if (anchor !== undefined && startedWallMs !== undefined) shiftUs.current = (startedWallMs - anchor.wallMs) * 1000 + anchor.monoUs;

  const session = useRef<string | null>(null);
  const store = useMemo(
    () =>
      new LogStore(async (fromSeq, limit) => {
        const id = session.current;
        if (id === null) return [];
        const page = await lab.call('logs.page', { sessionId: id, port, fromSeq, limit });
        return page.rows.map((row) => ({ ...row, atUs: (row.atUs + shiftUs.current) as typeof row.atUs }));
      }),
    [lab, port],
  );
  useEffect(
    () =>
      lab.subscribe(
        'logs.rows',
        { port, tail: tailRows },
        {
          onSnapshot: (snapshot) => {
            session.current = snapshot.sessionId;
            setSessionId(snapshot.sessionId);
            store.reset(snapshot.rows, snapshot.totalRows);
          },
          onDelta: (rows) => store.append(rows),
        },
      ),
    [lab, port, store],
  );
  return { store, sessionId };
}

export interface LogMatches {
  seqs: readonly number[];
  isSearching: boolean;
  isTruncated: boolean;
}

const none: LogMatches = { seqs: [], isSearching: false, isTruncated: false };

/**
 * The rows that satisfy a filter: found by the store's scan as far as the session is stored, decided here for those that
 * have come since. Null filter, no matches.
 */
export function useLogMatches({ store, sessionId }: LiveLog, port: string, filter: LogFilter | null): LogMatches {
  const lab = useLab();
  const key = JSON.stringify(filter);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the filter
  const search = useMemo(() => {
    let found = none;
    const listeners = new Set<() => void>();
    const tell = (next: LogMatches): void => {
      found = next;
      for (const listener of listeners) listener();
    };
    if (filter === null) return { get: () => found, listen: () => () => {}, start: () => () => {} };
    const wanted = filter;
    const pattern = patternOf(wanted);

    function start(): () => void {
      const abort = new AbortController();
      const searchedTo = store.totalRows;
      const late: number[] = [];
      const stop = store.onAppend((rows) => {
        const hits = rows.filter((row) => matches(wanted, pattern, row)).map((row) => row.seq);
        if (hits.length === 0) return;
        if (found.isSearching) late.push(...hits);
        else tell({ ...found, seqs: [...found.seqs, ...hits] });
      });
      function heldMatches(): number[] {
        return [...store.held()].filter((row) => row.seq < searchedTo && matches(wanted, pattern, row)).map((row) => row.seq);
      }
      async function scan(): Promise<void> {
        tell({ ...none, isSearching: true });
        if (sessionId === null) return tell({ ...none, seqs: heldMatches() });
        const { seqs, truncated } = await lab.call(
          'logs.search',
          { sessionId, port, filter: wanted, limit: 100_000 },
          { signal: abort.signal },
        );
        const last = seqs.at(-1) ?? -1;
        tell({ seqs: [...seqs, ...late.filter((seq) => seq > last)], isSearching: false, isTruncated: truncated });
      }
      scan().catch(() => {
        // A half-typed expression is refused; rows in memory are still searched.
        if (!abort.signal.aborted) tell({ ...none, seqs: heldMatches() });
      });
      return () => {
        stop();
        abort.abort();
      };
    }
    return {
      get: () => found,
      listen: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      start,
    };
  }, [lab, store, sessionId, port, key]);
  useEffect(() => search.start(), [search]);
  return useSyncExternalStore(search.listen, search.get);
}
