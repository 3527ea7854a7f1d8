import type { CallReply } from '../../preload/contract/index.ts';
import type { LogFilter, LogRow, LogTextStyle, LogViewState } from '../../preload/contract/logs.ts';
import { TalkError, type TalkErrorValue } from '../../preload/contract/talk-error.ts';
import { beginWork, inNextFrame } from './idle.ts';
import type { Lab } from './lab.ts';
import { LogPages, pageRows } from './log-pages.ts';

export interface LogViewRequest {
  /** Null: the live log, whichever session it goes to. */
  sessionId: string | null;
  filter?: LogFilter;
  /** So many of the newest rows come along with each change. */
  tail?: number;
}

export type IndexRange = readonly [from: number, to: number];

export type LogPlace = CallReply<'logs.locate'>;

const emptyState: LogViewState = {
  viewId: '',
  sessionId: null,
  isLive: false,
  startedWallMs: 0,
  length: 0,
  totalRows: 0,
  judgedRows: 0,
  tail: { from: 0, rows: [] },
};

/** Each state replaces the one before it, so a page that cannot keep up should get fewer, not the same ones later. */
const statesAhead = 2;
/** The end of a log is looked at most, and comes along with its changes: a screen of rows and some. */
const defaultTail = 100;

const pagesAtOnce = 8;

interface Loading {
  abort: AbortController;
  done: Promise<void>;
  /** Somebody waits for these rows, wherever the reader looks meanwhile. */
  isAwaited: boolean;
}

/**
 * A window onto a log that the core holds. Rows are known by their index, which never moves while `generation` is the same; a few
 * thousand around the reader are kept here. Rows are asked for with `want` (what is looked at) or `rows`; whoever listens is told
 * at most once a frame. Open while anybody has it open: `open` returns its close.
 */
export class LogView {
  readonly request: LogViewRequest;
  readonly #lab: Lab;
  readonly #pages = new LogPages();
  readonly #loading = new Map<number, Loading>();
  readonly #listeners = new Set<(isByReader: boolean) => void>();
  #isByReader = false;
  #state = emptyState;
  #generation = 0;
  #version = 0;
  #frozenLength: number | null = null;
  #start = 0;
  #users = 0;
  #unsubscribe: (() => void) | null = null;
  #cancelFrame: (() => void) | null = null;

  constructor(lab: Lab, request: LogViewRequest) {
    this.#lab = lab;
    this.request = request;
  }

