import { useElementSize, useMergedRef, useViewportSize } from '@mantine/hooks';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionDetail, TurnRecord } from '../../../preload/contract/sessions.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { instantText } from '../../lib/quantities.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';
import { usToX, xToUs } from '../../lib/time-axis.ts';
import { flashTitle } from './flash-title.ts';
import { useSessionView, useSessionViewStore } from './session-view.ts';
import { countMarks } from './timeline/aggregate.ts';
import { labelText, type TimelinePicture } from './timeline/draw-timeline.ts';
import { LaneNames } from './timeline/lane-names.tsx';
import { LaneList, RangePanel } from './timeline/lane-panels.tsx';
import { axisHeight, nameOf, orderOf, placeRows, type Row } from './timeline/lane-places.ts';
import type { LaneKey, Thing } from './timeline/model.ts';
import { exactText, Overlay } from './timeline/overlay.tsx';
import { useLanePreferences } from './timeline/preferences.ts';
import { TimelineBar } from './timeline/timeline-bar.tsx';
import { useCanvas } from './timeline/use-canvas.ts';
import { useFind } from './timeline/use-find.ts';
import { useMeasure } from './timeline/use-measure.ts';
import { usePointer } from './timeline/use-pointer.ts';
import { useTimeline } from './timeline/use-timeline.ts';
import css from './timeline.module.css';

export interface TimelineProps {
  sessionId: string;
  /** Whose lanes are shown beside those of the whole bench. */
  conversationId: string | null;
  /** Of that conversation. */
  turns: readonly TurnRecord[];
  flashes: SessionDetail['flashes'];
  /** Laid over the tracks, as large as they are. */
  overlay?: ReactNode;
}

/** Lanes that are there even when they are empty: without them the reader would wonder. */
const alwaysShown: readonly LaneKey[] = ['turn', 'state', 'speech', 'transcript', 'heard', 'llm', 'tts'];

/** The share of the window the lanes may take; more of them scroll. */
const heightShare = 0.44;

