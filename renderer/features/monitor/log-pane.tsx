import { useElementSize } from '@mantine/hooks';
import { IconX } from '@tabler/icons-react';
import { type KeyboardEvent, type MouseEvent, type ReactNode, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import type { LogFilter } from '../../../preload/contract/logs.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useLogCopy } from '../../components/log-copy.ts';
import { LogList } from '../../components/log-list.tsx';
import { useLogState } from '../../lib/log-hooks.ts';
import { selectOne } from '../../lib/log-selection.ts';
import type { MonitorBench } from './bench.ts';
import { columnsWithin, useDisplay } from './display.ts';
import { FilterChips } from './filter-chips.tsx';
import { partsOf, withTime } from './filter-parts.ts';
import { FilteredHalf } from './filtered-half.tsx';
import type { TimeRange } from './histogram-strip.tsx';
import css from './log-pane.module.css';
import { useMonitorSettings } from './monitor-settings.ts';
import { NewLines, PaneCounts } from './pane-counts.tsx';
import { PaneKeys } from './pane-keys.tsx';
import { PanePanel } from './pane-panel.tsx';
import { PaneStrip } from './pane-strip.tsx';
import { PaneTools } from './pane-tools.tsx';
import { usePaneLog } from './pane-view.ts';
import { allPorts, type Pane } from './panes.ts';
import { RowMenu, type RowMenuPlace, wordAt } from './row-menu.tsx';
import { type PanelName, showPanel } from './side-panel.tsx';
import { useTimeOfLog } from './time-of-log.ts';
import { sessionTimeText } from './time-text.ts';
import { type VisibleRows, visibleIn } from './visible-rows.ts';

export interface LogPaneProps {
  bench: MonitorBench;
  pane: Pane;
  /** The port's address, or `*`. */
  source: string;
  isActive: boolean;
  /** Among others: it says whose log it is, and can be closed. */
  isSplit: boolean;
  panel: PanelName | null;
  /** Where the tools and the side panel of the active pane stand. */
  toolSlot: HTMLElement | null;
  panelSlot: HTMLElement | null;
  onChange(pane: Pane): void;
  onActivate(): void;
  onClose(): void;
  /** Shown over the list while it is empty. */
  emptyHint: ReactNode;
  searchField: { current: HTMLInputElement | null };
  filterField: { current: HTMLInputElement | null };
}

/** One log: the strip of its severities, its rows, and what its filter lets through. Its tools stand above all panes while it is active. */
export function LogPane(props: LogPaneProps) {
  const { bench, pane, source, isActive, isSplit } = props;
  const { t } = useTranslation();
  const display = useDisplay();
  const { monitor, save } = useMonitorSettings();
  const log = usePaneLog(pane, source);
  const { view, search, selection } = log;
  const isMerged = source === allPorts;
  const copy = useLogCopy(view, { port: isMerged, hostTime: display.columns.hostTime === 'elapsed' ? 'elapsed' : 'wall' });
  // Nothing that runs with the log: this would be rendered, and all below it, as long as a board talks.
  const isEmpty = useLogState(view, (each) => each.length === each.start);
  const isCleared = useLogState(view, (each) => each.start > 0);
  const isSearching = useLogState(view, (each) => each.judgedRows < each.totalRows);
  const hasRows = useLogState(view, (each) => each.totalRows > 0);
  const problem = useLogState(view, (each) => each.problem);
  const isReady = useLogState(view, (each) => each.isReady);
  const startedWallMs = useLogState(view, (each) => each.startedWallMs);
  const timeText = sessionTimeText(startedWallMs, display.columns.hostTime === 'elapsed' ? 'elapsed' : 'wall');
  const box = useRef<HTMLDivElement>(null);
  const visible = (): VisibleRows | null => (box.current === null ? null : visibleIn(box.current, view));
  // Of this log: another one has other times.
  const [zoomed, setZoomed] = useState<{ range: TimeRange; startedWallMs: number } | null>(null);
  const range = zoomed !== null && zoomed.startedWallMs === startedWallMs ? zoomed.range : null;
  const setRange = (next: TimeRange | null): void => setZoomed(next === null ? null : { range: next, startedWallMs });
  const [menu, setMenu] = useState<RowMenuPlace | null>(null);

  useTimeOfLog(view, pane, props.onChange);
  const setFilter = (filter: LogFilter): void => props.onChange({ ...pane, filter });
  const highlights = monitor.highlights.filter((rule) => rule.isOn);

  /** A stretch of time: the strip shows it alone, its rows are selected and gone to. */
  async function chooseRange(next: TimeRange | null): Promise<void> {
    setRange(next);
    if (next === null) return;
    // Both ends are in it, as in the filter: behind it is the first row after the last whole microsecond.
    const [from, to] = await Promise.all([view.locate({ atUs: next.fromUs }), view.locate({ atUs: Math.floor(next.toUs) + 1 })]);
    if (to.index <= from.index) return;
    log.goToIndex(from.index);
    log.select({ ranges: [[from.index, to.index - 1]], anchor: from.index, focus: from.index });
  }
  /** Only the rows of the stretch that was drawn on the strip, else of the time that the selected rows span. */
  async function showOnlyRange(): Promise<void> {
    const time = range ?? (await selectedTime());
    if (time === null) return;
    setRange(null);
    setFilter(withTime(pane.filter, time));
  }
  async function selectedTime(): Promise<TimeRange | null> {
    const [first, last] = [selection.ranges[0]?.[0], selection.ranges.at(-1)?.[1]];
    if (first === undefined || last === undefined || first === last) return null;
    const [[from], [to]] = await Promise.all([view.rows(first, 1), view.rows(last, 1)]);
    // Rows stand nearly in the order of time: of two ports the lower one may be the earlier.
    return from === undefined || to === undefined ? null : { fromUs: Math.min(from.atUs, to.atUs), toUs: Math.max(from.atUs, to.atUs) };
  }
  function openMenu(event: MouseEvent): void {
    const option = (event.target as Element).closest<HTMLElement>('[data-index]');
    // The keyboard's menu key is heard by the list; the row that has the focus is meant.
    const index = option === null ? selection.focus : Number(option.dataset.index);
    const row = index === null ? undefined : view.row(index);
    if (index === null || row === undefined) return;
    event.preventDefault();
    const drawn = option ?? box.current?.querySelector<HTMLElement>(`[data-index="${index}"]`);
    const rect = drawn?.getBoundingClientRect();
    const isPointed = option !== null && event.button === 2;
    const [x, y] = isPointed || rect === undefined ? [event.clientX, event.clientY] : [rect.left + 120, rect.bottom];
    if (!selection.ranges.some(([from, to]) => index >= from && index <= to)) log.select(selectOne(index));
    log.follow(false);
    setMenu({ row, x, y, word: isPointed ? wordAt(event.clientX, event.clientY) : (window.getSelection()?.toString().trim() ?? '') });
  }
  function onKeyDownCapture(event: KeyboardEvent): void {
    if (event.shiftKey && !event.ctrlKey && event.key === 'B' && (event.target as Element).closest('input') === null) {
      const focused = selection.focus === null ? undefined : view.row(selection.focus);
      log.stepMark(event.altKey ? -1 : 1, focused?.seq ?? null);
      event.preventDefault();
      event.stopPropagation();
    }
  }

  const onlyRange = () => void showOnlyRange().catch(() => undefined); // the log went: the list says so
  const isFiltered = partsOf(pane.filter).length > 0;
  const { fromUs, toUs } = pane.filter;
  const isTimeAlone = fromUs !== undefined && toUs !== undefined && pane.mode === 'hide' && !pane.isBeside;
  const filteredTime = isTimeAlone ? { fromUs, toUs } : null;
  const counts = <PaneCounts view={view} isMerged={isMerged} />;
  const { ref: sized, width } = useElementSize<HTMLElement>();
  const name = isMerged ? t('monitor.merged') : (bench.faces.get(source)?.name ?? source);
  const look = {
    columns: columnsWithin(width, { ...display.columns, port: isMerged }),
    mode: display.bytes,
    portLooks: bench.portLooks,
    highlights,
    find: pane.find,
    marks: log.marks,
    onMark: log.mark,
    onOpen: () => showPanel('details'),
  };
  return (
    <section
      ref={sized}
      className={css.pane}
      data-active={(isSplit && isActive) || undefined}
      aria-label={t('monitor.paneOf', { name })}
      onPointerDownCapture={props.onActivate}
      onFocusCapture={props.onActivate}
      onKeyDownCapture={onKeyDownCapture}
    >
      {isSplit && (
        <header className={css.paneHead}>
          {!isMerged && <span className={css.swatch} style={{ background: bench.portLooks(source).colour }} />}
          <b className="truncate">{name}</b>
          <span className="quiet truncate">{counts}</span>
          <span className={css.grow} />
          <button type="button" className={css.closePane} aria-label={t('monitor.closePane', { name })} onClick={props.onClose}>
            <IconX size={13} />
          </button>
        </header>
      )}
      <FilterChips
        filter={pane.filter}
        mode={pane.mode}
        counts={isSplit ? null : counts}
        timeText={timeText}
        onChange={setFilter}
        onMode={(mode) => props.onChange({ ...pane, mode })}
      />
      {display.isHistogramShown && (
        <PaneStrip
          view={view}
          box={box}
          range={range}
          filtered={filteredTime}
          timeText={timeText}
          onJump={(atUs) => void log.goTo({ atUs }).catch(() => undefined)}
          onRange={(next) => void chooseRange(next).catch(() => undefined)}
          onOnly={onlyRange}
        />
      )}
      {problem !== undefined && <ErrorNotice error={problem} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the list inside has the focus and the role; this hears its menu key */}
      <div ref={box} className={`${css.listBox} ${display.isAnsiShown ? '' : css.plain}`} onContextMenu={openMenu}>
        <LogList
          {...look}
          view={view}
          label={t('monitor.logOf', { port: isMerged ? t('monitor.merged') : source })}
          selection={selection}
          onSelect={log.select}
          onCopy={copy}
          {...(log.isPale === undefined ? {} : { isPale: log.isPale })}
          current={search.current?.index ?? null}
          reveal={log.place}
          isFollowing={log.isFollowing}
          onFollow={log.follow}
        />
        {isReady && isEmpty && (
          <div className={css.overlay}>
            {isCleared ? (
              <p>{t('monitor.cleared')}</p>
            ) : isSearching ? (
              <p className={css.searching}>{t('monitor.searching')}</p>
            ) : isFiltered && !pane.isBeside && pane.mode === 'hide' && hasRows ? (
              <p>{t('monitor.noMatch')}</p>
            ) : (
              props.emptyHint
            )}
          </div>
        )}
        <NewLines log={log} />
        {log.isPaused && <span className={css.paused}>{t('monitor.paused')}</span>}
      </div>
      {pane.isBeside && (
        <FilteredHalf {...look} pane={pane} source={source} onChoose={(row) => void log.goTo({ seq: row.seq }).catch(() => undefined)} />
      )}
      <RowMenu
        place={menu}
        isMarked={menu !== null && log.marks.has(menu.row.seq)}
        filter={pane.filter}
        onFilter={setFilter}
        onCopy={() => copy(selection.ranges)}
        onMark={log.mark}
        onDetails={() => showPanel('details')}
        onHighlight={(word) =>
          void save({
            highlights: [
              ...monitor.highlights,
              { name: word.slice(0, 80), pattern: { text: word, isRegexp: false, isCaseSensitive: true }, colour: 'yellow', isOn: true },
            ],
          })
        }
        onClose={() => setMenu(null)}
      />
      {isActive && (
        <PaneKeys {...props} box={box} log={log} visible={visible} onUnzoom={() => setRange(null)} onOnlyRange={onlyRange}>
          {(menus) => (
            <>
              {props.toolSlot !== null &&
                createPortal(
                  <PaneTools
                    {...props}
                    log={log}
                    visible={visible}
                    timeText={timeText}
                    menus={menus}
                    onCopyAll={() => copy([[view.start, view.length - 1]])}
                  />,
                  props.toolSlot,
                )}
              {props.panelSlot !== null &&
                props.panel !== null &&
                createPortal(
                  <PanePanel
                    bench={bench}
                    panel={props.panel}
                    source={source}
                    log={log}
                    timeText={timeText}
                    onFirstError={menus.firstError}
                  />,
                  props.panelSlot,
                )}
            </>
          )}
        </PaneKeys>
      )}
    </section>
  );
}