  /** The core has answered. Before that there are no rows, which does not mean that the log has none. */
  get isReady(): boolean {
    return this.#state !== emptyState;
  }
  /** Rows shown: those there are, or those there were when it was frozen. */
  get length(): number {
    return this.#frozenLength ?? this.#state.length;
  }
  /** Rows there are, frozen or not. */
  get liveLength(): number {
    return this.#state.length;
  }
  /** The first row shown; those before it were cleared away, and keep their indices. */
  get start(): number {
    return Math.min(this.#start, this.length);
  }
  get isFrozen(): boolean {
    return this.#frozenLength !== null;
  }
  /** Null: rows that no session records. */
  get sessionId(): string | null {
    return this.#state.sessionId;
  }
  get isLive(): boolean {
    return this.#state.isLive;
  }
  /** Wall time of `atUs` 0. */
  get startedWallMs(): number {
    return this.#state.startedWallMs;
  }
  get totalRows(): number {
    return this.#state.totalRows;
  }
  /** Fewer than `totalRows` while older rows are still being looked through. */
  get judgedRows(): number {
    return this.#state.judgedRows;
  }
  /** Why the filter cannot be applied, where it cannot. */
  get problem(): TalkErrorValue | undefined {
    return this.#state.problem;
  }
  /** Another one means that every index is about other rows. */
  get generation(): number {
    return this.#generation;
  }
  /** Changes with everything that is told to listeners. */
  get version(): number {
    return this.#version;
  }

  open(): () => void {
    if (this.#users++ === 0) this.#subscribe();
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      if (--this.#users === 0) this.#close();
    };
  }

  /** `isByReader`: something was done to the view (paused, cleared), not only in the log. */
  readonly listen = (listener: (isByReader: boolean) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Rows that come from now on are counted but not shown. The recording goes on. */
  freeze(): void {
    this.#frozenLength ??= this.#state.length;
    this.#changed(true);
  }

  thaw(): void {
    this.#frozenLength = null;
    this.#changed(true);
  }

  /** Takes the rows before `index` out of sight (0: nothing), not out of the log. */
  hideBefore(index: number): void {
    this.#start = index;
    this.#changed(true);
  }

  /** The row, if it is here. */
  row(index: number): LogRow | undefined {
    return index < 0 || index >= this.length ? undefined : this.#pages.row(index);
  }

  repeats(index: number): number {
    return this.#pages.repeats(index);
  }

  /** What the reader sees, [from, to), and which way they move: fetches it and the page after it, gives up on what they left. */
  want(from: number, to: number, direction: -1 | 0 | 1 = 0): void {
    const wanted = new Set<number>();
    for (let number = Math.floor(from / pageRows); number * pageRows < to; number++) wanted.add(number);
    if (direction !== 0) wanted.add(Math.floor((direction > 0 ? to : from) / pageRows) + direction);
    for (const [number, { abort, isAwaited }] of this.#loading) if (!wanted.has(number) && !isAwaited) abort.abort();
    for (const number of wanted) {
      const first = number * pageRows;
      const isSeen = first < to && first + pageRows > from;
      const [low, high] = isSeen ? [Math.max(first, from), Math.min(first + pageRows, to)] : [first, first + pageRows];
      if (number >= 0 && this.#pages.isMissing(low, Math.min(high, this.length))) void this.#load(number, false);
    }
  }

  /** Rows from `from` on, loaded where needed; fewer at the end, or where one could not be kept. Rejects with a TalkError. */
  async rows(from: number, limit: number): Promise<LogRow[]> {
    const to = Math.min(from + limit, this.length);
    const found: LogRow[] = [];
    // Some pages at a time: a long read is bound by the replies, not by their delay, and does not outgrow what is kept.
    for (let low = from; low < to; ) {
      const high = Math.min(to, (Math.floor(low / pageRows) + pagesAtOnce) * pageRows);
      await Promise.all(this.#pagesOf(low, high).map((number) => this.#load(number, true)));
      for (let index = low; index < high; index++) {
        const row = this.#pages.row(index);
        if (row !== undefined) found.push(row);
      }
      low = high;
    }
    return found;
  }

  /** Resolves when every row there was has been judged. Rejects with the view's problem, or 'cancelled'. */
  judged(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const { problem } = this;
        if (problem !== undefined) settle(() => reject(TalkError.from(problem)));
        else if (signal?.aborted === true) settle(() => reject(new TalkError('cancelled')));
        else if (this.isReady && this.judgedRows >= this.totalRows) settle(resolve);
      };
      const settle = (how: () => void): void => {
        stop();
        signal?.removeEventListener('abort', look);
        how();
      };
      const stop = this.listen(look);
      signal?.addEventListener('abort', look);
      look();
    });
  }

  /** The first row at or after a seq or a session time; `seq` is null past the end. Rejects with a TalkError. */
  locate(what: { seq: number } | { atUs: number }): Promise<LogPlace> {
    return this.#lab.call('logs.locate', { viewId: this.#state.viewId, ...what });
  }

  /** Every row of these ranges, both ends included, as text. Rejects with a TalkError, 'too-large' among them. */
  text(ranges: readonly IndexRange[], style: Partial<LogTextStyle>): Promise<CallReply<'logs.text'>> {
    return this.#lab.call('logs.text', { viewId: this.#state.viewId, ranges: ranges.map(([from, to]) => [from, to]), style });
  }

  histogram(buckets: number, bounds: { fromUs?: number; toUs?: number } = {}): Promise<CallReply<'logs.histogram'>> {
    return this.#lab.call('logs.histogram', { viewId: this.#state.viewId, buckets, ...bounds });
  }

  /** Pages of [from, to) in which something is missing. */
  #pagesOf(from: number, to: number): number[] {
    const numbers: number[] = [];
    for (let number = Math.floor(from / pageRows); number * pageRows < to; number++)
      if (this.#pages.isMissing(Math.max(from, number * pageRows), Math.min(to, (number + 1) * pageRows))) numbers.push(number);
    return numbers;
  }

  #subscribe(): void {
    this.#unsubscribe = this.#lab.subscribe(
      'logs.view',
      { tail: defaultTail, ...this.request },
      {
        onSnapshot: (state) => this.#take(state),
        onDelta: (states) => {
          for (const state of states) this.#take(state);
        },
        // The request itself was refused: a view with nothing in it that says why.
        onEnd: (error) => {
          if (error === null) return;
          this.#state = { ...this.#state, problem: error.value };
          this.#changed();
        },
      },
      { creditItems: statesAhead },
    );
  }

  #close(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#cancelFrame?.();
    this.#cancelFrame = null;
    for (const { abort } of this.#loading.values()) abort.abort();
  }

  #take(state: LogViewState): void {
    if (state.viewId !== this.#state.viewId) {
      this.#generation++;
      this.#pages.clear();
      this.#frozenLength = null;
      this.#start = 0;
      for (const { abort } of this.#loading.values()) abort.abort();
      this.#loading.clear();
    }
    this.#state = state;
    this.#pages.put(state.tail.from, state.tail.rows, state.tail.repeats);
    this.#changed();
  }

  #load(number: number, isAwaited: boolean): Promise<void> {
    const known = this.#loading.get(number);
    if (known !== undefined) {
      known.isAwaited ||= isAwaited;
      return known.done;
    }
    const abort = new AbortController();
    const loading: Loading = { abort, isAwaited, done: this.#fetch(number, abort.signal) };
    // What is only looked at is shown as missing, and asked for again when it is looked at again.
    loading.done.catch(() => undefined).finally(() => this.#loading.get(number) === loading && this.#loading.delete(number));
    this.#loading.set(number, loading);
    return loading.done;
  }

  async #fetch(number: number, signal: AbortSignal): Promise<void> {
    const done = beginWork();
    const generation = this.#generation;
    const { viewId, length } = this.#state;
    try {
      const { from, rows, repeats } = await this.#lab.call('logs.window', { viewId, from: number * pageRows, limit: pageRows }, { signal });
      if (generation !== this.#generation) return;
      this.#pages.put(from, rows, repeats);
      this.#pages.asked(number, Math.min((number + 1) * pageRows, length));
      this.#changed();
    } finally {
      done();
    }
  }

  #changed(isByReader = false): void {
    if (this.#users === 0) return;
    this.#isByReader ||= isByReader;
    this.#cancelFrame ??= inNextFrame(() => {
      this.#cancelFrame = null;
      this.#version++;
      const told = this.#isByReader;
      this.#isByReader = false;
      for (const listener of this.#listeners) listener(told);
    });
  }
}