/** A session on one axis. It reads what it shows by itself, and what comes while the session is recorded. */
export function Timeline({ sessionId, conversationId, turns, flashes, overlay }: TimelineProps) {
  const { t } = useTranslation();
  const store = useSessionViewStore();
  const selected = useSessionView((state) => state.selected);
  const durationUs = useSessionView((state) => state.durationUs);
  const range = useSessionView((state) => state.range);
  const { model, labels, peaks, version, progress, error } = useTimeline(sessionId, conversationId, durationUs);
  const preferences = useLanePreferences();
  const { ref: sized, width } = useElementSize<HTMLDivElement>();
  const { height: windowHeight } = useViewportSize();
  const tracks = useRef<HTMLDivElement>(null);
  const measured = useMergedRef(sized, tracks);
  const scroller = useRef<HTMLDivElement>(null);
  const findInput = useRef<HTMLInputElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [focused, setFocused] = useState<LaneKey | null>(null);
  const [isListed, setListed] = useState(false);
  const [tip, setTip] = useState<{ x: number; y: number; lane: LaneKey; thing: Thing | null; count: number } | null>(null);
  const finding = useFind(sessionId, conversationId, model, version);
  const { measure, gap, take, clear } = useMeasure();

  const present = useMemo(() => {
    void version; // the model and the sound change within themselves
    model.setFlashes(flashes);
    const trackLanes = peaks?.tracks ?? [];
    const keys = new Set<LaneKey>([...trackLanes, ...(conversationId === null ? [] : alwaysShown), ...model.lanes.keys()]);
    return [...keys].sort((a, b) => orderOf(a) - orderOf(b) || (a < b ? -1 : 1));
  }, [model, peaks, version, flashes, conversationId]);
  const { rows, height: wholeHeight, pinnedHeight } = useMemo(() => placeRows(present, preferences), [present, preferences]);
  const height = Math.min(wholeHeight, Math.max(180, Math.round(windowHeight * heightShare)));

  const turn = useMemo(
    () =>
      selected?.kind === 'turn'
        ? (turns.find((each) => each.turnId === selected.turnId && each.conversationId === selected.conversationId) ?? null)
        : null,
    [selected, turns],
  );
  const thing = useMemo(() => {
    void version; // what is selected may only come with the next piece
    return selected === null ? null : model.find(selected);
  }, [model, selected, version]);
  const stateName = useCallback((state: string) => t(`talk.state.${state}`, { defaultValue: state }), [t]);
  const flashNames = useMemo(() => flashes.map((flash) => flashTitle(t, flash)), [t, flashes]);
  const picture = useMemo<TimelinePicture>(
    () => ({
      ...{ model, peaks, labels, rows, pinnedHeight, scrollTop, height, durationUs, turn, thing, focused },
      ...{ found: finding.lanes, flashNames, stateName },
    }),
    [model, peaks, labels, rows, pinnedHeight, scrollTop, height, durationUs, turn, thing, focused, finding.lanes, flashNames, stateName],
  );
  const canvas = useCanvas(picture, width, version);
  useEffect(() => {
    peaks?.look(store.getState().view);
    return store.subscribe(({ view }) => peaks?.look(view));
  }, [peaks, store]);

  const ports = present.filter((key) => key.startsWith('log ')).length;
  const titleOf = useCallback(
    (key: LaneKey) =>
      ports > 1 && key.startsWith('log ') ? `${t('timeline.name.log')} ${key.slice(4)}` : t(`timeline.name.${nameOf(key)}`),
    [t, ports],
  );
  const textOf = useCallback(
    (each: Thing) => labelText({ stateName, flashNames }, labels, each.lane, each.series, each.index),
    [labels, stateName, flashNames],
  );

  function rowAt(y: number): Extract<Row, { kind: 'lane' }> | null {
    const row = rows.find((each) => {
      const top = each.isPinned ? each.top : each.top - scrollTop;
      return y >= top && y <= top + each.height && (each.isPinned || y >= pinnedHeight);
    });
    return row?.kind === 'lane' ? row : null;
  }
  const usPerPixel = (): number => (store.getState().view.toUs - store.getState().view.fromUs) / Math.max(1, width);
  function thingAt({ x, y }: { x: number; y: number }): Thing | null {
    const row = rowAt(y);
    return row === null ? null : model.at(row.key, xToUs(store.getState().view, width, x), usPerPixel() * 5);
  }
  const select = useCallback(
    (each: Thing) => store.getState().select(model.targetOf(each) ?? store.getState().selected, each.fromUs),
    [store, model],
  );

  const { snapped, handlers } = usePointer(tracks, width, {
    shown: () => rows.flatMap((row) => (row.kind === 'lane' ? (model.lanes.get(row.key) ?? []) : [])),
    onHover(point) {
      const row = point === null ? null : rowAt(point.y);
      if (point === null || row === null || point.y < axisHeight) setTip(null);
      else setTip({ ...point, lane: row.key, thing: thingAt(point), count: countAt(row.key, point.x) });
    },
    onClick(point, isMeasuring) {
      const row = rowAt(point.y);
      const found = thingAt(point);
      if (row !== null) setFocused(row.key);
      if (isMeasuring && found !== null) {
        take(found, thing);
        return;
      }
      if (found !== null) {
        select(found);
        return;
      }
      const us = xToUs(store.getState().view, width, point.x);
      const under = turns.find((each) => us >= each.startedUs && us <= (each.endedUs ?? durationUs));
      const target = under === undefined ? null : ({ kind: 'turn', conversationId: under.conversationId, turnId: under.turnId } as const);
      store.getState().select(target, us);
    },
  });
  function countAt(lane: LaneKey, x: number): number {
    const counts = new Uint32Array(1);
    let count = 0;
    const us = xToUs(store.getState().view, width, Math.floor(x));
    for (const series of model.lanes.get(lane) ?? []) {
      if (series.form !== 'marks') continue;
      countMarks(series, { fromUs: us, toUs: us + usPerPixel() }, 1, counts);
      count += counts[0] ?? 0;
    }
    return count;
  }

  const step = useCallback(
    (by: 1 | -1) => {
      const lane = focused ?? thing?.lane ?? null;
      if (lane === null) return;
      const fromUs = thing !== null && thing.lane === lane ? thing.fromUs : store.getState().cursorUs;
      const next = model.beside(lane, fromUs, by);
      if (next !== null) select(next);
    },
    [focused, thing, model, store, select],
  );
  const onMeasure = useCallback(() => {
    const { cursorUs } = store.getState();
    const stretch =
      thing ?? (turn === null ? { fromUs: cursorUs, toUs: cursorUs } : { fromUs: turn.startedUs, toUs: turn.endedUs ?? durationUs });
    take({ fromUs: stretch.fromUs, toUs: stretch.toUs });
    if (stretch.toUs > stretch.fromUs && measure === null) store.getState().setRange({ fromUs: stretch.fromUs, toUs: stretch.toUs });
  }, [store, thing, turn, durationUs, take, measure]);
  const clearMarks = useCallback(() => {
    clear();
    store.getState().setRange(null);
  }, [clear, store]);
  const stretchRange = useCallback(
    (by: 1 | -1) => {
      const { cursorUs, view: seen, setRange, moveCursor, durationUs: endUs } = store.getState();
      const known = store.getState().range;
      const anchor = known === null ? cursorUs : cursorUs === known.toUs ? known.fromUs : known.toUs;
      const next = Math.min(endUs, Math.max(0, cursorUs + by * (seen.toUs - seen.fromUs) * 0.02));
      moveCursor(next);
      if (Math.round(next) !== anchor) setRange({ fromUs: Math.min(anchor, Math.round(next)), toUs: Math.max(anchor, Math.round(next)) });
    },
    [store],
  );
  const nextMatch = (): void => finding.step(1);
  useShortcuts({
    KeyM: onMeasure,
    '/': () => findInput.current?.focus(),
    F3: nextMatch,
    ...(measure !== null || range !== null ? { Escape: clearMarks } : {}),
  });
  useRangeKeys(stretchRange);

  const reveal = useCallback(
    (row: Row) => {
      const element = scroller.current;
      if (element === null || row.isPinned) return;
      const top = row.top - pinnedHeight;
      const bottom = row.top + row.height + 1 - height;
      if (element.scrollTop > top) element.scrollTop = top;
      else if (element.scrollTop < bottom) element.scrollTop = bottom;
    },
    [pinnedHeight, height],
  );
  const onListLane = useCallback((key: LaneKey) => {
    setFocused(key);
    setListed(true);
  }, []);
  // What follows the pointer and the cursor many times a second leaves these as they are.
  const { find, step: stepFound, found, at, isFinding } = finding;
  const soundProgress = 1 - (peaks?.missing ?? 0);
  const isMeasuring = measure !== null;
  const bar = useMemo(() => {
    void version; // counts change with what the model holds
    return (
      <TimelineBar
        lanes={present.map((key) => ({ key, title: titleOf(key), count: model.count(key) }))}
        input={findInput}
        {...{ progress, soundProgress, found, at, isFinding, isMeasuring, onMeasure }}
        onFind={find}
        onStep={stepFound}
        onList={() => setListed((isShown) => !isShown)}
      />
    );
  }, [present, titleOf, model, version, progress, soundProgress, found, at, isFinding, isMeasuring, onMeasure, find, stepFound]);
  const names = useMemo(
    () => (
      <LaneNames
        {...{ rows, pinnedHeight, scrollTop, focused, titleOf }}
        onFocus={setFocused}
        onStep={step}
        onReveal={reveal}
        onList={onListLane}
      />
    ),
    [rows, pinnedHeight, scrollTop, focused, titleOf, step, reveal, onListLane],
  );
  const listed = isListed ? (focused ?? thing?.lane ?? firstLane(rows)) : null;
  const listedLane = rows.find((row) => row.kind === 'lane' && row.key === listed);

  return (
    <section className={css.frame} aria-label={t('session.timeline')} data-testid="timeline">
      {bar}
      {error !== null && <ErrorNotice error={error} />}
      <div ref={scroller} className={css.scroller} style={{ height }} onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}>
        <div style={{ height: wholeHeight }}>
          <div className={css.timeline} style={{ height }}>
            {names}
            <div ref={measured} className={css.tracks} {...handlers}>
              <canvas ref={canvas} role="img" aria-label={t('session.timelineHint')} />
              <Overlay {...{ sessionId, turn, rows, width, height, scrollTop, measure, gap, snapped }} />
              {overlay}
              <Cursor width={width} />
              {tip !== null && (tip.thing !== null || tip.count > 1) && (
                <div
                  className={css.tip}
                  style={{ left: Math.min(tip.x + 12, Math.max(0, width - 300)), top: tip.y > height - 40 ? tip.y - 28 : tip.y + 14 }}
                >
                  <Tip tip={tip} textOf={textOf} />
                </div>
              )}
            </div>
          </div>
        </div>
      </div>
      {measure !== null && (
        <div className={css.measureLine} role="status">
          {gap === null
            ? t('timeline.measuring', {
                from: instantText(measure.first.fromUs),
                length: exactText(measure.first.toUs - measure.first.fromUs),
              })
            : t(gap.isOverlap ? 'timeline.overlapSaid' : 'timeline.gapSaid', {
                from: instantText(gap.fromUs),
                to: instantText(gap.toUs),
                time: exactText(gap.toUs - gap.fromUs),
              })}
        </div>
      )}
      {range !== null && <RangePanel {...{ model, version, rows, titleOf }} onClose={() => store.getState().setRange(null)} />}
      {listed !== null && listedLane !== undefined && (
        <LaneList
          key={listed}
          {...{ model, version, textOf }}
          lane={listed}
          title={titleOf(listed)}
          isSelected={(each) => thing !== null && each.lane === thing.lane && each.id === thing.id}
          onSelect={select}
          onClose={() => setListed(false)}
        />
      )}
    </section>
  );
}

