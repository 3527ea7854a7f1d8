import { type KeyboardEvent, type MouseEvent, type PointerEvent, useEffect, useId, useLayoutEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { compilePattern } from '../../preload/contract/log-pattern.ts';
import type { LogMark, LogPattern, LogRow } from '../../preload/contract/logs.ts';
import { type IsPale, type LogBytesMode, type LogColumns, type LogHighlight, type PortLooks, usualColumns } from '../lib/log-columns.ts';
import { useLogState } from '../lib/log-hooks.ts';
import { noticeText } from '../lib/log-notices.ts';
import { extendTo, type LogSelection, move, selectAll, selectOne, toggle } from '../lib/log-selection.ts';
import type { IndexRange, LogView } from '../lib/log-view.ts';
import css from './log-list.module.css';
import { type Drag, followDrag } from './log-list-drag.ts';
import { LogListPainter } from './log-list-painter.ts';
import type { RowLook } from './log-row-element.ts';

/**
 * For screens that show a log:
 *
 *   const view = useLogView({sessionId: null, filter});         // lib/log-hooks.ts; another filter is another view
 *   const [selection, setSelection] = useLogSelection(view);
 *   const search = useLogSearch(view, pattern);                 // .count .current .step(±1, fromIndex)
 *   const marks = useLogMarks(sessionId);
 *   const copy = useLogCopy(view, style);                       // components/log-copy.ts; copy([[0, view.length - 1]]) is all
 *   const newRows = useNewRows(view, isFollowing);
 *   const length = useLogState(view, (each) => each.length);    // never useSyncExternalStore on a view: it changes with every frame
 *   view.freeze() / view.thaw() pause; view.hideBefore(view.length) clears.
 *   <LogList view={view} … current={search.current?.index} reveal={search.current} />
 */
export interface LogListProps {
  view: LogView;
  label: string;
  selection: LogSelection;
  onSelect(selection: LogSelection): void;
  /** Copies all that is selected, on the screen or not. */
  onCopy(ranges: readonly IndexRange[]): void;
  columns?: Partial<LogColumns>;
  mode?: LogBytesMode;
  /** Needed for the port column. Must stay the same function while nothing changes; likewise `isPale`. */
  portLooks?: PortLooks;
  isPale?: IsPale;
  highlights?: readonly LogHighlight[];
  /** Marked in the text, besides the highlights. */
  find?: LogPattern | null;
  /** The row that search stands on, or that belongs to the cursor. */
  current?: number | null;
  /** Another object brings its row into sight. */
  reveal?: { readonly index: number } | null;
  isFollowing?: boolean;
  onFollow?(isFollowing: boolean): void;
  marks?: ReadonlyMap<number, LogMark>;
  /** `B` on the focused row, or a click in the gutter. */
  onMark?(row: LogRow): void;
  /** Enter on the focused row, or a double click. */
  onOpen?(row: LogRow): void;
}

export function LogList(props: LogListProps) {
  const { view, selection, onSelect, isFollowing = false, current = null, marks = noMarks, reveal = null } = props;
  const box = useRef<HTMLDivElement>(null);
  const painter = useRef<LogListPainter>(null);
  const latest = useRef(props);
  const drag = useRef<Drag>(null);
  const idPrefix = `${useId()}row`;
  const look = useRowLook(props);
  const canFollow = props.onFollow !== undefined;

  useLayoutEffect(() => {
    latest.current = props;
  });
  useEffect(() => () => drag.current?.cancel(), []);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const created = new LogListPainter(element, idPrefix, canFollow ? (isOn) => latest.current.onFollow?.(isOn) : null);
    painter.current = created;
    return () => created.dispose();
  }, [idPrefix, canFollow]);
  useLayoutEffect(() => {
    painter.current?.update({ view, selection, look, current, marks, isFollowing });
  }, [view, selection, look, current, marks, isFollowing]);
  useLayoutEffect(() => {
    if (reveal !== null) painter.current?.reveal(reveal.index, 'centre');
  }, [reveal]);

  function focusOn(next: LogSelection): void {
    onSelect(next);
    props.onFollow?.(false);
    if (next.focus !== null) painter.current?.reveal(next.focus, 'nearest');
  }

  function onPointerDown(event: PointerEvent): void {
    const index = indexUnder(event.target);
    const [element, shown] = [box.current, painter.current];
    if (index === null || event.button !== 0 || element === null || shown === null) return;
    // What is pressed must not run away from under the pointer.
    props.onFollow?.(false);
    const anchor = event.shiftKey ? selection : selectOne(index);
    drag.current?.cancel();
    drag.current = followDrag(element, shown, index, (at) => latest.current.onSelect(extendTo(anchor, at)));
  }

  function onClick(event: MouseEvent): void {
    const index = indexUnder(event.target);
    const row = index === null ? undefined : view.row(index);
    if (index === null || drag.current?.hasMoved === true) return;
    if (row !== undefined && props.onMark !== undefined && (event.target as Element).closest(`.${css.gutter}`) !== null) {
      props.onMark(row);
      return;
    }
    // Text that was just marked with the mouse is there to be copied.
    if (window.getSelection()?.isCollapsed === false) return;
    if (event.shiftKey) onSelect(extendTo(selection, index));
    else if (event.ctrlKey || event.metaKey) onSelect(toggle(selection, index));
    else onSelect(selectOne(index));
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (pressed(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  /** False: not a key of the list. */
  function pressed(event: KeyboardEvent): boolean {
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.altKey) return false;
    if (isCommand) return commanded(event);
    const page = painter.current?.windowRows ?? 1;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const step = steps[event.key];
    if (step !== undefined) {
      const from = selection.focus === null && !isFollowing ? selectOne((painter.current?.topIndex ?? 0) - Math.sign(step)) : selection;
      focusOn(move(from, view, step, event.shiftKey));
      return true;
    }
    const focused = selection.focus === null ? undefined : view.row(selection.focus);
    switch (event.key) {
      case 'Home':
      case 'End': {
        const isHome = event.key === 'Home';
        if (event.shiftKey) focusOn(extendTo(selection, isHome ? view.start : Math.max(view.start, view.length - 1)));
        else if (isHome) painter.current?.toStart();
        else painter.current?.toEnd();
        return true;
      }
      case 'Enter':
        if (focused === undefined || props.onOpen === undefined) return false;
        props.onOpen(focused);
        return true;
      case 'b':
      case 'B':
        if (focused === undefined || props.onMark === undefined) return false;
        props.onMark(focused);
        return true;
      default:
        return false;
    }
  }

  function commanded(event: KeyboardEvent): boolean {
    if (event.key === 'a') {
      window.getSelection()?.removeAllRanges();
      onSelect(selectAll(view, selection));
      return true;
    }
    // Text marked with the mouse is the browser's to copy.
    if (event.key !== 'c' || window.getSelection()?.isCollapsed === false) return false;
    props.onCopy(selection.ranges);
    return true;
  }

  function onDoubleClick(event: MouseEvent): void {
    const index = indexUnder(event.target);
    const row = index === null ? undefined : view.row(index);
    if (row === undefined || props.onOpen === undefined) return;
    window.getSelection()?.removeAllRanges();
    props.onOpen(row);
  }

  return (
    <div
      ref={box}
      className={css.list}
      role="listbox"
      aria-label={props.label}
      aria-multiselectable
      tabIndex={0}
      data-time={look.columns.hostTime}
      data-columns={(['deviceTime', 'port', 'level', 'tag'] as const).filter((name) => look.columns[name]).join(' ')}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
    />
  );
}

const noMarks: ReadonlyMap<number, LogMark> = new Map();

function indexUnder(target: EventTarget): number | null {
  const row = (target as Element).closest<HTMLElement>('[data-index]');
  return row === null ? null : Number(row.dataset.index);
}

/** The same object while rows look the same, however often the list is rendered. */
function useRowLook(props: LogListProps): RowLook {
  const { t } = useTranslation();
  const { view, columns, mode = 'text', portLooks = null, isPale = null, highlights, find } = props;
  const startedWallMs = useLogState(view, (each) => each.startedWallMs);
  const key = JSON.stringify([columns, highlights, find]);
  return useMemo(() => {
    const [own, rules, sought] = JSON.parse(key) as [Partial<LogColumns> | null, LogHighlight[] | null, LogPattern | null];
    return {
      columns: { ...usualColumns, ...own },
      mode,
      portLooks,
      isPale,
      highlights: (rules ?? []).flatMap(({ pattern, colour }) => {
        const expression = marking(pattern);
        return expression === null ? [] : [{ expression, colour }];
      }),
      find: sought === null ? null : marking(sought),
      startedWallMs,
      words: { bookmark: t('log.bookmark'), repeated: (count) => t('log.repeated', { count }), notice: (row) => noticeText(t, row) },
    };
  }, [key, mode, portLooks, isPale, startedWallMs, t]);
}

/** A half-typed expression marks nothing. */
function marking(pattern: LogPattern): RegExp | null {
  if (pattern.text === '') return null;
  try {
    return compilePattern(pattern, 'g');
  } catch {
    return null;
  }
}
