import { currentPath, goTo, useParameters } from '../../lib/location.ts';
import { maximumPanes, type Pane, type PaneLayout, plainPane, readLayout, writeLayout } from './panes.ts';

/** The layout as the link has it, and the ways to change it. Every change is a new link, in the place of the one before. */
export interface LayoutActions extends PaneLayout {
  change(index: number, pane: Pane): void;
  /** Shows another log in the active pane. */
  show(source: string): void;
  activate(index: number): void;
  split(source: string): void;
  close(index: number): void;
}

function latest(): PaneLayout {
  return readLayout(new URLSearchParams(window.location.hash.split('?', 2)[1] ?? ''));
}

function keep(layout: PaneLayout): void {
  const text = writeLayout(new URLSearchParams(window.location.hash.split('?', 2)[1] ?? ''), layout).toString();
  const path = currentPath();
  goTo(text === '' ? path : `${path}?${text}`, { replace: true });
}

export function useLayout(): LayoutActions {
  const layout = readLayout(useParameters());
  return {
    ...layout,
    change: (index, pane) => {
      const { panes, active } = latest();
      keep({ panes: panes.with(index, pane), active });
    },
    show: (source) => {
      const { panes, active } = latest();
      keep({ panes: panes.with(active, { ...(panes[active] ?? plainPane), source }), active });
    },
    activate: (index) => {
      const { panes, active } = latest();
      if (index !== active && index >= 0 && index < panes.length) keep({ panes, active: index });
    },
    split: (source) => {
      const { panes } = latest();
      if (panes.length < maximumPanes) keep({ panes: [...panes, { ...plainPane, source }], active: panes.length });
    },
    close: (index) => {
      const { panes, active } = latest();
      if (panes.length > 1)
        keep({ panes: panes.toSpliced(index, 1), active: Math.min(active > index ? active - 1 : active, panes.length - 2) });
    },
  };
}