function firstLane(rows: readonly Row[]): LaneKey | null {
  for (const row of rows) if (row.kind === 'lane' && !isTrack(row.key)) return row.key;
  return null;
}

function isTrack(key: LaneKey): boolean {
  return key === 'uplink' || key === 'uplink-denoised' || key === 'downlink';
}

/** Shift with an arrow: the range from where the cursor is. A shortcut's name has no Shift, so they are heard here. */
function useRangeKeys(stretch: (by: 1 | -1) => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : null;
      const isOwn = event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey && by !== null;
      const target = event.target;
      if (!isOwn || (target instanceof HTMLElement && target.closest('input, textarea, select, [role="dialog"], [role="listbox"]'))) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      stretch(by);
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [stretch]);
}

function Tip({ tip, textOf }: { tip: { thing: Thing | null; count: number }; textOf(thing: Thing): string | undefined }) {
  const { t } = useTranslation();
  const { thing, count } = tip;
  return (
    <>
      {thing !== null && (
        <>
          <span className="quiet">
            {instantText(thing.fromUs)}
            {thing.toUs > thing.fromUs && ` · ${exactText(thing.toUs - thing.fromUs)}`}
          </span>{' '}
          {thing.series.tone === 'unheard' && <b>{t('timeline.tone.unheard')} </b>}
          {textOf(thing) ?? '…'}
        </>
      )}
      {count > 1 && <span className="quiet"> {t('timeline.inPixel', { count })}</span>}
    </>
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
