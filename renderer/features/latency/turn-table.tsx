import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LatencyMetric, LatencyRow, TurnOrder } from '../../../preload/contract/latency.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { errorValueOf } from '../../lib/errors.ts';
import { contentHeight, indexAtScroll, scrollForIndex } from '../../lib/virtual-window.ts';
import css from './latency.module.css';
import type { Asked } from './latency-data.ts';
import { placeText, type TurnPlace } from './latency-link.ts';
import { columns, metricName, msText, ownerOf, parts, shortName } from './latency-words.ts';
import { useTurnPages } from './turn-pages.ts';
import table from './turn-table.module.css';

const rowPx = 24;
const headPx = 26;
const margin = 8;

interface TurnTableProps {
  asked: Asked;
  order: TurnOrder;
  metric: LatencyMetric;
  selected: TurnPlace | null;
  marked: ReadonlyMap<string, LatencyRow>;
  onOrder(order: TurnOrder): void;
  onSelect(row: LatencyRow): void;
  onMark(row: LatencyRow): void;
  onOpen(row: LatencyRow): void;
}

/** Turns of all sessions, one a row, its parts beside each other; only the rows in sight are drawn and known. */
export function TurnTable({ asked, order, metric, selected, marked, onOrder, onSelect, onMark, onOpen }: TurnTableProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, heightPx: 480 });
  // The height stays while the next page is fetched.
  const [total, setTotal] = useState(0);
  const orderKey = `${order.by} ${order.isDescending}`;
  // Another order begins at its top.
  const [pointed, setPointed] = useState({ orderKey, index: null as number | null });
  const cursor = pointed.orderKey === orderKey ? pointed.index : null;
  const setCursor = (index: number) => setPointed({ orderKey, index });
  const rowsInSight = Math.ceil(seen.heightPx / rowPx);
  const first = Math.max(0, Math.floor(indexAtScroll(seen.top, seen.heightPx, total, rowPx)) - margin);
  const pages = useTurnPages(asked, order, { first, last: first + rowsInSight + 2 * margin });
  if (pages.total !== undefined && pages.total !== total) setTotal(pages.total);
  const isExtra = !columns.some((column) => column === metric);
  const shown: readonly LatencyMetric[] = isExtra ? [...columns, metric] : columns;
  const last = Math.min(total, first + rowsInSight + 2 * margin);
  const longest = longestOf(Array.from({ length: Math.max(0, last - first) }, (_, i) => pages.row(first + i)));
  const selectedText = selected === null ? null : placeText(selected);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setSeen({ top: element.scrollTop, heightPx: element.clientHeight - headPx }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another order begins at its top
  useEffect(() => {
    if (box.current !== null) box.current.scrollTop = 0;
  }, [orderKey]);

  function onKeyDown(event: KeyboardEvent): void {
    // The headings' buttons have keys of their own.
    if (event.target instanceof Element && event.target.closest('button') !== null) return;
    const row = cursor === null ? undefined : pages.row(cursor);
    if (row !== undefined && (event.key === ' ' || event.key === 'Enter')) {
      event.preventDefault();
      if (event.key === ' ') onMark(row);
      else onOpen(row);
      return;
    }
    const at = cursor ?? -1;
    const targets: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + rowsInSight - 1,
      PageUp: at - rowsInSight + 1,
      Home: 0,
      End: total - 1,
    };
    const wanted = targets[event.key];
    const element = box.current;
    if (wanted === undefined || element === null || total === 0) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(total - 1, wanted));
    const top = indexAtScroll(element.scrollTop, seen.heightPx, total, rowPx);
    const inSight = seen.heightPx / rowPx;
    if (index < top) element.scrollTop = scrollForIndex(index, seen.heightPx, total, rowPx);
    else if (index + 1 > top + inSight) element.scrollTop = scrollForIndex(index + 1 - inSight, seen.heightPx, total, rowPx);
    setCursor(index);
    const next = pages.row(index);
    if (next !== undefined) onSelect(next);
  }

  if (pages.error !== null)
    return (
      <div className={css.page}>
        <ErrorNotice error={errorValueOf(pages.error)} />
      </div>
    );
  const topIndex = indexAtScroll(seen.top, seen.heightPx, total, rowPx);
  return (
    // biome-ignore lint/a11y/useSemanticElements: only the rows in sight are there, each placed by itself
    <div
      ref={box}
      className={table.box}
      role="grid"
      aria-label={t('latency.tab.turns')}
      aria-rowcount={total + 1}
      aria-activedescendant={cursor === null ? undefined : `latency-turn-${cursor}`}
      tabIndex={0}
      data-testid="latency-turns"
      onKeyDown={onKeyDown}
      onScroll={(event) => setSeen({ top: event.currentTarget.scrollTop, heightPx: event.currentTarget.clientHeight - headPx })}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: as its rows */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: its buttons have the focus */}
      <div className={table.head} role="row" aria-rowindex={1} data-extra={isExtra || undefined}>
        <Column by="order" name={t('latency.turn')} order={order} onOrder={onOrder} isLeft />
        <Heading>{t('latency.said')}</Heading>
        <Heading>{t('latency.parts')}</Heading>
        {shown.map((column) => (
          <Column key={column} by={column} name={shortName(t, column)} title={metricName(t, column)} order={order} onOrder={onOrder} />
        ))}
      </div>
      <div style={{ height: contentHeight(total, rowPx), position: 'relative' }} role="presentation">
        {Array.from({ length: Math.max(0, last - first) }, (_, i) => {
          const index = first + i;
          const row = pages.row(index);
          const place = row === undefined ? null : placeText(row);
          return (
            // biome-ignore lint/a11y/useSemanticElements: as the grid
            // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys
            <div
              key={index}
              id={`latency-turn-${index}`}
              role="row"
              tabIndex={-1}
              aria-rowindex={index + 2}
              aria-selected={place !== null && place === selectedText}
              className={table.row}
              data-extra={isExtra || undefined}
              data-marked={(place !== null && marked.has(place)) || undefined}
              style={{ top: seen.top + (index - topIndex) * rowPx }}
              onClick={(event) => {
                setCursor(index);
                box.current?.focus({ preventScroll: true });
                if (row === undefined) return;
                if (event.ctrlKey || event.metaKey) onMark(row);
                onSelect(row);
              }}
              onDoubleClick={() => row !== undefined && onOpen(row)}
            >
              {row !== undefined && (
                <Cells
                  row={row}
                  shown={shown}
                  longestMs={longest}
                  session={asked.ids.length > 1 ? asked.ids.indexOf(row.sessionId) + 1 : null}
                />
              )}
            </div>
          );
        })}
        {pages.total === 0 && <p className={css.centre}>{t('latency.noTurns')}</p>}
      </div>
    </div>
  );
}

