import { useLayoutEffect } from 'react';
import { useLogState } from '../../lib/log-hooks.ts';
import type { LogView } from '../../lib/log-view.ts';
import { hasTime, withTime } from './filter-parts.ts';
import type { Pane } from './panes.ts';

/**
 * A filter's stretch of time is of one log: where another has begun (a new session, a link of yesterday) the same numbers are another
 * time, and the filter would hide everything that comes. Null: it is right as it is.
 */
export function ofLog(pane: Pane, beganMs: number): Pane | null {
  if (!hasTime(pane.filter) || pane.timeOf === beganMs) return null;
  if (pane.timeOf === null) return { ...pane, timeOf: beganMs };
  return { ...pane, filter: withTime(pane.filter, null), timeOf: null };
}

/** Takes a stretch of time away with its log. */
export function useTimeOfLog(view: LogView, pane: Pane, onChange: (pane: Pane) => void): void {
  const beganMs = useLogState(view, (each) => (each.isReady ? Math.round(each.startedWallMs) : null));
  const changed = beganMs === null ? null : ofLog(pane, beganMs);
  // At once: what a key changed meanwhile in the pane would be taken back.
  useLayoutEffect(() => {
    if (changed !== null) onChange(changed);
  });
}
