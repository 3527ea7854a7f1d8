import { useCallback, useEffect, useMemo, useState } from 'react';
import type { LogMark, LogPattern } from '../../preload/contract/logs.ts';
import { useLab } from './lab.ts';
import { LogSearch, type LogSearchState, matchesOf, noSearch } from './log-search.ts';
import { endsOf, type LogSelection, nothingSelected, rebased } from './log-selection.ts';
import { LogView, type LogViewRequest } from './log-view.ts';
import { useRunning } from './running.ts';
import { atNextTick, forgetTick, type Tick } from './ticks.ts';

/** A view of its own, open while the component is there. Another request is another view. */
export function useLogView(request: LogViewRequest): LogView {
  const lab = useLab();
  const key = JSON.stringify(request);
  const view = useMemo(() => new LogView(lab, { tail: screenRows(), ...(JSON.parse(key) as LogViewRequest) }), [lab, key]);
  useEffect(() => view.open(), [view]);
  return view;
}

/** What a list as tall as the screen shows of a log's end: more would come along with every change, and never be seen. */
function screenRows(): number {
  const rowPx = 22; // the densest list
  return Math.min(500, Math.ceil(window.screen.height / rowPx));
}

/**
 * Something a view knows (its length, its progress, its problem) for a component to show. What the reader does is told at once, what
 * the log does with the ticks of the page: a view changes with every frame, and React has better things to do. `pick` must return a
 * primitive or a stable object.
 */
export function useLogState<Part>(view: LogView, pick: (view: LogView) => Part): Part {
  const listen = useCallback(
    (onChange: Tick) => {
      const stop = view.listen((isByReader) => (isByReader ? onChange(false) : atNextTick(onChange)));
      return () => {
        stop();
        forgetTick(onChange);
      };
    },
    [view],
  );
  return useRunning(listen, () => pick(view));
}

/** Rows that came since following stopped: the N of "N new". 0 while following. */
export function useNewRows(view: LogView, isFollowing: boolean): number {
  const [left, setLeft] = useState<{ view: LogView; length: number } | null>(null);
  const length = useLogState(view, (each) => each.liveLength);
  if (isFollowing ? left !== null : left?.view !== view) setLeft(isFollowing ? null : { view, length: view.length });
  return isFollowing || left === null || left.view !== view ? 0 : Math.max(0, length - left.length);
}

/**
 * A search in a log: the same rows under one more pattern; null, no search. `step` goes to the next (1) or previous (−1) match from
 * where the reader is (`fromIndex`, in `view`), and around at the ends. It stays the same function while the search is the same.
 */
export function useLogSearch(view: LogView, pattern: LogPattern | null): LogSearchState & { step(by: 1 | -1, fromIndex: number): void } {
  const lab = useLab();
  const key = JSON.stringify(pattern);
  const search = useMemo(() => {
    const wanted = JSON.parse(key) as LogPattern | null;
    return wanted === null || wanted.text === '' ? null : new LogSearch(view, new LogView(lab, matchesOf(view.request, wanted)));
  }, [lab, view, key]);
  useEffect(() => search?.start(), [search]);
  const state = useRunning(search?.listen ?? never, search?.get ?? getNoSearch);
  const step = useCallback((by: 1 | -1, fromIndex: number) => void search?.step(by, fromIndex), [search]); // never rejects
  return useMemo(() => ({ ...state, step }), [state, step]);
}

const never = (): (() => void) => () => {};
const getNoSearch = (): LogSearchState => noSearch;

/** The selection in a view. When another view of the same log comes, the same rows are selected there, as far as it shows them. */
export function useLogSelection(view: LogView): [LogSelection, (selection: LogSelection) => void] {
  const [held, setHeld] = useState({ view, generation: 0, sessionId: null as string | null, ends: noEnds, selection: nothingSelected });
  const generation = useLogState(view, (each) => each.generation);
  const isCurrent = held.view === view && held.generation === generation;
  const select = useCallback(
    (selection: LogSelection) =>
      setHeld({ view, generation: view.generation, sessionId: view.sessionId, ends: endsOf(selection, view), selection }),
    [view],
  );
  useEffect(() => {
    if (isCurrent || generation === 0 || held.ends.size === 0 || held.sessionId !== view.sessionId) return;
    // Two logs that nobody records have the same name and other rows.
    if (held.view === view && view.sessionId === null) return;
    let isOver = false;
    rebased(held.selection, held.ends, view)
      .then((moved) => !isOver && setHeld({ view, generation, sessionId: view.sessionId, ...moved }))
      .catch(() => undefined); // not reachable: nothing is selected
    return () => {
      isOver = true;
    };
  }, [held, view, generation, isCurrent]);
  return [isCurrent ? held.selection : nothingSelected, select];
}

const noEnds: ReadonlyMap<number, number> = new Map();

/** Bookmarks of a session, by seq. */
export function useLogMarks(sessionId: string | null): ReadonlyMap<number, LogMark> {
  const lab = useLab();
  const [marks, setMarks] = useState<{ sessionId: string | null; bySeq: ReadonlyMap<number, LogMark> }>({ sessionId, bySeq: noMarks });
  useEffect(() => {
    if (sessionId === null) return;
    const take = (list: readonly LogMark[]): void => setMarks({ sessionId, bySeq: new Map(list.map((mark) => [mark.seq, mark])) });
    return lab.subscribe('logs.marks', { sessionId }, { onSnapshot: take, onDelta: (lists) => take(lists.at(-1) ?? []) });
  }, [lab, sessionId]);
  return marks.sessionId === sessionId ? marks.bySeq : noMarks;
}

const noMarks: ReadonlyMap<number, LogMark> = new Map();
