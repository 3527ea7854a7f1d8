import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LogBook } from '../../../../../main/core/logs/log-book.ts';
import { PortLog } from '../../../../../main/core/logs/port-log.ts';
import type { BookRow } from '../../../../../main/core/logs/row.ts';
import { openTestBench, type TestBench } from '../../../../fakes/store.ts';

const port = '/dev/ttyUSB0';
let bench: TestBench;
let book: LogBook;
let log: PortLog;
let live: BookRow[];

beforeEach(async () => {
  bench = await openTestBench();
  book = new LogBook({ clock: bench.clock, recorder: bench.recorder });
  log = new PortLog(port, { clock: bench.clock, recorder: bench.recorder, book });
  live = [];
  book.listen({
    onRows: (rows) => live.push(...rows),
    onRestart: () => {
      live = [];
    },
  });
});
afterEach(() => bench.close());

const receive = (text: string) => log.received(new Uint8Array(Buffer.from(text)), bench.clock.nowUs());
const facts = (rows: readonly BookRow[]) =>
  rows.map(({ seq, text, continues, direction, offset, raw }) => [seq, text, continues, direction, offset, Buffer.from(raw).toString()]);

async function stored(sessionId: string): Promise<BookRow[]> {
  book.flush();
  await bench.store.flush();
  return bench.store.read('log.window', { sessionId, seqs: Array.from({ length: 100 }, (_, seq) => seq) });
}

