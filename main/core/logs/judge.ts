import type { LogFilter } from '../../../preload/contract/logs.ts';
import { withDeadline } from './deadline.ts';
import { rowMatcher } from './filter.ts';
import type { BookRow } from './row.ts';

/**
 * What one flush's rows may take on the core's own thread: a millisecond or two, but the machine may be busy. Older rows are judged
 * on the store's threads, which may take longer.
 */
const LIMIT_MS = 500;

/** A row that is wanted, or (`isCounted`) one that only repeats the wanted row before it of its port. */
export type TakeRow = (row: BookRow, isCounted: boolean) => void;

/** No filter at all: every row, each at its own seq. */
export function wantsAll({
  ports,
  directions,
  minimumLevel,
  tagLevels,
  tags,
  events,
  pattern,
  exclude,
  fromUs,
  toUs,
  collapseRepeats,
}: LogFilter): boolean {
  const isAbsent = [ports, directions, minimumLevel, tagLevels, tags, events, fromUs, toUs].every((part) => part === undefined);
  const hasText = [pattern, ...(exclude ?? [])].some((each) => each !== undefined && each.text !== '');
  return isAbsent && !hasText && collapseRepeats !== true;
}

/**
 * Goes through rows in order, for a filter. A repeat is only counted when the row that it repeats was wanted too: a search for what
 * differs between them, a time in the prefix, finds both.
 */
export class Judge {
  readonly #matches: (row: BookRow) => boolean;
  readonly #isCollapsing: boolean;
  readonly #mayHang: boolean;
  #wanted = new Set<string>();

  /** Throws TalkError 'bad-request' for an expression that is none. */
  constructor(filter: LogFilter) {
    this.#matches = rowMatcher(filter);
    this.#isCollapsing = filter.collapseRepeats === true;
    this.#mayHang = [filter.pattern, ...(filter.exclude ?? [])].some((each) => each?.isRegexp === true && /[*+?{]/.test(each.text));
  }

  /** Ports whose newest row was wanted: what to go on with, when other rows are judged elsewhere in between. */
  get wantedPorts(): readonly string[] {
    return [...this.#wanted];
  }

  set wantedPorts(ports: readonly string[]) {
    this.#wanted = new Set(ports);
  }

  /** Throws TalkError 'timeout' when an expression takes too long; rows before that one have been taken. */
  judge(rows: readonly BookRow[], take: TakeRow): void {
    if (rows.length === 0) return;
    if (this.#mayHang) withDeadline('logs.view', LIMIT_MS, () => this.#judge(rows, take));
    else this.#judge(rows, take);
  }

  #judge(rows: readonly BookRow[], take: TakeRow): void {
    for (const row of rows) {
      const isWanted = this.#matches(row);
      if (isWanted) take(row, this.#isCollapsing && row.isRepeat && this.#wanted.has(row.port));
      if (!this.#isCollapsing) continue;
      if (isWanted) this.#wanted.add(row.port);
      else this.#wanted.delete(row.port);
    }
  }
}
