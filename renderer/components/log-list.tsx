import { useElementSize, useMergedRef } from '@mantine/hooks';
import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { LogRow } from '../../preload/contract/logs.ts';
import { extendTo, isSelected, type LogSelection, move, selectAll, selectedSeqs, selectOne, toggle } from '../lib/log-selection.ts';
import type { LogStore } from '../lib/log-store.ts';
import type { LogView } from '../lib/log-view.ts';
import { spansOf } from '../lib/text-spans.ts';
import { contentHeight, scrollForIndex, virtualWindow } from '../lib/virtual-window.ts';
import css from './log-list.module.css';

export interface LogListProps {
  store: LogStore;
  view: LogView;
  label: string;
  selection: LogSelection;
  onSelect(selection: LogSelection): void;
  /** Copies these rows' text: all that is selected, on the screen or not. */
  onCopy(seqs: number[]): void;
  timeText(row: LogRow): string;
  isTagShown?: boolean;
  pattern?: RegExp | null;
  /** The row that search stands on, or that belongs to the cursor. */
  currentSeq?: number | null;
  /** Changes bring this row into sight. */
  revealSeq?: number | null;
  isFollowing?: boolean;
  onFollow?(isFollowing: boolean): void;
}

function rowHeight(): number {
  return Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue('--row-height'), 10) || 22;
}

