import { compilePattern } from '../../preload/contract/log-pattern.ts';
import type { LogPattern } from '../../preload/contract/logs.ts';
import type { TalkErrorValue } from '../../preload/contract/talk-error.ts';
import type { LogView, LogViewRequest } from './log-view.ts';
import { atNextTick, forgetTick, type Tick } from './ticks.ts';

export interface LogMatch {
  /** Which of the matches, from 0. */
  number: number;
  seq: number;
  /** Where it stands in the view that is searched. */
  index: number;
}

export interface LogSearchState {
  count: number;
  /** Older rows are still being looked through: there may be more. */
  isSearching: boolean;
  /** The expression is not one. */
  problem: TalkErrorValue | undefined;
  current: LogMatch | null;
}

export const noSearch: LogSearchState = { count: 0, isSearching: false, problem: undefined, current: null };

function sourceOf({ text, isRegexp, isCaseSensitive }: LogPattern): string {
  const source = isRegexp ? text : text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return isCaseSensitive ? `(?:${source})` : `(?i:${source})`;
}

/** Both in one text, in any order. A filter has one pattern; a search in filtered rows has two. */
export function bothPatterns(first: LogPattern | undefined, second: LogPattern): LogPattern {
  if (first === undefined || first.text === '' || JSON.stringify(first) === JSON.stringify(second)) return second;
  try {
    compilePattern(second);
  } catch {
    return second; // its own fault is what the reader should hear of
  }
  return { text: `^(?=.*?${sourceOf(second)})(?=.*?${sourceOf(first)})`, isRegexp: true, isCaseSensitive: true };
}

/** The rows of a view in which a pattern is found, as a view. They are only counted and gone to, so none comes along. */
export function matchesOf(request: LogViewRequest, pattern: LogPattern): LogViewRequest {
  return { ...request, filter: { ...request.filter, pattern: bothPatterns(request.filter?.pattern, pattern) }, tail: 0 };
}

/** Walks through the matches of a search: a second view beside the one that is read, joined by seq. */
export class LogSearch {
  readonly matches: LogView;
  readonly #view: LogView;
  readonly #listeners = new Set<Tick>();
  #state: LogSearchState = { ...noSearch, isSearching: true };
  #generations = '';
  #hiddenBefore = 0;
  /** A step asked for before there was a match: taken when one comes. */
  #early: { by: 1 | -1; fromIndex: number } | null = null;
  #steps: Promise<void> = Promise.resolve();

  constructor(view: LogView, matches: LogView) {
    this.#view = view;
    this.matches = matches;
  }

  readonly get = (): LogSearchState => this.#state;

  readonly listen = (listener: Tick): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Begins to search; returns its stop. */
  start(): () => void {
    const close = this.matches.open();
    const stops = [this.matches.listen(() => this.#changed()), this.#view.listen(() => this.#changed())];
    return () => {
      for (const stop of stops) stop();
      forgetTick(this.#tellCount);
      close();
    };
  }

  /** To the next (1) or previous (−1) match: from the one it stands on, else from where the reader is. Around at the ends. */
  step(by: 1 | -1, fromIndex: number): Promise<void> {
    this.#steps = this.#steps.then(() => this.#step(by, fromIndex)).catch(() => undefined); // not reachable: it stays where it is
    return this.#steps;
  }

  async #step(by: 1 | -1, fromIndex: number): Promise<void> {
    const { start, length, isReady } = this.matches;
    if (length <= start) {
      this.#early = !isReady || this.#isSearching() ? { by, fromIndex } : null;
      return;
    }
    const { current } = this.#state;
    const wanted = current === null ? await this.#nearest(by, fromIndex) : current.number + by;
    const number = wanted < start ? length - 1 : wanted >= length ? start : wanted;
    const [row] = await this.matches.rows(number, 1);
    if (row === undefined) return;
    const { index } = await this.#view.locate({ seq: row.seq });
    this.#tell({ current: { number, seq: row.seq, index } });
  }

  /** The first match at or after the reader, or the last before. */
  async #nearest(by: 1 | -1, fromIndex: number): Promise<number> {
    const [row] = await this.#view.rows(fromIndex, 1);
    if (row === undefined) return by > 0 ? this.matches.start : this.matches.length - 1;
    const place = await this.matches.locate({ seq: row.seq });
    return by > 0 ? place.index : place.index - 1;
  }

  #isSearching(): boolean {
    return !this.matches.isReady ? this.matches.problem === undefined : this.matches.judgedRows < this.matches.totalRows;
  }

  #changed(): void {
    const generations = `${this.matches.generation} ${this.#view.generation}`;
    if (generations !== this.#generations) {
      this.#generations = generations;
      this.#hiddenBefore = 0;
      this.#tell({ current: null });
    }
    if (this.#view.isFrozen && !this.matches.isFrozen) this.matches.freeze();
    if (!this.#view.isFrozen && this.matches.isFrozen) this.matches.thaw();
    if (this.#view.start !== this.#hiddenBefore) void this.#hide(this.#view.start);
    if (this.#early !== null && (this.matches.length > this.matches.start || !this.#isSearching())) {
      const { by, fromIndex } = this.#early;
      this.#early = null;
      void this.step(by, fromIndex); // never rejects
    }
    atNextTick(this.#tellCount);
  }

  /** What is cleared out of the view is not among the matches either. */
  async #hide(start: number): Promise<void> {
    this.#hiddenBefore = start;
    try {
      const [row] = start < this.#view.length ? await this.#view.rows(start, 1) : [];
      const place = row === undefined ? { index: this.matches.liveLength } : await this.matches.locate({ seq: row.seq });
      this.matches.hideBefore(start === 0 ? 0 : place.index);
    } catch {
      // The connection is gone; with the next one the views start over.
    }
  }

  readonly #tellCount: Tick = (isRunning) => this.#tell({}, isRunning);

  #tell(changes: Partial<LogSearchState>, isRunning = false): void {
    const { matches } = this;
    this.#state = {
      current: this.#state.current,
      ...changes,
      count: Math.max(0, matches.length - matches.start),
      isSearching: this.#isSearching(),
      problem: matches.problem,
    };
    for (const listener of this.#listeners) listener(isRunning);
  }
}
