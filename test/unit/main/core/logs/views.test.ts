import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rowMatcher } from '../../../../../main/core/logs/filter.ts';
import { LogBook } from '../../../../../main/core/logs/log-book.ts';
import { createLogs, type Logs } from '../../../../../main/core/logs/logs.ts';
import type { BookRow, ParsedRow } from '../../../../../main/core/logs/row.ts';
import { type LogFilter, type LogLevel, type LogViewState, logFilter } from '../../../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

const context = { signal: new AbortController().signal, role: 'operator' } as const;
/** So few rows are in memory that most of any log is not. */
const RECENT_ROWS = 12;

let bench: TestBench;
let book: LogBook;
let logs: Logs;
/** Every row of the log under way, as it was numbered. */
let all: BookRow[];

beforeEach(async () => {
  bench = await openTestBench();
  book = new LogBook({ clock: bench.clock, recorder: bench.recorder, recentRows: RECENT_ROWS });
  logs = createLogs({ clock: bench.clock, book, store: bench.store, log: silentLog, secrets: async () => ['hunter2secret'] });
  all = [];
  book.listen({
    onRows: (rows) => all.push(...rows.map((row) => ({ ...row }))),
    onRestart: () => {
      all = [];
    },
  });
});
afterEach(() => bench.close());

interface RowIdea {
  port: string;
  /** Later or earlier than now. */
  lateUs: number;
  level: LogLevel | undefined;
  tag: string | undefined;
  message: string;
  isSent: boolean;
}

function parsed({ port, lateUs, level, tag, message, isSent }: RowIdea): ParsedRow {
  const atUs = (bench.clock.nowUs() - lateUs) as MonoUs;
  const text = `${tag ?? ''}(${atUs}) ${message}`;
  const raw = new Uint8Array(Buffer.from(`${text}\n`));
  const offset = bench.recorder.raw({ port, direction: isSent ? 'sent' : 'received', atUs, bytes: raw });
  return {
    port,
    atUs,
    direction: isSent ? 'sent' : 'received',
    text,
    raw,
    offset,
    grammar: 'plain',
    message,
    ...(level === undefined ? {} : { level }),
    ...(tag === undefined ? {} : { tag }),
  };
}

const row = (message: string, more: Partial<RowIdea> = {}) =>
  parsed({ port: 'a', lateUs: 0, level: undefined, tag: undefined, isSent: false, message, ...more });

/** A view as its client has it: every state, and what its rows were at each. */
class Follower {
  readonly states: LogViewState[] = [];
  readonly close: () => void;
  readonly ready: Promise<unknown>;

  constructor(request: { sessionId?: string | null; filter?: Partial<LogFilter>; tail?: number }) {
    const { sessionId = null, filter = {}, tail = 0 } = request;
    const attachment = logs.streams['logs.view']({ sessionId, filter: logFilter.parse(filter), tail });
    this.close = attachment.close ?? (() => {});
    this.ready = Promise.resolve(attachment.ready).then(() => {
      this.states.push(attachment.topic.snapshot());
      attachment.topic.listen((state) => this.states.push(state));
    });
  }

  get state(): LogViewState {
    return this.states.at(-1) as LogViewState;
  }

  async settled(): Promise<LogViewState> {
    await this.ready;
    book.flush();
    // The store's threads do not run on the virtual clock.
    for (const startedMs = performance.now(); performance.now() - startedMs < 20_000; ) {
      await bench.clock.advance(300_000);
      const { judgedRows, totalRows, problem } = this.state;
      if (problem !== undefined || judgedRows === totalRows) return this.state;
    }
    throw new Error('never judged to the end');
  }

  async seqs(): Promise<number[]> {
    const { viewId, length } = await this.settled();
    const seqs: number[] = [];
    for (let from = 0; from < length; from += 7) {
      const { rows } = await logs.calls['logs.window']({ viewId, from, limit: 7 }, context);
      seqs.push(...rows.map(({ seq }) => seq));
    }
    return seqs;
  }
}

