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
  { fromUs: 20_000, toUs: 150_000 },
  { fromUs: 60_000, collapseRepeats: true },
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

  test('of a session that is over is the same as it was while it was recorded', async () => {
    bench.recorder.ensureSession();
    fill(100);
    const filter = { minimumLevel: 'warn', collapseRepeats: true } as const;
    const live = new Follower({ filter });
    const before = await live.seqs();
    const id = await bench.recorder.stop();
    const over = new Follower({ sessionId: id, filter, tail: 5 });
    expect(await over.seqs()).toEqual(before);
    expect(over.state.isLive).toBe(false);
    expect(over.state.tail.rows.map(({ seq }) => seq)).toEqual(before.slice(-5));
    const whole = new Follower({ sessionId: id, tail: 3 });
    expect(await whole.seqs()).toEqual(Array.from({ length: 100 }, (_, seq) => seq));
    expect(whole.state.tail).toMatchObject({ from: 97, rows: [{ seq: 97 }, { seq: 98 }, { seq: 99 }] });
  });

  test('starts over under another id with the next session, unless it was asked for this one', async () => {
    const { id } = bench.recorder.ensureSession();
    fill(30);
    const following = new Follower({});
    const staying = new Follower({ sessionId: id, filter: { minimumLevel: 'error' } });
    const before = (await following.settled()).viewId;
    const kept = await staying.settled();
    await bench.recorder.stop();
    bench.recorder.ensureSession();
    book.add([row('first of the next')]);
    expect(await following.settled()).toMatchObject({ length: 1, isLive: true });
    expect(following.state.viewId).not.toBe(before);
    expect(await staying.settled()).toMatchObject({ viewId: kept.viewId, length: kept.length, sessionId: id, isLive: false });
    await expect(logs.calls['logs.window']({ viewId: before, from: 0, limit: 1 }, context)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('that is closed while it is being judged is gone, with all that was under way for it', async () => {
    bench.recorder.ensureSession();
    fill(200);
    const follower = new Follower({ filter: { minimumLevel: 'error' } });
    await follower.ready;
    const { viewId, judgedRows, totalRows } = follower.state;
    expect(judgedRows).toBeLessThan(totalRows);
    follower.close();
    await expect(logs.calls['logs.window']({ viewId, from: 0, limit: 1 }, context)).rejects.toMatchObject({ code: 'not-found' });
    fill(10);
    await bench.clock.advance(1_000_000);
    expect(follower.states).toHaveLength(1);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  test('with an expression that is none is empty and says why', async () => {
    bench.recorder.ensureSession();
    fill(20);
    const follower = new Follower({ filter: { pattern: { text: '(', isRegexp: true, isCaseSensitive: false } } });
    const { length, problem } = await follower.settled();
    expect([length, problem?.code]).toEqual([0, 'bad-request']);
  });

  test('with an expression that would take for ever stands still and says so; the bench goes on', async () => {
    bench.recorder.ensureSession();
    const pattern = { text: '(a+)+$', isRegexp: true, isCaseSensitive: true };
    const follower = new Follower({ filter: { pattern } });
    book.add([row('aaa')]);
    await follower.settled();
    expect(follower.state.length).toBe(1);
    book.add([row(`${'a'.repeat(40)}b`)]);
    expect((await follower.settled()).problem?.code).toBe('timeout');
    book.add([row('aaaa')]);
    await bench.clock.advance(1_000_000);
    expect(follower.state).toMatchObject({ length: 1, totalRows: 3, judgedRows: 1 });
  });

  test('stands in for rows that are nowhere any more, so that the others keep their place', async () => {
    book.add(Array.from({ length: 30 }, (_, n) => row(`${n}`)));
    const follower = new Follower({});
    const { viewId } = await follower.settled();
    const { rows } = await logs.calls['logs.window']({ viewId, from: 16, limit: 4 }, context);
    expect(rows.map(({ seq, event }) => [seq, event])).toEqual([
      [16, 'log.lost'],
      [17, 'log.lost'],
      [18, undefined],
      [19, undefined],
    ]);
  });
});

/** Rows of three ports, 10 ms apart, with every severity. */
function fill(count: number): void {
  const levels = ['error', 'warn', 'info', 'debug', undefined] as const;
  for (let n = 0; n < count; n++) {
    const port = 'abc'[n % 3] as string;
    book.add([
      row(`message ${Math.floor(n / 6)}`, {
        port,
        level: levels[n % 5],
        lateUs: (count - n) * 10_000,
        tag: n % 2 === 0 ? 'wifi' : undefined,
      }),
    ]);
  }
  book.flush();
}

describe('questions to a view', () => {
  test.each([
    ['the whole log', {}],
    ['a filter', { minimumLevel: 'info' }],
  ] as const)('where a time or a row is: %s', async (_name, filter) => {
    await bench.clock.advance(60_000_000);
    bench.recorder.ensureSession();
    await bench.clock.advance(2_000_000);
    fill(150);
    const { id } = bench.recorder.session ?? { id: '' };
    for (const sessionId of [null, id]) {
      if (sessionId !== null) await bench.recorder.stop();
      const follower = new Follower({ sessionId, filter });
      const seqs = await follower.seqs();
      const { viewId } = follower.state;
      const rows = (await logs.calls['logs.window']({ viewId, from: 0, limit: 1000 }, context)).rows;
      for (const atUs of [0, 700_000, 1_000_001, 1_490_000, 1_900_000]) {
        const index = rows.findIndex((each) => each.atUs >= atUs);
        expect(await logs.calls['logs.locate']({ viewId, atUs }, context)).toEqual({
          index,
          seq: rows[index]?.seq,
          atUs: rows[index]?.atUs,
        });
      }
      expect(await logs.calls['logs.locate']({ viewId, atUs: 9e9 }, context)).toEqual({ index: rows.length, seq: null, atUs: null });
      for (const seq of [0, 41, 149]) {
        const index = seqs.findIndex((each) => each >= seq);
        expect(await logs.calls['logs.locate']({ viewId, seq }, context)).toMatchObject({ index: index === -1 ? seqs.length : index });
      }
    }
  });

  test('how severe it was when: the same for the whole log, a filter that lets all through, and the session afterwards', async () => {
    bench.recorder.ensureSession();
    await bench.clock.advance(2_000_000);
    fill(150);
    const whole = await new Follower({}).settled();
    const filtered = await new Follower({ filter: { ports: ['a', 'b', 'c'] } }).settled();
    const ask = ({ viewId }: LogViewState, bounds = {}) => logs.calls['logs.histogram']({ viewId, buckets: 10, ...bounds }, context);
    const exact = await ask(filtered);
    const sum = (lists: Record<string, number[]>) => Object.values(lists).map((list) => list.reduce((a, b) => a + b, 0));
    expect(exact.counts.error).toEqual(Array.from({ length: 10 }, () => 3));
    expect(sum(exact.counts)).toEqual([30, 30, 30, 60]);
    expect(sum((await ask(whole)).counts)).toEqual([30, 30, 30, 60]);
    const part = await ask(filtered, { fromUs: exact.fromUs, toUs: exact.fromUs + 745_000 });
    expect(sum(part.counts)).toEqual([15, 15, 15, 30]);
    const id = await bench.recorder.stop();
    const over = await ask(await new Follower({ sessionId: id }).settled());
    expect([over.fromUs, over.toUs, sum(over.counts)]).toEqual([exact.fromUs, exact.toUs, [30, 30, 30, 60]]);
  });

  test('any of its rows as text, also those that are not in memory', async () => {
    bench.recorder.ensureSession();
    fill(50);
    const { viewId } = await new Follower({ filter: { minimumLevel: 'error' } }).settled();
    const style = { hostTime: 'none', deviceTime: false, port: true, messageOnly: true } as const;
    const { text, rows } = await logs.calls['logs.text'](
      {
        viewId,
        ranges: [
          [8, 20],
          [0, 1],
          [9, 9],
        ],
        style,
      },
      context,
    );
    expect(text).toBe('a message 0\nc message 0\nb message 6\na message 7\n');
    expect(rows).toBe(4);
  });

  test('all of its rows as text, in memory, stored or on the way there, until nobody waits for it', async () => {
    bench.recorder.ensureSession();
    fill(40);
    await bench.store.flush();
    fill(40);
    const { viewId, length } = await new Follower({}).settled();
    const style = { hostTime: 'none', deviceTime: false, port: false, messageOnly: true } as const;
    const request = { viewId, ranges: [[0, length + 5]] as [number, number][], style };
    const expected = { text: all.map(({ message }) => `${message}\n`).join(''), rows: all.length };
    expect(all.length).toBe(80);
    expect(await logs.calls['logs.text'](request, context)).toEqual(expected);
    const stopped = logs.calls['logs.text'](request, { ...context, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toThrow();
  });

  test('its tags, most first', async () => {
    bench.recorder.ensureSession();
    book.add(['mqtt', 'wifi', 'wifi', undefined].map((tag, n) => row(`${n}`, { tag })));
    book.flush();
    const live = await logs.calls['logs.tags']({ sessionId: null }, context);
    expect(live).toEqual({
      tags: [
        { tag: 'wifi', rows: 2 },
        { tag: 'mqtt', rows: 1 },
      ],
      ports: ['a'],
    });
    const id = await bench.recorder.stop();
    expect(await logs.calls['logs.tags']({ sessionId: id }, context)).toEqual(live);
  });
});

describe('a log as a file', () => {
  const style = { hostTime: 'none', deviceTime: false, port: false, messageOnly: false } as const;
  async function file(source: Parameters<Logs['calls']['logs.export']>[0]['source'], format: 'raw' | 'text' | 'jsonl' | 'csv') {
    const parts: Uint8Array[] = [];
    let cursor: string | null = null;
    do {
      const piece = await logs.calls['logs.export']({ source, format, style, includeIdentities: false, cursor }, context);
      parts.push(piece.data);
      ({ cursor } = piece);
    } while (cursor !== null);
    return Buffer.concat(parts).toString();
  }

  test('has no part of a secret that lies across the rows of a cut line, of what no session records', async () => {
    const cut = (text: string, end = '') => ({ ...row(''), text, message: text, raw: new Uint8Array(Buffer.from(text + end)) });
    const first = cut('key=hunter2');
    book.add([first, row('of another port', { port: 'b' }), { ...cut('secret.', '\n'), opener: first }]);
    book.flush();
    for (const format of ['text', 'csv', 'jsonl', 'raw'] as const)
      for (const text of ['', '=', '.']) {
        const filter = logFilter.parse({ ports: ['a'], pattern: { text, isRegexp: false, isCaseSensitive: true } });
        const told = await file({ sessionId: null, filter }, format);
        const bytes = Array.from(told.matchAll(/"rawBase64":"([^"]*)"/g), ([, base64]) => Buffer.from(base64 ?? '', 'base64').toString());
        expect([format, text, /hunter2|secret/.test(told + bytes.join(''))]).toEqual([format, text, false]);
        expect([told.includes('key=*******'), told.includes('******.')]).toEqual([text !== '.', text !== '=']);
      }
  });

  test('has what a live view has at that moment, in memory or not', async () => {
    bench.recorder.ensureSession();
    fill(100);
    const follower = new Follower({ filter: { minimumLevel: 'error' } });
    const { viewId } = await follower.settled();
    book.add([row('newest', { level: 'error' })]);
    const wanted = () =>
      all
        .filter(({ level }) => level === 'error')
        .map(({ text }) => `${text}\n`)
        .join('');
    const text = await file({ viewId }, 'text');
    expect(text).toBe(wanted());
    expect(text).toContain('newest');
  });

  test('as raw bytes is one port’s, exactly, without secrets', async () => {
    bench.recorder.ensureSession();
    book.add([row('one'), row('password=hunter2secret')]);
    book.add([row('other', { port: 'b' })]);
    const source = { sessionId: null, filter: logFilter.parse({ ports: ['a'] }) };
    const raw = await file(source, 'raw');
    expect(raw).toMatch(/^\(\d+\) one\n\(\d+\) password=\*{13}\n$/);
    await expect(file({ sessionId: null, filter: logFilter.parse({}) }, 'raw')).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('of rows that nobody records is what is in memory', async () => {
    book.add([row('one'), row('IMEI 867295075673523 hunter2secret')]);
    book.flush();
    expect(await file({ sessionId: null, filter: logFilter.parse({}) }, 'text')).toMatch(/one\n.*IMEI \*{15} \*{13}\n$/);
    const [first] = (await file({ sessionId: null, filter: logFilter.parse({}) }, 'jsonl')).split('\n');
    expect(Object.keys(JSON.parse(first ?? '') as object)).not.toContain('logNumber');
  });
});

describe('bookmarks', () => {
  test('are told to whoever follows them, and are there after a restart', async () => {
    const { id } = bench.recorder.ensureSession();
    fill(3);
    const attachment = logs.streams['logs.marks']({ sessionId: id });
    await attachment.ready;
    expect(attachment.topic.snapshot()).toEqual([]);
    const mark = { note: 'here it began', colour: 'red' } as const;
    await logs.calls['logs.mark']({ sessionId: id, seq: 2, mark }, context);
    await logs.calls['logs.mark']({ sessionId: id, seq: 1, mark: { note: '', colour: 'green' } }, context);
    await logs.calls['logs.mark']({ sessionId: id, seq: 1, mark: null }, context);
    expect(attachment.topic.snapshot()).toEqual([{ seq: 2, ...mark }]);
    attachment.close?.();
    await bench.recorder.stop();
    await bench.reopen();
    const later = createLogs({ clock: bench.clock, book, store: bench.store, log: silentLog, secrets: async () => [] });
    const again = later.streams['logs.marks']({ sessionId: id });
    await again.ready;
    expect(again.topic.snapshot()).toEqual([{ seq: 2, ...mark }]);
    await expect(later.calls['logs.mark']({ sessionId: 'none', seq: 0, mark }, context)).rejects.toMatchObject({
      code: 'session/not-found',
    });
  });
});
