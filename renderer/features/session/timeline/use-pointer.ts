import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { panView, xToUs } from '../../../lib/time-axis.ts';
import { useSessionViewStore } from '../session-view.ts';
import type { Series } from './columns.ts';
import { axisHeight } from './lane-places.ts';
import { nearestEdge } from './snapping.ts';

/** How far a drag must go before it is one, and how near an edge draws it on. */
const dragPx = 4;
const snapPx = 6;

interface Drag {
  x: number;
  startUs: number;
  kind: 'scrub' | 'pan' | 'range';
  view: { fromUs: number; toUs: number };
  hasMoved: boolean;
}

export interface PointerActions {
  /** Lanes whose edges a range keeps to. */
  shown(): readonly Series[];
  onHover(point: { x: number; y: number } | null): void;
  onClick(point: { x: number; y: number }, isMeasuring: boolean): void;
}

/** Drag: a range. On the axis: the cursor. With Alt or the middle button: pans. The wheel zooms, with Shift it pans. */
export function usePointer(tracks: RefObject<HTMLDivElement | null>, width: number, actions: PointerActions) {
  const store = useSessionViewStore();
  const drag = useRef<Drag | null>(null);
  const [snapped, setSnapped] = useState<readonly number[]>([]);

  function pointOf(event: { clientX: number; clientY: number }): { x: number; y: number } {
    const box = tracks.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  }

  function snap(us: number): { us: number; isSnapped: boolean } {
    const { view, durationUs } = store.getState();
    const edge = nearestEdge(actions.shown(), us, ((view.toUs - view.fromUs) / Math.max(1, width)) * snapPx);
    return { us: Math.min(Math.max(0, edge ?? us), durationUs), isSnapped: edge !== null };
  }

  function onPointerDown(event: PointerEvent<HTMLDivElement>): void {
    if (event.button !== 0 && event.button !== 1) return;
    const { x, y } = pointOf(event);
    const { view } = store.getState();
    event.currentTarget.setPointerCapture(event.pointerId);
    const kind = event.button === 1 || event.altKey ? 'pan' : y < axisHeight ? 'scrub' : 'range';
    drag.current = { x, startUs: xToUs(view, width, x), kind, view, hasMoved: false };
    if (kind === 'scrub') store.getState().moveCursor(xToUs(view, width, x));
    if (event.button === 1) event.preventDefault();
  }

  function onPointerMove(event: PointerEvent<HTMLDivElement>): void {
    const point = pointOf(event);
    const current = drag.current;
    if (current === null) {
      actions.onHover(point);
      return;
    }
    const state = store.getState();
    if (current.kind === 'scrub') {
      state.moveCursor(xToUs(state.view, width, point.x));
      return;
    }
    if (!current.hasMoved && Math.abs(point.x - current.x) < dragPx) return;
    current.hasMoved = true;
    actions.onHover(null);
    if (current.kind === 'pan') {
      const byUs = ((current.x - point.x) / Math.max(1, width)) * (current.view.toUs - current.view.fromUs);
      state.setView(panView(current.view, byUs, state.durationUs));
      return;
    }
    const one = snap(current.startUs);
    const other = snap(xToUs(state.view, width, point.x));
    setSnapped([one, other].flatMap(({ us, isSnapped }) => (isSnapped ? [us] : [])));
    if (one.us !== other.us) state.setRange({ fromUs: Math.min(one.us, other.us), toUs: Math.max(one.us, other.us) });
  }

  function onPointerUp(event: PointerEvent<HTMLDivElement>): void {
    const current = drag.current;
    drag.current = null;
    setSnapped([]);
    if (current === null || current.hasMoved || current.kind !== 'range') return;
    actions.onClick(pointOf(event), event.shiftKey);
  }

  // React listens to wheel passively; a timeline must keep the page from scrolling.
  useEffect(() => {
    const element = tracks.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      event.stopPropagation();
      const state = store.getState();
      const box = element.getBoundingClientRect();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) state.pan((event.deltaX || event.deltaY) / box.width);
      else state.zoom(Math.exp(event.deltaY * 0.0016), xToUs(state.view, box.width, event.clientX - box.left));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [store, tracks]);

  return { snapped, handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerLeave: () => actions.onHover(null) } };
}
