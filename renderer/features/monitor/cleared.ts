import { useCallback, useEffect } from 'react';
import { useLogState } from '../../lib/log-hooks.ts';
import type { LogView } from '../../lib/log-view.ts';

/** Where each log was cleared to, by its source: the first seq that is still shown. As long as the page is open. */
const clearedTo = new Map<string, { sessionId: string | null; seq: number }>();

/**
 * Takes what there is out of sight, and keeps it so when the tab, the filter or the panes change: another filter is another view, and
 * rows that were cleared away must not come back with it. A reload brings them back.
 */
export function useCleared(view: LogView, source: string): () => void {
  const sessionId = useLogState(view, (each) => each.sessionId);
  const generation = useLogState(view, (each) => each.generation);
  const isJudged = useLogState(view, (each) => each.isReady && each.judgedRows >= each.totalRows);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another generation has other rows at the same indices
  useEffect(() => {
    const cleared = clearedTo.get(source);
    if (!isJudged || cleared === undefined || cleared.sessionId !== sessionId || view.start > 0) return;
    let isOver = false;
    view.locate({ seq: cleared.seq }).then(
      (place) => isOver || view.hideBefore(place.index),
      () => undefined, // the log went: there is nothing to hide
    );
    return () => {
      isOver = true;
    };
  }, [view, source, sessionId, generation, isJudged]);
  return useCallback(() => {
    // Rows of a log are numbered without gaps, those that this view's filter leaves out among them.
    clearedTo.set(source, { sessionId: view.sessionId, seq: view.totalRows });
    view.hideBefore(view.length);
  }, [view, source]);
}
