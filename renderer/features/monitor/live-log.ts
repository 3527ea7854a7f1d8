import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { LogFilter } from '../../../preload/contract/logs.ts';
import { type Lab, useLab } from '../../lib/lab.ts';
import { LogStore } from '../../lib/log-store.ts';
import { matches, patternOf } from '../../lib/log-view.ts';
import { useCoreStatus, useSessionList } from '../../lib/streams.ts';

const tailRows = 5_000;

export interface LiveLog {
  store: LogStore;
  /** Where older rows are, and where searches are made; null while nothing is recorded. */
  sessionId: string | null;
}

/** Follows a port's rows into a store, and knows where older ones are. */
function createLiveSource(lab: Lab, port: string) {
  let sessionId: string | null = null;
  /** Session time to live time. */
  let shiftUs = 0;
  const store = new LogStore(async (fromSeq, limit) => {
    if (sessionId === null) return [];
    const page = await lab.call('logs.page', { sessionId, port, fromSeq, limit });
    return page.rows.map((row) => ({ ...row, atUs: (row.atUs + shiftUs) as typeof row.atUs }));
  });
  return {
    store,
    shiftBy(us: number): void {
      shiftUs = us;
    },
    follow(onSession: (id: string | null) => void): () => void {
      return lab.subscribe(
        'logs.rows',
        { port, tail: tailRows },
        {
          onSnapshot: (snapshot) => {
            sessionId = snapshot.sessionId;
            onSession(sessionId);
            store.reset(snapshot.rows, snapshot.totalRows);
          },
          onDelta: (rows) => store.append(rows),
        },
      );
    },
  };
}

/** The live rows of a port. Rows loaded back from the session are moved to the live clock, so that one log has one time. */
export function useLiveLog(port: string): LiveLog {
  const lab = useLab();
  const anchor = useCoreStatus()?.anchor;
  const sessions = useSessionList();
  const [sessionId, setSessionId] = useState<string | null>(null);
  const source = useMemo(() => createLiveSource(lab, port), [lab, port]);
  useEffect(() => source.follow(setSessionId), [source]);
  const startedWallMs = sessions?.find((session) => session.id === sessionId)?.startedWallMs;
  useEffect(() => {
    if (anchor !== undefined && startedWallMs !== undefined) source.shiftBy((startedWallMs - anchor.wallMs) * 1000 + anchor.monoUs);
  }, [source, anchor, startedWallMs]);
  return { store: source.store, sessionId };
}

export interface LogMatches {
  seqs: readonly number[];
  isSearching: boolean;
  isTruncated: boolean;
}

const none: LogMatches = { seqs: [], isSearching: false, isTruncated: false };

interface LogSearch {
  get(): LogMatches;
  listen(listener: () => void): () => void;
  /** Begins to search and to judge new rows; returns its stop. */
  start(): () => void;
}

function createLogSearch(lab: Lab, { store, sessionId }: LiveLog, port: string, filter: LogFilter): LogSearch {
  let found = none;
  const listeners = new Set<() => void>();
  const pattern = patternOf(filter);
  function tell(next: LogMatches): void {
    found = next;
    for (const listener of listeners) listener();
  }
  return {
    get: () => found,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start() {
      const abort = new AbortController();
      const searchedTo = store.totalRows;
      /** Matches among the rows that came since the last frame, or since the scan began. */
      let late: number[] = [];
      const stopAppending = store.onAppend((rows) => {
        for (const row of rows) if (matches(filter, pattern, row)) late.push(row.seq);
      });
      // Told when the store tells of the rows themselves, so that both are drawn at once and once a frame.
      const stopListening = store.listen(() => {
        if (found.isSearching || late.length === 0) return;
        tell({ ...found, seqs: found.seqs.concat(late) });
        late = [];
      });
      function heldMatches(): number[] {
        return [...store.held()].filter((row) => row.seq < searchedTo && matches(filter, pattern, row)).map((row) => row.seq);
      }
      async function scan(): Promise<void> {
        tell({ ...none, isSearching: true });
        if (sessionId === null) return tell({ ...none, seqs: heldMatches() });
        const { seqs, truncated } = await lab.call('logs.search', { sessionId, port, filter, limit: 100_000 }, { signal: abort.signal });
        const last = seqs.at(-1) ?? -1;
        tell({ seqs: seqs.concat(late.filter((seq) => seq > last)), isSearching: false, isTruncated: truncated });
        late = [];
      }
      scan().catch(() => {
        // A half-typed expression is refused; rows in memory are still searched.
        if (abort.signal.aborted) return;
        tell({ ...none, seqs: heldMatches().concat(late) });
        late = [];
      });
      return () => {
        stopAppending();
        stopListening();
        abort.abort();
      };
    },
  };
}

const noSearch: LogSearch = { get: () => none, listen: () => () => {}, start: () => () => {} };

/**
 * The rows that satisfy a filter: found by the store's scan as far as the session is stored, decided here for those that
 * have come since. Null filter, no matches.
 */
export function useLogMatches({ store, sessionId }: LiveLog, port: string, filter: LogFilter | null): LogMatches {
  const lab = useLab();
  const key = JSON.stringify(filter);
  const search = useMemo(() => {
    const wanted = JSON.parse(key) as LogFilter | null;
    return wanted === null ? noSearch : createLogSearch(lab, { store, sessionId }, port, wanted);
  }, [lab, store, sessionId, port, key]);
  useEffect(() => search.start(), [search]);
  return useSyncExternalStore(search.listen, search.get);
}
