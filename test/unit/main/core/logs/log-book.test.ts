import { beforeEach, describe, expect, test } from 'vitest';
import { decodeBlock } from '../../../../../main/core/logs/block.ts';
import type { LiveLog } from '../../../../../main/core/logs/live-log.ts';
import { LogBook } from '../../../../../main/core/logs/log-book.ts';
import type { BookRow, ParsedRow } from '../../../../../main/core/logs/row.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { createFakeRecorder, type FakeRecorder } from '../../../../fakes/recorder.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

let clock: VirtualClock;
let recorder: FakeRecorder;
let book: LogBook;
let flushes: BookRow[][];

beforeEach(() => {
  clock = new VirtualClock(1_000_000);
  recorder = createFakeRecorder(clock);
  book = new LogBook({ clock, recorder });
  flushes = [];
  book.listen({ onRows: (rows) => flushes.push([...rows]) });
});

function row(port: string, text: string, more: Partial<ParsedRow> = {}): ParsedRow {
  const raw = new Uint8Array(Buffer.from(`${text}\n`));
  return { port, atUs: clock.nowUs(), direction: 'received', text, message: text, raw, grammar: 'plain', offset: 0, ...more };
}

const texts = (rows: readonly BookRow[]) => rows.map(({ seq, port, text }) => `${seq} ${port} ${text}`);

describe('the log book', () => {
  test('puts rows of several ports in the order of their time within 33 ms, and leaves what was told where it is', async () => {
    recorder.begin('s');
    book.add([row('a', 'third', { atUs: 1_020_000 as MonoUs }), row('a', 'fourth', { atUs: 1_020_000 as MonoUs })]);
    await clock.advance(10_000);
    book.add([row('b', 'first', { atUs: 1_005_000 as MonoUs }), row('b', 'second', { atUs: 1_019_000 as MonoUs })]);
    await clock.advance(30_000);
    book.add([row('c', 'took long', { atUs: 1_000_500 as MonoUs })]);
    await clock.advance(40_000);
    expect(flushes.map(texts)).toEqual([['0 b first', '1 b second', '2 a third', '3 a fourth'], ['4 c took long']]);
    expect(flushes[0]?.map(({ atUs }) => atUs)).toEqual([5000, 19_000, 20_000, 20_000]);
  });

  test('does not wait when very many rows do', () => {
    book.add(Array.from({ length: 4000 }, (_, n) => row('a', `${n}`)));
    expect(flushes.map((rows) => rows.length)).toEqual([4000]);
  });

  test('hands every row to the recorder once, in blocks without gaps, within 100 ms of its coming', async () => {
    recorder.begin('s');
    for (let n = 0; n < 300; n++) {
      book.add([row('a', `${n}`)]);
      await clock.advance(7000);
      const stored = recorder.blocks.reduce((sum, { block }) => sum + block.rowCount, 0);
      expect(n + 1 - stored).toBeLessThanOrEqual(Math.ceil(100 / 7));
    }
    book.flush();
    const rows = recorder.blocks.flatMap(({ block }) => decodeBlock(block));
    expect(rows.map(({ seq, text }) => [seq, text])).toEqual(Array.from({ length: 300 }, (_, n) => [n, `${n}`]));
    expect(recorder.blocks.length).toBeLessThan(40);
    expect(clock.pendingTimers).toBe(0);
  });

  test('makes blocks of a size that is quickly read, however much comes at once', () => {
    recorder.begin('s');
    book.add(Array.from({ length: 5000 }, (_, n) => row('a', `${n}`)));
    book.flush();
    expect(recorder.blocks.map(({ block }) => block.rowCount)).toEqual([1024, 1024, 1024, 1024, 904]);
    expect(recorder.blocks.flatMap(({ block }) => decodeBlock(block)).map(({ text }) => Number(text))).toEqual(
      flushes.flat().map(({ seq }) => seq),
    );
  });

  test('says what only repeats the row before it of its port, device time aside', () => {
    const said = (port: string, message: string, more: Partial<ParsedRow> = {}) =>
      row(port, `(${flushes.length}) ${message}`, { message, ...more });
    book.add([said('a', 'x'), said('b', 'x'), said('a', 'x', { deviceMs: 7 }), said('a', 'x', { level: 'warn' })]);
    book.add([said('a', 'x', { direction: 'sent' }), said('a', 'x', { direction: 'sent' }), said('a', 'x'), said('a', 'x')]);
    book.flush();
    expect(flushes.flat().map(({ isRepeat }) => isRepeat)).toEqual([false, false, true, false, false, false, false, true]);
  });

  test('knows the row that another continues by its number, as long as it is in the same log', async () => {
    recorder.begin('one');
    const opener = row('a', 'opener');
    book.add([opener, row('b', 'between'), row('a', 'goes on', { opener })]);
    book.flush();
    recorder.begin('two');
    book.add([row('b', 'new'), row('a', 'still goes on', { opener })]);
    book.flush();
    expect(flushes.flat().map(({ seq, continues }) => [seq, continues])).toEqual([
      [0, undefined],
      [1, undefined],
      [2, 0],
      [0, undefined],
      [1, undefined],
    ]);
  });

  test('gives an ending session all that came before its end, and begins the next at 0', () => {
    const restarts: LiveLog[] = [];
    book.listen({ onRestart: (log) => restarts.push(log), onEnding: () => book.add([row('a', 'held back')]) });
    recorder.begin('one');
    book.add([row('a', 'in one')]);
    recorder.begin('two');
    book.add([row('a', 'in two')]);
    book.flush();
    // The time without a session, then each session, ended with what was held back.
    expect(restarts.map(({ sessionId }) => sessionId)).toEqual(['one', null, 'two']);
    expect(recorder.blocks.map(({ sessionId, block }) => [sessionId, block.firstSeq, block.text])).toEqual([
      ['one', 0, 'in one\nheld back\n'],
      ['two', 0, 'in two\n'],
    ]);
    expect(restarts.map(({ isLive }) => isLive)).toEqual([false, false, true]);
  });

  test('keeps the newest rows in memory, whatever comes', () => {
    const small = new LogBook({ clock, recorder, recentRows: 100 });
    for (let n = 0; n < 50; n++) {
      small.add(Array.from({ length: 37 }, (_, k) => row('a', `${n * 37 + k}`)));
      small.flush();
    }
    const { recent } = small.log;
    expect([recent.from, recent.length]).toEqual([1750, 1850]);
    expect(recent.get(1749)).toBeUndefined();
    expect(recent.slice(0, 2000).map(({ text }) => text)).toEqual(Array.from({ length: 100 }, (_, n) => `${1750 + n}`));
  });

  test('a row of the time before the session is at its start', () => {
    const late = row('a', 'began before');
    recorder.begin('s');
    book.add([{ ...late, atUs: 900_000 as MonoUs }]);
    book.flush();
    expect(flushes.flat()[0]?.atUs).toBe(0);
  });
});
