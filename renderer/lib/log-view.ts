import type { LogFilter, LogLevel, LogRow } from '../../preload/contract/logs.ts';

/** What of a log is shown: every row from `fromSeq` on, or only those in `seqs` (ascending). Index ↔ seq. */
export interface LogView {
  readonly length: number;
  seqAt(index: number): number;
  /** Where `seq` stands, or where it would. */
  indexOf(seq: number): number;
}

export function wholeView(totalRows: number, fromSeq = 0): LogView {
  return {
    length: Math.max(0, totalRows - fromSeq),
    seqAt: (index) => fromSeq + index,
    indexOf: (seq) => Math.max(0, seq - fromSeq),
  };
}

function firstNotBelow(seqs: readonly number[], seq: number): number {
  let [low, high] = [0, seqs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seqs[middle] ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function filteredView(seqs: readonly number[], fromSeq = 0): LogView {
  const skipped = firstNotBelow(seqs, fromSeq);
  return {
    length: seqs.length - skipped,
    seqAt: (index) => seqs[skipped + index] ?? -1,
    indexOf: (seq) => Math.max(0, firstNotBelow(seqs, seq) - skipped),
  };
}

export const levels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'verbose'];

/** The pattern of a filter's text, or null when it has none or is not a valid expression. */
export function patternOf(filter: LogFilter, flags = ''): RegExp | null {
  if (filter.text === undefined || filter.text === '') return null;
  const source = filter.isRegexp ? filter.text : filter.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  try {
    return new RegExp(source, `${filter.isCaseSensitive ? '' : 'i'}u${flags}`);
  } catch {
    return null;
  }
}

/** The same decision as the store's scan, for rows that have just come. A row without a level passes no threshold. */
export function matches(filter: LogFilter, pattern: RegExp | null, row: LogRow): boolean {
  if (filter.minimumLevel !== undefined)
    if (row.level === undefined || levels.indexOf(row.level) > levels.indexOf(filter.minimumLevel)) return false;
  return filter.text === undefined || filter.text === '' || (pattern?.test(row.text) ?? false);
}
