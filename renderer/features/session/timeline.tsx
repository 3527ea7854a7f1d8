import { useMantineColorScheme } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TrackPeaks, TurnRecord } from '../../../preload/contract/sessions.ts';
import { inNextFrame } from '../../lib/idle.ts';
import { instantText } from '../../lib/quantities.ts';
import { panView, usToX, xToUs } from '../../lib/time-axis.ts';
import { itemAt, type LaneItem, type Lanes, spanLanes } from './lanes.ts';
import { useSessionView, useSessionViewStore } from './session-view.ts';
import css from './timeline.module.css';
import { axisHeight, drawAxis, drawItems, drawPeaks, type LaneName, placeLanes, readPalette } from './timeline-drawing.ts';

export interface TimelineData {
  lanes: Lanes;
  peaks: { uplink: TrackPeaks; downlink: TrackPeaks } | null;
  turns: readonly TurnRecord[];
}

/** Lanes without anything to show are left out, but not those that would make the reader wonder. */
const alwaysShown: readonly LaneName[] = ['speech', 'transcript', 'state', 'llm', 'tts'];

/** How far a drag must go before it pans instead of selecting. */
const dragPx = 4;

export function Timeline({ lanes, peaks, turns }: TimelineData) {
  const { t } = useTranslation();
  const store = useSessionViewStore();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { ref: sized, width } = useElementSize<HTMLDivElement>();
  const tracks = useRef<HTMLDivElement>(null);
  const measured = useMergedRef(sized, tracks);
  const { colorScheme } = useMantineColorScheme();
  const view = useSessionView((state) => state.view);
  const selected = useSessionView((state) => state.selected);
  const [tip, setTip] = useState<{ x: number; y: number; item: LaneItem } | null>(null);
  const drag = useRef<{ x: number; view: typeof view; hasMoved: boolean; isScrub: boolean } | null>(null);

  const { places, height } = useMemo(() => {
    const shown = spanLanes.filter((lane) => alwaysShown.includes(lane) || lanes[lane].length > 0);
    return placeLanes([...(peaks === null ? [] : (['uplink', 'downlink'] as const)), ...shown]);
  }, [lanes, peaks]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colour scheme changes what readPalette reads
  useEffect(
    () =>
      inNextFrame(() => {
        const element = canvas.current;
        const context = element?.getContext('2d');
        if (element === null || context === null || context === undefined || width === 0) return;
        const ratio = window.devicePixelRatio;
        element.width = Math.round(width * ratio);
        element.height = Math.round(height * ratio);
        context.scale(ratio, ratio);
        const palette = readPalette(element);
        const drawing = { context, width, view, palette };
        if (selected?.kind === 'turn') {
          const turn = turns.find((each) => each.turnId === selected.turnId && each.conversationId === selected.conversationId);
          if (turn !== undefined) {
            const x = usToX(view, width, turn.startedUs);
            context.fillStyle = palette.selected;
            context.fillRect(x, 0, usToX(view, width, turn.endedUs ?? turn.startedUs) - x, height);
          }
        }
        drawAxis(drawing, height);
        for (const place of places) {
          context.fillStyle = palette.line;
          context.fillRect(0, place.top + place.height, width, 1);
          if (place.name === 'uplink') {
            if (peaks !== null) drawPeaks(drawing, place, peaks.uplink, 'user');
          } else if (place.name === 'downlink') {
            if (peaks !== null) drawPeaks(drawing, place, peaks.downlink, 'agent');
          } else {
            drawItems(drawing, place, lanes[place.name], selected);
          }
        }
      }),
    [width, height, view, selected, places, lanes, peaks, turns, colorScheme],
  );

  function pointOf(event: { clientX: number; clientY: number }): { x: number; y: number } {
    const box = tracks.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  }

  function itemUnder(x: number, y: number): LaneItem | null {
    const place = places.find((each) => y >= each.top && y < each.top + each.height);
    if (place === undefined || place.name === 'uplink' || place.name === 'downlink') return null;
    const { view: current } = store.getState();
    return itemAt(lanes[place.name], xToUs(current, width, x), ((current.toUs - current.fromUs) / Math.max(1, width)) * 5);
  }

  function onPointerDown(event: PointerEvent<HTMLDivElement>): void {
    if (event.button !== 0) return;
    const { x, y } = pointOf(event);
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x, view: store.getState().view, hasMoved: false, isScrub: y < axisHeight };
    if (y < axisHeight) store.getState().moveCursor(xToUs(store.getState().view, width, x));
  }

  function onPointerMove(event: PointerEvent<HTMLDivElement>): void {
    const { x, y } = pointOf(event);
    const current = drag.current;
    if (current === null) {
      const item = itemUnder(x, y);
      setTip(item === null || item.label === '' ? null : { x, y, item });
      return;
    }
    const state = store.getState();
    if (current.isScrub) {
      state.moveCursor(xToUs(state.view, width, x));
      return;
    }
    if (!current.hasMoved && Math.abs(x - current.x) < dragPx) return;
    current.hasMoved = true;
    setTip(null);
    state.setView(
      panView(current.view, ((current.x - x) / Math.max(1, width)) * (current.view.toUs - current.view.fromUs), state.durationUs),
    );
  }

  function onPointerUp(event: PointerEvent<HTMLDivElement>): void {
    const current = drag.current;
    drag.current = null;
    if (current === null || current.hasMoved || current.isScrub) return;
    const { x, y } = pointOf(event);
    const state = store.getState();
    const us = xToUs(state.view, width, x);
    const item = itemUnder(x, y);
    const turn = turns.find((each) => us >= each.startedUs && us <= (each.endedUs ?? each.startedUs));
    const turnTarget = turn === undefined ? null : ({ kind: 'turn', conversationId: turn.conversationId, turnId: turn.turnId } as const);
    state.select(item?.target ?? turnTarget, us);
  }

  // React listens to wheel passively; a timeline must keep the page from scrolling.
  useEffect(() => {
    const element = tracks.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const state = store.getState();
      const box = element.getBoundingClientRect();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) state.pan((event.deltaX || event.deltaY) / box.width);
      else state.zoom(Math.exp(event.deltaY * 0.0016), xToUs(state.view, box.width, event.clientX - box.left));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [store]);

  return (
    <section className={css.timeline} aria-label={t('session.timeline')} style={{ height }} data-testid="timeline">
      <div className={css.names}>
        {places.map((place) => (
          <div key={place.name} className={css.name} style={{ top: place.top, height: place.height + 1 }}>
            {t(`session.lane.${place.name}`)}
          </div>
        ))}
      </div>
      <div
        ref={measured}
        className={css.tracks}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerLeave={() => setTip(null)}
      >
        <canvas ref={canvas} role="img" aria-label={t('session.timelineHint')} />
        <Cursor width={width} />
        {tip !== null && (
          <div className={css.tip} style={{ left: Math.min(tip.x + 12, Math.max(0, width - 260)), top: Math.max(0, tip.y - 26) }}>
            <span className="quiet">{instantText(tip.item.fromUs)}</span> {tip.item.label}
          </div>
        )}
      </div>
    </section>
  );
}

/** Alone in its component: it moves sixty times a second while playing, and nothing else has to. */
function Cursor({ width }: { width: number }) {
  const cursorUs = useSessionView((state) => state.cursorUs);
  const view = useSessionView((state) => state.view);
  const x = usToX(view, width, cursorUs);
  if (x < -1 || x > width + 1) return null;
  return (
    <div className={css.cursor} style={{ transform: `translateX(${x}px)` }} data-testid="cursor" data-us={cursorUs}>
      <span className={css.flag} style={x > width - 80 ? { left: 'auto', right: 2 } : undefined}>
        {instantText(cursorUs)}
      </span>
    </div>
  );
}
