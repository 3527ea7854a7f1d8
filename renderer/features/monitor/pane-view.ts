import { useCallback, useMemo, useState } from 'react';
import type { LogFilter, LogRow } from '../../../preload/contract/logs.ts';
import { useAction } from '../../lib/actions.ts';
import { useLogMarks, useLogSearch, useLogSelection, useLogState, useLogView } from '../../lib/log-hooks.ts';
import { selectOne } from '../../lib/log-selection.ts';
import { useCleared } from './cleared.ts';
import { allPorts, type Pane } from './panes.ts';
import { judgeOf } from './row-judge.ts';

/** The filter of the whole log of a pane: its port, nothing else. */
function sourceFilter(source: string): LogFilter {
  return source === allPorts ? {} : { ports: [source] };
}

/** What a pane shows and where its reader is: the log, the search in it, marks, selection; and the ways to go somewhere. */
export function usePaneLog(pane: Pane, source: string) {
  const isWhole = pane.mode === 'dim' || pane.isBeside;
  const filter = isWhole ? sourceFilter(source) : { ...pane.filter, ...sourceFilter(source) };
  const view = useLogView({ sessionId: null, filter });
  const search = useLogSearch(view, pane.find);
  const [selection, select] = useLogSelection(view);
  const sessionId = useLogState(view, (each) => each.sessionId);
  const marks = useLogMarks(sessionId);
  const clear = useCleared(view, source);
  const { run } = useAction();
  const [isFollowing, setFollowing] = useState(true);
  const isPaused = useLogState(view, (each) => each.isFrozen);
  /** The place that was gone to last; another object brings it into sight again. */
  const [place, setPlace] = useState<{ index: number } | null>(null);
  const [shownMatch, setShownMatch] = useState(search.current);
  if (search.current !== shownMatch) {
    setShownMatch(search.current);
    if (search.current !== null) setPlace(search.current);
  }

  const goToIndex = useCallback(
    (index: number) => {
      setFollowing(false);
      setPlace({ index });
      select(selectOne(index));
    },
    [select],
  );
  const goTo = useCallback(
    async (what: { seq: number } | { atUs: number }): Promise<void> => {
      const found = await view.locate(what);
      const last = view.length - 1;
      if (last >= 0) goToIndex(Math.min(found.index, last));
    },
    [view, goToIndex],
  );
  const mark = useCallback(
    (row: LogRow): void => {
      if (sessionId === null) return;
      const isMarked = marks.has(row.seq);
      void run('logs.mark', { sessionId, seq: row.seq, mark: isMarked ? null : { note: '', colour: 'yellow' } });
    },
    [marks, run, sessionId],
  );
  const key = JSON.stringify(pane.filter);
  const isPale = useMemo(() => {
    if (pane.mode !== 'dim' || key === '{}') return undefined;
    const passes = judgeOf(JSON.parse(key) as LogFilter);
    return (row: LogRow) => !passes(row);
  }, [pane.mode, key]);

  function follow(isOn: boolean): void {
    setFollowing(isOn);
    if (isOn) view.thaw();
  }
  function togglePause(): void {
    if (view.isFrozen) {
      view.thaw();
      setFollowing(true);
    } else view.freeze();
  }
  /** Steps to the bookmark after (1) or before (−1) a row, around at the ends. */
  function stepMark(by: 1 | -1, fromSeq: number | null): void {
    const seqs = [...marks.keys()].sort((a, b) => a - b);
    if (seqs.length === 0) return;
    const next = by > 0 ? seqs.find((seq) => seq > (fromSeq ?? -1)) : seqs.findLast((seq) => seq < (fromSeq ?? Number.POSITIVE_INFINITY));
    void goTo({ seq: next ?? seqs.at(by > 0 ? 0 : -1) ?? 0 }).catch(() => undefined); // the log went: the list says so
  }

  return {
    view,
    search,
    selection,
    select,
    sessionId,
    marks,
    mark,
    stepMark,
    isFollowing: isFollowing && !isPaused,
    isPaused,
    follow,
    togglePause,
    clear,
    place,
    goTo,
    goToIndex,
    isPale,
  };
}

export type PaneLog = ReturnType<typeof usePaneLog>;
