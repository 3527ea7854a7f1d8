import { compilePattern } from '../../preload/contract/log-pattern.ts';
import type { LogFilter, LogRow, LogViewState } from '../../preload/contract/logs.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import type { Lab } from '../../renderer/lib/lab.ts';

export function logRow(seq: number, changes: Partial<LogRow> = {}): LogRow {
  const message = changes.message ?? `line ${seq}`;
  return {
    seq,
    port: `COM${(seq % 3) + 1}`,
    atUs: (seq * 1000) as MonoUs,
    direction: 'received',
    text: message,
    raw: new TextEncoder().encode(`${message}\r\n`),
    grammar: 'plain',
    message,
    ...changes,
  };
}

interface Observer {
  onSnapshot(state: unknown): void;
  onDelta(states: unknown[]): void;
}

interface OpenView {
  id: string;
  filter: LogFilter;
  tail: number;
  rows: LogRow[];
  judgedRows: number;
  tell(state: LogViewState): void;
}

/**
 * The core's side of `logs.view`, over rows that a test appends. As strict as the core: an unknown view is 'not-found', a window is
 * no larger than the contract allows, a broken expression is the view's problem. Nothing is told before `flush`, which is a tick of
 * the core's.
 */
export class LogLab implements Lab {
  rows: LogRow[] = [];
  readonly calls: { name: string; body: Record<string, unknown> }[] = [];
  /** Calls wait for this; a test holds them back with it. */
  gate: Promise<void> = Promise.resolve();
  /** Rows judged in one flush; the others wait. */
  judgedAtOnce = Number.POSITIVE_INFINITY;
  sessionId: string | null = 'session-1';
  readonly #views = new Map<string, OpenView>();
  #opened = 0;

  get openViews(): number {
    return this.#views.size;
  }

  append(count: number, row: (seq: number) => LogRow = logRow): void {
    for (let each = 0; each < count; each++) this.rows.push(row(this.rows.length));
  }

  /** A log that is there already, in every view whole: for tests of lengths that nobody wants to judge. */
  takeAll(rows: LogRow[]): void {
    this.rows = rows;
    for (const view of this.#views.values()) {
      view.rows = rows;
      view.judgedRows = rows.length;
      view.tell(this.#stateOf(view));
    }
  }

  /** Judges what is due and tells every view, as the core does every 33 ms. */
  flush(): void {
    for (const view of this.#views.values()) {
      this.#judge(view);
      view.tell(this.#stateOf(view));
    }
  }

  /** Another session begins: every live view is about other rows. */
  restart(sessionId: string): void {
    this.sessionId = sessionId;
    this.rows.length = 0;
    for (const view of [...this.#views.values()]) {
      this.#views.delete(view.id);
      this.#opened++;
      const fresh = { ...view, id: `view-${this.#opened}`, rows: [], judgedRows: 0 };
      this.#views.set(fresh.id, fresh);
      fresh.tell(this.#stateOf(fresh));
    }
  }

  readonly subscribe = ((name: string, body: { filter?: LogFilter; tail?: number }, observer: Observer) => {
    if (name === 'logs.marks') {
      observer.onSnapshot([]);
      return () => {};
    }
    if (name !== 'logs.view') throw new Error(`no stream ${name}`);
    let isSnapshot = true;
    this.#opened++;
    let view: OpenView = {
      id: `view-${this.#opened}`,
      filter: body.filter ?? {},
      tail: body.tail ?? 0,
      rows: [],
      judgedRows: 0,
      tell: (state) => {
        view = this.#views.get(state.viewId) ?? view;
        if (isSnapshot) observer.onSnapshot(state);
        else observer.onDelta([state]);
        isSnapshot = false;
      },
    };
    this.#views.set(view.id, view);
    this.#judge(view);
    void Promise.resolve().then(() => this.#views.has(view.id) && isSnapshot && view.tell(this.#stateOf(view)));
    return () => void this.#views.delete(view.id);
  }) as unknown as Lab['subscribe'];

  readonly call = (async (name: string, body: Record<string, unknown>, options: { signal?: AbortSignal } = {}) => {
    this.calls.push({ name, body });
    await this.gate;
    if (options.signal?.aborted === true) throw new TalkError('cancelled');
    const view = this.#views.get(body.viewId as string);
    if (view === undefined) throw new TalkError('not-found', { what: 'view', id: body.viewId });
    switch (name) {
      case 'logs.window': {
        const { from, limit } = body as { from: number; limit: number };
        if (limit < 1 || limit > 1000 || from < 0) throw new TalkError('bad-request', { issues: [] });
        return { from, rows: view.rows.slice(from, from + limit) };
      }
      case 'logs.locate': {
        const { seq, atUs } = body as { seq?: number; atUs?: number };
        const found = view.rows.findIndex((row) => (seq === undefined ? row.atUs >= (atUs ?? 0) : row.seq >= seq));
        const row = view.rows[found];
        return { index: row === undefined ? view.rows.length : found, seq: row?.seq ?? null, atUs: row?.atUs ?? null };
      }
      case 'logs.text': {
        const ranges = body.ranges as [number, number][];
        const rows = ranges.flatMap(([from, to]) => view.rows.slice(from, to + 1));
        return { text: rows.map((row) => `${row.text}\n`).join(''), rows: rows.length };
      }
      default:
        throw new TalkError('unknown-call', { name });
    }
  }) as Lab['call'];

  #judge(view: OpenView): void {
    const { filter } = view;
    let wanted: RegExp | null;
    try {
      wanted = filter.pattern === undefined ? null : compilePattern(filter.pattern);
    } catch {
      return; // said in the state
    }
    const to = Math.min(this.rows.length, view.judgedRows + this.judgedAtOnce);
    for (const row of this.rows.slice(view.judgedRows, to))
      if ((filter.ports?.includes(row.port) ?? true) && (wanted?.test(row.text) ?? true)) view.rows.push(row);
    view.judgedRows = to;
  }

  #stateOf({ id, filter, tail, rows, judgedRows }: OpenView): LogViewState {
    const from = Math.max(0, rows.length - tail);
    const state: LogViewState = {
      viewId: id,
      sessionId: this.sessionId,
      isLive: true,
      startedWallMs: Date.UTC(2026, 0, 1),
      length: rows.length,
      totalRows: this.rows.length,
      judgedRows,
      tail: { from, rows: rows.slice(from) },
    };
    try {
      if (filter.pattern !== undefined) compilePattern(filter.pattern);
      return state;
    } catch (error) {
      return { ...state, problem: (error as TalkError).value };
    }
  }
}
