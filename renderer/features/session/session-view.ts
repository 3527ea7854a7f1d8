import { createContext, useContext } from 'react';
import { createStore, type StoreApi, useStore } from 'zustand';
import { clampView, fitView, panView, revealInView, type TimeView, zoomView } from '../../lib/time-axis.ts';
import type { Selected } from './lanes.ts';

/** A stretch of the session, in microseconds from its start; `toUs` is exclusive. */
export interface TimeSpan {
  fromUs: number;
  toUs: number;
}

/** What a session screen shows of its session: one selection and one cursor, whoever moves them. */
export interface SessionView {
  durationUs: number;
  view: TimeView;
  cursorUs: number;
  selected: Selected | null;
  /** What the reader marked: to be measured, looped, linked. */
  range: TimeSpan | null;
  /** What of the selection is lit on the tracks: a part of a turn's latency, the stretch of a note. Gone with the selection. */
  lit: TimeSpan | null;
  isPlaying: boolean;
  /** The view keeps up with the end of a session that is being recorded. */
  isFollowing: boolean;
  setView(view: TimeView): void;
  fit(): void;
  zoom(factor: number, aroundUs?: number): void;
  pan(byShare: number): void;
  /** Moves the cursor and, if it left the view, the view. */
  moveCursor(us: number): void;
  /** Selects, and puts the cursor at `atUs`. */
  select(selected: Selected | null, atUs?: number): void;
  setRange(range: TimeSpan | null): void;
  light(span: TimeSpan | null): void;
  setPlaying(isPlaying: boolean): void;
  /** The session is this long by now. */
  grow(durationUs: number): void;
  follow(isFollowing: boolean): void;
}

export type SessionViewStore = StoreApi<SessionView>;

/** A session that is being recorded is first seen at its end, so much of it. */
const followedUs = 60_000_000;

function viewAtEnd(lengthUs: number, durationUs: number): TimeView {
  return clampView({ fromUs: durationUs - lengthUs, toUs: durationUs }, durationUs);
}

/** How much of a recording that has grown to `durationUs` is seen: as much as before, or all of it while that is what was seen. */
function followedLength(view: TimeView, wholeUs: number, durationUs: number): number {
  const lengthUs = view.toUs - view.fromUs;
  if (lengthUs < wholeUs) return lengthUs;
  return wholeUs > followedUs ? durationUs : Math.min(followedUs, durationUs);
}

export function createSessionView(initial: {
  durationUs: number;
  cursorUs: number;
  view: TimeView | null;
  selected: Selected | null;
  range?: TimeSpan | null;
  isFollowing?: boolean;
}): SessionViewStore {
  const { durationUs, isFollowing = false } = initial;
  const whole = fitView(durationUs);
  const firstView = initial.view === null ? whole : clampView(initial.view, durationUs);
  return createStore<SessionView>((set) => {
    /** A view that leaves the end behind is one the reader wants to stay in. */
    const looking = (view: TimeView, state: SessionView) => ({
      view,
      isFollowing: state.isFollowing && view.toUs >= state.durationUs,
    });
    return {
      durationUs,
      view: isFollowing && initial.view === null ? viewAtEnd(Math.min(followedUs, durationUs), durationUs) : firstView,
      cursorUs: Math.min(Math.max(0, initial.cursorUs), durationUs),
      selected: initial.selected,
      range: initial.range ?? null,
      lit: null,
      isPlaying: false,
      isFollowing,
      setView: (view) => set((state) => looking(clampView(view, state.durationUs), state)),
      fit: () => set((state) => looking(fitView(state.durationUs), state)),
      zoom: (factor, aroundUs) =>
        set((state) => {
          const { view, cursorUs, durationUs: endUs } = state;
          const isCursorSeen = cursorUs >= view.fromUs && cursorUs < view.toUs;
          const middleUs = isCursorSeen ? cursorUs : (view.fromUs + view.toUs) / 2;
          return looking(zoomView(view, factor, state.isFollowing ? endUs : (aroundUs ?? middleUs), endUs), state);
        }),
      pan: (byShare) =>
        set((state) => looking(panView(state.view, (state.view.toUs - state.view.fromUs) * byShare, state.durationUs), state)),
      moveCursor: (us) =>
        set((state) => {
          const cursorUs = Math.min(Math.max(0, Math.round(us)), state.durationUs);
          return { cursorUs, ...looking(revealInView(state.view, cursorUs, state.durationUs), state) };
        }),
      select: (selected, atUs) =>
        set((state) => {
          const cursorUs = atUs === undefined ? state.cursorUs : Math.round(atUs);
          const view = atUs === undefined ? state.view : revealInView(state.view, cursorUs, state.durationUs);
          return { selected, lit: null, cursorUs, ...looking(view, state) };
        }),
      setRange: (range) => set({ range }),
      light: (lit) => set({ lit }),
      setPlaying: (isPlaying) => set({ isPlaying }),
      grow: (longerUs) =>
        set((state) => {
          if (longerUs === state.durationUs) return {};
          const view = state.isFollowing
            ? viewAtEnd(followedLength(state.view, state.durationUs, longerUs), longerUs)
            : clampView(state.view, longerUs);
          return { durationUs: longerUs, view };
        }),
      follow: (isNowFollowing) =>
        set((state) => ({
          isFollowing: isNowFollowing,
          view: isNowFollowing ? panView(state.view, state.durationUs, state.durationUs) : state.view,
        })),
    };
  });
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