/** A list of log rows of any length: only what is in sight exists, and selection and copying work on the data. */
export function LogList(props: LogListProps) {
  const { store, view, selection, onSelect, isFollowing = false, onFollow, revealSeq = null } = props;
  useSyncExternalStore(
    useCallback((listener) => store.listen(listener), [store]),
    () => store.version,
  );
  const { ref: sized, height } = useElementSize<HTMLDivElement>();
  const box = useRef<HTMLDivElement>(null);
  const merged = useMergedRef(sized, box);
  const [scrollPx, setScrollPx] = useState(0);
  const rowPx = rowHeight();
  const window = virtualWindow(scrollPx, height, view.length, rowPx);
  /** Scrolling that we caused is not the reader leaving the end. */
  const expected = useRef<number | null>(null);

  const scrollTo = useCallback((px: number) => {
    const element = box.current;
    if (element === null) return;
    element.scrollTop = px;
    expected.current = element.scrollTop;
    setScrollPx(element.scrollTop);
  }, []);

  useLayoutEffect(() => {
    if (isFollowing) scrollTo(contentHeight(view.length, rowPx));
  }, [isFollowing, view.length, rowPx, scrollTo]);

  const latest = useRef({ view, height, rowPx });
  useLayoutEffect(() => {
    latest.current = { view, height, rowPx };
  });
  useEffect(() => {
    const { view: shown, height: windowPx, rowPx: row } = latest.current;
    const element = box.current;
    if (revealSeq === null || element === null || windowPx === 0) return;
    const top = scrollForIndex(shown.indexOf(revealSeq), windowPx, shown.length, row);
    if (top < element.scrollTop || top > element.scrollTop + windowPx - row * 2) scrollTo(Math.max(0, top - windowPx / 2));
  }, [revealSeq, scrollTo]);

  function onScroll(): void {
    const element = box.current;
    if (element === null) return;
    setScrollPx(element.scrollTop);
    const wasOurs = expected.current === element.scrollTop;
    expected.current = null;
    if (wasOurs || onFollow === undefined) return;
    const isAtEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - rowPx;
    if (isAtEnd !== isFollowing) onFollow(isAtEnd);
  }

  function onRowClick(event: MouseEvent): void {
    const element = (event.target as Element).closest<HTMLElement>('[data-seq]');
    if (element === null) return;
    const seq = Number(element.dataset.seq);
    if (event.shiftKey) onSelect(extendTo(selection, seq));
    else if (event.ctrlKey || event.metaKey) onSelect(toggle(selection, seq));
    else onSelect(selectOne(seq));
    onFollow?.(false);
  }

  function focusOn(next: LogSelection): void {
    onSelect(next);
    onFollow?.(false);
    const element = box.current;
    if (next.focus === null || element === null) return;
    const top = scrollForIndex(view.indexOf(next.focus), height, view.length, rowPx);
    if (top < element.scrollTop) scrollTo(top);
    else if (top + rowPx * 1.5 > element.scrollTop + height) scrollTo(top - height + rowPx * 1.5);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const isCommand = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor(height / rowPx) - 1);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const step = steps[event.key];
    if (step !== undefined && !isCommand) focusOn(move(selection, view, step, event.shiftKey));
    else if (isCommand && event.key === 'a') onSelect(selectAll(view));
    else if (isCommand && event.key === 'c') props.onCopy(selectedSeqs(selection, view));
    else if (event.key === 'Home') {
      onFollow?.(false);
      scrollTo(0);
    } else if (event.key === 'End') {
      onFollow?.(true);
      scrollTo(contentHeight(view.length, rowPx));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const seqs = Array.from({ length: window.count }, (_, index) => view.seqAt(window.firstIndex + index));
  return (
    <div
      ref={merged}
      className={css.list}
      role="listbox"
      aria-label={props.label}
      aria-multiselectable
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      aria-activedescendant={selection.focus !== null && seqs.includes(selection.focus) ? `row-${selection.focus}` : undefined}
    >
      <div role="presentation" style={{ height: window.contentPx }} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys are handled by the listbox, which has the focus */}
      <div role="presentation" className={css.rows} style={{ top: window.offsetPx }} onClick={onRowClick}>
        {seqs.map((seq, index) => (
          <Row
            key={seq}
            seq={seq}
            row={store.row(seq)}
            position={window.firstIndex + index + 1}
            total={view.length}
            timeText={props.timeText}
            isTagShown={props.isTagShown ?? true}
            pattern={props.pattern ?? null}
            isSelected={isSelected(selection, seq)}
            isFocus={selection.focus === seq}
            isCurrent={props.currentSeq === seq}
          />
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  seq: number;
  row: LogRow | undefined;
  position: number;
  total: number;
  timeText(row: LogRow): string;
  isTagShown: boolean;
  pattern: RegExp | null;
  isSelected: boolean;
  isFocus: boolean;
  isCurrent: boolean;
}

// The total changes with every batch of live rows, and is no reason to draw a row again.
const Row = memo(RowView, (before, after) =>
  (Object.keys(after) as (keyof RowProps)[]).every((name) => name === 'total' || before[name] === after[name]),
);

function RowView({ seq, row, position, total, timeText, isTagShown, pattern, isSelected, isFocus, isCurrent }: RowProps) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: an option of a listbox with aria-activedescendant is not focused itself
    <div
      id={`row-${seq}`}
      data-seq={seq}
      role="option"
      className={css.row}
      aria-selected={isSelected}
      aria-posinset={position}
      aria-setsize={total}
      data-level={row?.level}
      data-direction={row?.direction}
      data-focus={isFocus || undefined}
      data-current={isCurrent || undefined}
    >
      {row === undefined ? (
        <span className={css.time}>…</span>
      ) : (
        <Cells row={row} timeText={timeText} isTagShown={isTagShown} pattern={pattern} />
      )}
    </div>
  );
}

function Cells({ row, timeText, isTagShown, pattern }: Pick<RowProps, 'timeText' | 'isTagShown' | 'pattern'> & { row: LogRow }) {
  // Colours are positions in the whole line; the message is its end.
  const shift = row.text.endsWith(row.message) ? row.text.length - row.message.length : 0;
  const colours = (row.colours ?? []).map(([from, to, sgr]) => [from - shift, to - shift, sgr] as const);
  return (
    <>
      <span className={css.time}>{timeText(row)}</span>
      {isTagShown && <span className={css.device}>{row.deviceMs ?? ''}</span>}
      <span className={css.level}>{row.level?.[0]?.toUpperCase() ?? (row.direction === 'sent' ? '›' : ' ')}</span>
      {isTagShown && (
        <span className={css.tag} title={row.tag ?? row.file}>
          {row.tag ?? row.file ?? ''}
        </span>
      )}
      <span className={css.message}>
        {row.event !== undefined && <span className={css.chip}>{row.event}</span>}
        {spansOf(row.message, colours, pattern).map((span, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: spans have no identity but their place
          <span key={index} className={`${span.isMatch ? css.match : ''} ${span.sgr === null ? '' : (css[`sgr${span.sgr}`] ?? '')}`}>
            {span.text}
          </span>
        ))}
      </span>
    </>
  );
}
