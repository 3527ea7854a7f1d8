import { createContext, useContext } from 'react';
import { createStore, type StoreApi, useStore } from 'zustand';
import { clampView, fitView, panView, revealInView, type TimeView, zoomView } from '../../lib/time-axis.ts';
import type { Selected } from './lanes.ts';

/** What a session screen shows of its session: one selection and one cursor, whoever moves them. */
export interface SessionView {
  durationUs: number;
  view: TimeView;
  cursorUs: number;
  selected: Selected | null;
  isPlaying: boolean;
  setView(view: TimeView): void;
  fit(): void;
  zoom(factor: number, aroundUs?: number): void;
  pan(byShare: number): void;
  /** Moves the cursor and, if it left the view, the view. */
  moveCursor(us: number): void;
  /** Selects, and puts the cursor at `atUs`. */
  select(selected: Selected | null, atUs?: number): void;
  setPlaying(isPlaying: boolean): void;
}

export type SessionViewStore = StoreApi<SessionView>;

export function createSessionView(initial: {
  durationUs: number;
  cursorUs: number;
  view: TimeView | null;
  selected: Selected | null;
}): SessionViewStore {
  const { durationUs } = initial;
  return createStore<SessionView>((set) => ({
    durationUs,
    view: initial.view === null ? fitView(durationUs) : clampView(initial.view, durationUs),
    cursorUs: Math.min(Math.max(0, initial.cursorUs), durationUs),
    selected: initial.selected,
    isPlaying: false,
    setView: (view) => set({ view: clampView(view, durationUs) }),
    fit: () => set({ view: fitView(durationUs) }),
    zoom: (factor, aroundUs) =>
      set(({ view, cursorUs }) => {
        const isCursorSeen = cursorUs >= view.fromUs && cursorUs < view.toUs;
        return { view: zoomView(view, factor, aroundUs ?? (isCursorSeen ? cursorUs : (view.fromUs + view.toUs) / 2), durationUs) };
      }),
    pan: (byShare) => set(({ view }) => ({ view: panView(view, (view.toUs - view.fromUs) * byShare, durationUs) })),
    moveCursor: (us) =>
      set(({ view }) => {
        const cursorUs = Math.min(Math.max(0, Math.round(us)), durationUs);
        return { cursorUs, view: revealInView(view, cursorUs, durationUs) };
      }),
    select: (selected, atUs) =>
      set(({ view, cursorUs }) => {
        const to = atUs === undefined ? cursorUs : Math.round(atUs);
        return { selected, cursorUs: to, view: revealInView(view, to, durationUs) };
      }),
    setPlaying: (isPlaying) => set({ isPlaying }),
  }));
}

const SessionViewContext = createContext<SessionViewStore | null>(null);
export const SessionViewProvider = SessionViewContext.Provider;

export function useSessionViewStore(): SessionViewStore {
  const store = useContext(SessionViewContext);
  if (store === null) throw new Error('useSessionView outside its provider');
  return store;
}

export function useSessionView<Part>(part: (state: SessionView) => Part): Part {
  return useStore(useSessionViewStore(), part);
}
