import { type LogBytesMode, type LogColumns, usualColumns } from '../../lib/log-columns.ts';
import { storedState } from './stored.ts';

/** Columns and form of the rows, and what stands around them: this reader's taste, the same for every log. */
export interface LogDisplay {
  columns: LogColumns;
  bytes: LogBytesMode;
  isAnsiShown: boolean;
  isHistogramShown: boolean;
  isPortListShown: boolean;
}

export const useDisplay = storedState<LogDisplay>('talkbench.monitor.display', {
  columns: usualColumns,
  bytes: 'text',
  isAnsiShown: true,
  isHistogramShown: true,
  isPortListShown: true,
});

export function setColumns(change: Partial<LogColumns>): void {
  useDisplay.setState(({ columns }) => ({ columns: { ...columns, ...change } }));
}

const hostTimes = ['wall', 'elapsed', 'delta', 'none'] as const;
const bytesModes = ['text', 'mixed', 'hex'] as const;

export function nextHostTime(): void {
  useDisplay.setState(({ columns }) => ({ columns: { ...columns, hostTime: after(hostTimes, columns.hostTime) } }));
}

export function nextBytesMode(): void {
  useDisplay.setState(({ bytes }) => ({ bytes: after(bytesModes, bytes) }));
}

function after<Item>(items: readonly [Item, ...Item[]], item: Item): Item {
  return items[(items.indexOf(item) + 1) % items.length] ?? items[0];
}

/** In a narrow pane the columns beside the text give way to it; both are in the row's details. A width of 0 is not known yet. */
export function columnsWithin(widthPx: number, columns: LogColumns): LogColumns {
  if (widthPx === 0) return columns;
  return {
    ...columns,
    deviceTime: columns.deviceTime && widthPx >= 640,
    tag: columns.tag && widthPx >= (columns.port ? 720 : 520),
  };
}