describe('a port’s log', () => {
  test('whose line a session’s end cuts in two: each half is a row of its own session, with its bytes', async () => {
    const { id: first } = bench.recorder.ensureSession();
    receive('one\ntwo\nprompt> ');
    await bench.recorder.stop();
    const { id: second } = bench.recorder.ensureSession();
    receive('typed\nthree\n');
    book.flush();
    expect(facts(live)).toEqual([
      [0, 'typed', undefined, 'received', 0, 'typed\n'],
      [1, 'three', undefined, 'received', 6, 'three\n'],
    ]);
    expect(facts(await stored(first)).map(([, text]) => text)).toEqual(['one', 'two', 'prompt> ']);
    expect(facts(await stored(second))).toEqual(facts(live));
  });

  test('shows an unfinished line after a pause, and the rest of it continues it', async () => {
    const { id } = bench.recorder.ensureSession();
    receive('login: ');
    await bench.clock.advance(200_000);
    receive('root\n');
    const rows = await stored(id);
    expect(facts(rows)).toEqual([
      [0, 'login: ', undefined, 'received', 0, 'login: '],
      [1, 'root', 0, 'received', 7, 'root\n'],
    ]);
  });

  test('has a row for each line that was sent, which put together are what was sent', async () => {
    const { id } = bench.recorder.ensureSession();
    const sent = 'AT\r\nAT+CSQ\rATI\n\r\n状态';
    log.sent(new Uint8Array(Buffer.from('first\n')), bench.clock.nowUs());
    log.sent(new Uint8Array(Buffer.from(sent)), bench.clock.nowUs());
    const rows = await stored(id);
    expect(rows.map(({ text }) => text)).toEqual(['first', 'AT', 'AT+CSQ', 'ATI', '', '状态']);
    expect(Buffer.concat(rows.slice(1).map(({ raw }) => raw)).toString()).toBe(sent);
    expect(rows.map(({ offset }) => offset)).toEqual([0, 6, 10, 17, 21, 23]);
  });

  test('of a modem without echo knows what answers the command that was sent, and what came by itself', async () => {
    const { id } = bench.recorder.ensureSession();
    const send = (text: string) => log.sent(new Uint8Array(Buffer.from(text)), bench.clock.nowUs());
    send('AT+ECIPR?\r');
    await bench.clock.advance(1000);
    receive('+ECIPR: 115200\r\nOK\r\n');
    await bench.clock.advance(1000);
    receive('+ECIPR: 9600\r\n');
    send('AT+CGS');
    send('hello\r');
    receive('quiet\r\n');
    const rows = await stored(id);
    expect(rows.map(({ text, event, continues }) => [text, event, continues])).toEqual([
      ['AT+ECIPR?', undefined, undefined],
      ['+ECIPR: 115200', 'at.answer', 0],
      ['OK', 'at.final', 0],
      ['+ECIPR: 9600', 'at.urc', undefined],
      ['AT+CGS', undefined, undefined],
      ['hello', undefined, undefined],
      ['quiet', undefined, undefined],
    ]);
  });

  test('of a modem has no rows for the line ends before its answers, whose bytes are the answers’', async () => {
    const { id } = bench.recorder.ensureSession();
    receive('AT+ECIPR?\r\r\n\r\n+ECIPR: 9600\r\n\r');
    await bench.clock.advance(5000);
    receive('\n');
    await bench.clock.advance(5000);
    receive('OK\r\n\r\n');
    await bench.clock.advance(200_000);
    receive('\r\nnot of the modem\r\n\r\n\r\n+ECIPR: 1\r\n');
    const rows = await stored(id);
    expect(rows.map(({ text, offset, raw }) => [text, offset, Buffer.from(raw).toString()])).toEqual([
      ['AT+ECIPR?', 0, 'AT+ECIPR?\r\r\n'],
      ['+ECIPR: 9600', 12, '\r\n+ECIPR: 9600\r\n'],
      ['OK', 28, '\r\nOK\r\n'],
      ['', 34, '\r\n'],
      ['', 36, '\r\n'],
      ['not of the modem', 38, 'not of the modem\r\n'],
      ['', 56, '\r\n'],
      ['+ECIPR: 1', 58, '\r\n+ECIPR: 1\r\n'],
    ]);
  });

  test('of a board that was taken for a modem keeps its own lines', async () => {
    const { id } = bench.recorder.ensureSession();
    log.sent(new Uint8Array(Buffer.from('AT+CGSN\r')), bench.clock.nowUs());
    await bench.clock.advance(1000);
    receive('Hello world!\r\nunknown command\r\n867224060000000\r\n');
    const rows = await stored(id);
    expect(rows.slice(1).map(({ grammar, event }) => [grammar, event])).toEqual([
      ['plain', undefined],
      ['plain', undefined],
      ['at', 'identity'],
    ]);
  });

  test('of a modem with echo tells the command where it comes back, as without us', async () => {
    const { id } = bench.recorder.ensureSession();
    log.sent(new Uint8Array(Buffer.from('AT+ECIPR?\r')), bench.clock.nowUs());
    await bench.clock.advance(1000);
    receive('AT+ECIPR?\r\r\n+ECIPR: 115200\r\nOK\r\n');
    const rows = await stored(id);
    expect(rows.slice(1).map(({ event, continues }) => [event, continues])).toEqual([
      ['at.command', undefined],
      ['at.answer', 1],
      ['at.final', 1],
    ]);
  });

  test('is read as the port’s options say from the moment they do', async () => {
    const { id } = bench.recorder.ensureSession();
    log.readAs({ encoding: 'gbk', framing: 'text' });
    log.received(Uint8Array.from([0xc4, 0xe3, 0xba, 0xc3, 0x0a, 0x61]), bench.clock.nowUs());
    log.readAs({ encoding: 'utf-8', framing: 'none' });
    log.received(Uint8Array.from([0x01, 0x0a]), bench.clock.nowUs());
    const rows = await stored(id);
    expect(rows.slice(0, 2).map(({ text }) => text)).toEqual(['你好', 'a']);
    expect(Buffer.concat(rows.map(({ raw }) => raw)).toString('hex')).toBe('c4e3bac30a61010a');
  });

  test('survives a board that prints JSON deeper than a thread can be sent', async () => {
    const { id } = bench.recorder.ensureSession();
    receive(`before\n{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}\nafter\n`);
    const rows = await stored(id);
    expect([rows[0]?.text, rows.at(-1)?.text]).toEqual(['before', 'after']);
    expect(bench.store.status.droppedCount).toBe(0);
  });

  test('without a session is kept in memory only', async () => {
    receive('nobody records\n');
    book.flush();
    expect(live.map(({ seq, text }) => [seq, text])).toEqual([[0, 'nobody records']]);
    const { id } = bench.recorder.ensureSession();
    receive('this is\n');
    expect((await stored(id)).map(({ seq, text }) => [seq, text])).toEqual([[0, 'this is']]);
  });
});