interface ColumnProps {
  by: TurnOrder['by'];
  name: string;
  title?: string;
  order: TurnOrder;
  isLeft?: boolean;
  onOrder(order: TurnOrder): void;
}

function Column({ by, name, title, order, isLeft, onOrder }: ColumnProps) {
  const { t } = useTranslation();
  const isSorted = order.by === by;
  const full = title ?? name;
  return (
    <Heading isLeft={isLeft} sort={isSorted ? (order.isDescending ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        title={t('latency.sortBy', { name: full })}
        onClick={() => onOrder({ by, isDescending: isSorted ? !order.isDescending : by !== 'order' })}
      >
        {isSorted && <span aria-hidden>{order.isDescending ? '▾' : '▴'}</span>}
        {name}
      </button>
    </Heading>
  );
}

function Heading({
  isLeft,
  sort,
  children,
}: {
  isLeft?: boolean | undefined;
  sort?: 'ascending' | 'descending' | 'none';
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows that are placed one by one are no table's
    // biome-ignore lint/a11y/useFocusableInteractive: where a column can be sorted by, its button has the focus
    <span role="columnheader" data-left={isLeft} aria-sort={sort}>
      {children}
    </span>
  );
}

interface CellsProps {
  row: LatencyRow;
  shown: readonly LatencyMetric[];
  /** The longest bar in sight. */
  longestMs: number;
  /** Which of several chosen ones, from 1. */
  session: number | null;
}

function Cells({ row, shown, longestMs, session }: CellsProps) {
  const { t } = useTranslation();
  const unexplained = row.values.unexplained ?? 0;
  const lost = row.outcome === 'failed' ? t('latency.failed') : t('latency.unanswered');
  const said = row.userText === '' ? t(`session.initiator.${row.initiator}`) : row.userText;
  return (
    <>
      <Cell className="mono" title={row.sessionId}>
        {session !== null && <span className="quiet">{session}·</span>}
        {row.turnId}
      </Cell>
      <Cell className="truncate" title={said}>
        {said}
      </Cell>
      <Cell>
        <span className={table.bar} style={{ width: `${Math.min(100, (barMs(row) / longestMs) * 100)}%` }} aria-hidden>
          {parts.map((part) => (
            <span key={part} className={css.owned} data-owner={ownerOf[part]} style={{ flex: row.values[part] ?? 0 }} />
          ))}
          {unexplained > 0 && <span data-unexplained style={{ flex: unexplained }} />}
        </span>
      </Cell>
      {shown.map((metric) => {
        const value = row.values[metric];
        const isLost = metric === 'v2v_device' && row.isCensored && value === undefined;
        return isLost ? (
          <Cell key={metric} className={`${table.number} ${table.bad} truncate`} title={lost}>
            {lost}
          </Cell>
        ) : (
          <Cell key={metric} className={table.number}>
            {value === undefined ? '' : msText(value)}
          </Cell>
        );
      })}
    </>
  );
}

function Cell({ className, title, children }: { className?: string | undefined; title?: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows that are placed one by one are no table's
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, and steps from row to row
    <span role="gridcell" className={className} title={title}>
      {children}
    </span>
  );
}

/** What is drawn of it: the whole, or the parts that are known. */
function barMs(row: LatencyRow): number {
  return row.values.v2v_device ?? parts.reduce((sum, part) => sum + (row.values[part] ?? 0), 0);
}

function longestOf(rows: readonly (LatencyRow | undefined)[]): number {
  return Math.max(1, ...rows.flatMap((row) => (row === undefined ? [] : barMs(row))));
}
