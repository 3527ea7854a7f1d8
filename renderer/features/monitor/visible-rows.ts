import { type RefObject, startTransition, useEffect, useState } from 'react';
import { inNextFrame } from '../../lib/idle.ts';
import type { LogView } from '../../lib/log-view.ts';
import { atNextTick, forgetTick, type Tick } from '../../lib/ticks.ts';

export interface VisibleRows {
  first: number;
  last: number;
  fromUs: number;
  toUs: number;
}

/** How often the strip above follows the list: it is drawn by React, and the list scrolls with every frame. */
const readableMs = 250;

/** Which rows a list shows, read from the page when it was scrolled or has grown. Null while it shows none. */
export function useVisibleRows(box: RefObject<HTMLElement | null>, view: LogView): VisibleRows | null {
  const [visible, setVisible] = useState<{ view: LogView; rows: VisibleRows | null } | null>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let cancelFrame: (() => void) | null = null;
    const look: Tick = (isRunning) => {
      cancelFrame = null;
      const rows = visibleIn(element, view);
      const show = (): void =>
        setVisible((before) => (before?.view === view && JSON.stringify(before.rows) === JSON.stringify(rows) ? before : { view, rows }));
      if (isRunning) startTransition(show);
      else show();
    };
    const later = (): void => {
      timer ??= setTimeout(() => {
        timer = null;
        cancelFrame ??= inNextFrame(() => look(false));
      }, readableMs);
    };
    // While the end is followed the bar moves by itself, and the ticks below tell.
    const onScroll = ({ target }: Event): void => {
      if (!(target as Element).hasAttribute('data-following')) later();
    };
    later();
    element.addEventListener('scroll', onScroll, { capture: true, passive: true });
    // What comes with the log is shown with all else that runs; only who scrolls is waiting for it.
    const stop = view.listen(() => atNextTick(look));
    return () => {
      element.removeEventListener('scroll', onScroll, { capture: true });
      stop();
      forgetTick(look);
      if (timer !== null) clearTimeout(timer);
      cancelFrame?.();
    };
  }, [box, view]);
  return visible?.view === view ? visible.rows : null;
}

/** The rows of a list whose middle is in its box. */
export function visibleIn(element: HTMLElement, view: Pick<LogView, 'row'>): VisibleRows | null {
  const list = element.querySelector('[role="listbox"]');
  if (list === null) return null;
  const box = list.getBoundingClientRect();
  const known = [...list.querySelectorAll<HTMLElement>('[data-index]')].flatMap((option) => {
    const rect = option.getBoundingClientRect();
    const middle = (rect.top + rect.bottom) / 2;
    const index = Number(option.dataset.index);
    return !option.hidden && middle > box.top && middle < box.bottom && view.row(index) !== undefined ? [index] : [];
  });
  if (known.length === 0) return null;
  const [first, last] = [Math.min(...known), Math.max(...known)];
  return { first, last, fromUs: view.row(first)?.atUs ?? 0, toUs: view.row(last)?.atUs ?? 0 };
}