/** By the definition: a repeat is counted when the row before it of its port, which it repeats, is wanted too. */
function wantedOf(rows: readonly BookRow[], filter: LogFilter): { seqs: number[]; repeats: number[] } {
  const matches = rowMatcher(filter);
  const seqs: number[] = [];
  const repeats: number[] = [];
  const before = new Map<string, { isWanted: boolean; index: number; row: BookRow }>();
  for (const each of rows) {
    const last = before.get(each.port);
    const isWanted = matches(each);
    const isRepeat = last !== undefined && isSame(last.row, each);
    const isCounted = filter.collapseRepeats === true && isWanted && isRepeat && last.isWanted;
    if (isCounted) repeats[last.index] = (repeats[last.index] ?? 0) + 1;
    else if (isWanted) {
      seqs.push(each.seq);
      repeats.push(0);
    }
    before.set(each.port, { isWanted, index: isCounted ? last.index : repeats.length - 1, row: each });
  }
  return { seqs, repeats };
}

function isSame(one: BookRow, two: BookRow): boolean {
  const parts = (each: BookRow) => [each.direction, each.message, each.level, each.tag];
  return one.direction === 'received' && JSON.stringify(parts(one)) === JSON.stringify(parts(two));
}

const ideas = fc.record({
  port: fc.constantFrom('a', 'b', 'c'),
  lateUs: fc.nat({ max: 40_000 }),
  level: fc.constantFrom<LogLevel | undefined>('error', 'warn', 'info', 'debug', undefined),
  tag: fc.constantFrom('wifi', 'mqtt', undefined),
  message: fc.constantFrom('one', 'two', '三'),
  isSent: fc.boolean().map((isSent) => isSent),
});
const filters = fc.constantFrom<Partial<LogFilter>>(
  {},
  { minimumLevel: 'warn' },
  { minimumLevel: 'info', keepPlain: true, tagLevels: { wifi: 'error' } },
  { ports: ['b'] },
  { ports: ['a', 'c'], collapseRepeats: true },
  { collapseRepeats: true },
  { tags: ['mqtt'], directions: ['received'] },
  { pattern: { text: 'ONE', isRegexp: false, isCaseSensitive: false } },
  { pattern: { text: '[三2]$', isRegexp: true, isCaseSensitive: true }, collapseRepeats: true },
  { exclude: [{ text: 'two', isRegexp: false, isCaseSensitive: true }] },
);
type Step = { do: 'rows'; ideas: RowIdea[] } | { do: 'wait'; us: number } | { do: 'view'; filter: Partial<LogFilter> } | { do: 'session' };
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('rows' as const), ideas: fc.array(ideas, { minLength: 1, maxLength: 15 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), us: fc.integer({ min: 1000, max: 200_000 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('view' as const), filter: filters }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('session' as const) }) },
  ) as fc.Arbitrary<Step>,
  { maxLength: 14 },
);

describe('a view', () => {
  test('is what its filter lets through of the whole log, whatever came before it was opened, and its indices never move', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        await bench.recorder.stop();
        bench.recorder.ensureSession();
        const followers: { filter: Partial<LogFilter>; follower: Follower }[] = [];
        const perPort = (rows: RowIdea[]) => Map.groupBy(rows, ({ port }) => port).values();
        for (const step of plan) {
          if (step.do === 'rows') for (const rows of perPort(step.ideas)) book.add(rows.map(parsed).sort((a, b) => a.atUs - b.atUs));
          if (step.do === 'wait') await bench.clock.advance(step.us);
          if (step.do === 'view') followers.push({ filter: step.filter, follower: new Follower({ filter: step.filter, tail: 4 }) });
          if (step.do === 'session') {
            await bench.recorder.stop();
            bench.recorder.ensureSession();
          }
        }
        book.flush();

        for (const { filter, follower } of followers) {
          const expected = wantedOf(all, logFilter.parse(filter));
          expect(await follower.seqs()).toEqual(expected.seqs);
          // Every index that was ever told of is still about the same row.
          for (const { viewId, tail } of follower.states.filter((state) => state.viewId === follower.state.viewId)) {
            expect(tail.rows.map(({ seq }) => seq)).toEqual(expected.seqs.slice(tail.from, tail.from + tail.rows.length));
            expect(viewId).not.toBe('');
          }
          const lengths = follower.states.filter(({ viewId }) => viewId === follower.state.viewId).map(({ length }) => length);
          expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
          if (filter.collapseRepeats === true) {
            const { viewId, length } = follower.state;
            const { repeats } = await logs.calls['logs.window']({ viewId, from: 0, limit: Math.max(1, length) }, context);
            expect(repeats ?? []).toEqual(expected.repeats);
          }
          follower.close();
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
