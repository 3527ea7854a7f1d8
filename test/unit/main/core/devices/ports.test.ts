import { describe, expect, test } from 'vitest';
import type { BytePort } from '../../../../../main/core/devices/port.ts';
import { PortListeners } from '../../../../../main/core/devices/port-listeners.ts';
import { createPorts } from '../../../../../main/core/devices/ports.ts';
import { decodeBlock } from '../../../../../main/core/logs/block.ts';
import { LogBook } from '../../../../../main/core/logs/log-book.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import { type PortOptions, type PortState, portOptions, portState } from '../../../../../preload/contract/ports.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { createFakeRecorder } from '../../../../fakes/recorder.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const address = '/dev/ttyBOARD';
const context = { signal: new AbortController().signal, role: 'operator' } as const;

/** A port the test plays the board of. Complains when two hold it, or when it is used after its end. */
class FakePort implements BytePort {
  readonly address = address;
  readonly options: PortOptions;
  readonly written: string[] = [];
  readonly lines: string[] = [];
  readonly baudRates: number[] = [];
  hasLines = true;
  isClosed = false;
  readonly listeners = new PortListeners();

  constructor(options: PortOptions) {
    this.options = options;
  }

  async write(data: Uint8Array): Promise<void> {
    if (this.isClosed) throw new Error('written to after its end');
    this.written.push(Buffer.from(data).toString());
  }
  async setSignals({ dtr, rts }: { dtr: boolean; rts: boolean }): Promise<boolean> {
    this.lines.push(`dtr ${dtr ? 1 : 0} rts ${rts ? 1 : 0}`);
    return this.hasLines;
  }
  async setBaudRate(baudRate: number): Promise<void> {
    this.baudRates.push(baudRate);
  }
  onData(listener: (data: Uint8Array, atUs: MonoUs) => void): void {
    this.listeners.onData(listener);
  }
  onClose(listener: (error: Error | null) => void): void {
    this.listeners.onClose(listener);
  }
  async close(): Promise<void> {
    this.isClosed = true;
    this.listeners.close(null);
  }
  vanish(): void {
    this.isClosed = true;
    this.listeners.close(new TalkError('port/lost', { address, reason: 'EIO' }));
  }
}

function bench() {
  const clock = new VirtualClock(1_000_000);
  const opened: FakePort[] = [];
  const trace: string[] = [];
  const rows: LogRow[] = [];
  const states: PortState[] = [];
  const plug = { refusal: null as TalkError | null, gate: null as Promise<void> | null };
  const recorder = createFakeRecorder(clock, (chunk) => trace.push(`raw ${chunk}`));
  const book = new LogBook({ clock, recorder });
  book.listen({
    onRows(list) {
      rows.push(...list);
      for (const row of list) trace.push(`row ${row.text}`);
    },
  });
  const ports = createPorts({
    clock,
    recorder,
    book,
    async openPort(_address, options) {
      await plug.gate;
      if (plug.refusal !== null) throw plug.refusal;
      if (opened.some((port) => !port.isClosed)) throw new TalkError('port/busy', { address });
      const port = new FakePort(options);
      opened.push(port);
      return port;
    },
  });
  ports.streams['ports.state']({}).topic.listen((state) => states.push(portState.parse(state)));
  const say = (text: string) => opened.at(-1)?.listeners.deliver(Buffer.from(text), clock.nowUs());
  const open = (options: Partial<PortOptions> = {}) =>
    ports.handlers['ports.open']({ address, options: portOptions.partial().parse(options) }, context);
  const close = () => ports.handlers['ports.close']({ address }, context);
  const write = (text: string) => ports.handlers['ports.write']({ address, data: Buffer.from(text) }, context);
  const distinctStates = () => states.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1]);
  return {
    clock,
    opened,
    trace,
    book,
    recorder,
    /** All there are by now, without waiting for the next flush. */
    get rows() {
      book.flush();
      return rows;
    },
    plug,
    ports,
    say,
    open,
    close,
    write,
    states: distinctStates,
    lastState: () => states.at(-1),
  };
}

const boardRows = (rows: readonly LogRow[]) => rows.filter(({ direction }) => direction === 'received').map(({ text }) => text);
const notices = (rows: readonly LogRow[]) => rows.filter(({ grammar }) => grammar === 'talkbench').map(({ event }) => event);

describe('the monitor', () => {
  test('records raw bytes before the rows made of them, and numbers rows without gaps', async () => {
    const b = bench();
    await b.open();
    b.book.flush();
    b.say('I (5) app: hel');
    b.say('lo\r\n');
    b.book.flush();
    expect(b.trace.slice(-3)).toEqual(['raw received I (5) app: hel', 'raw received lo\r\n', 'row I (5) app: hello']);
    await b.write('help\r\n');
    expect(b.rows.map(({ seq }) => seq)).toEqual([0, 1, 2]);
    expect(b.rows[2]).toMatchObject({ direction: 'sent', text: 'help' });
    expect(b.recorder.blocks.flatMap(({ block }) => decodeBlock(block)).map(({ text }) => text)).toEqual(b.rows.map(({ text }) => text));
  });

  test('shows an unfinished line after 100 ms and joins its rest to it', async () => {
    const b = bench();
    await b.open();
    b.say('login: ');
    await b.clock.advance(99_000);
    expect(boardRows(b.rows)).toEqual([]);
    await b.clock.advance(1_000);
    expect(boardRows(b.rows)).toEqual(['login: ']);
    b.say('root\n');
    const [first, rest] = b.rows.slice(-2);
    expect(rest).toMatchObject({ text: 'root', continues: first?.seq });
  });

  test('opens with what was asked, changes the baud rate in place, and opens once for two callers', async () => {
    const b = bench();
    await Promise.all([b.open({ baudRate: 74880 }), b.open({ baudRate: 74880 })]);
    expect(b.opened).toHaveLength(1);
    expect(b.opened[0]?.options.baudRate).toBe(74880);
    await b.open({ baudRate: 921600 });
    expect(b.opened).toHaveLength(1);
    expect(b.opened[0]?.baudRates).toEqual([921600]);
    await b.open({ baudRate: 921600, parity: 'even' });
    expect(b.opened).toHaveLength(2);
  });

  test('that cannot open fails with the port’s own error, and a later try may succeed', async () => {
    const b = bench();
    b.plug.refusal = new TalkError('port/permission', { address });
    await expect(b.open()).rejects.toMatchObject({ code: 'port/permission' });
    expect(b.lastState()).toMatchObject({ state: 'failed', error: { code: 'port/permission' } });
    b.plug.refusal = null;
    expect(await b.open()).toMatchObject({ state: 'open' });
    b.book.flush();
    expect(b.clock.pendingTimers).toBe(0);
  });

  test('closed while it opens, leaves no port open', async () => {
    const b = bench();
    let letOpen: () => void = () => {};
    b.plug.gate = new Promise((resolve) => (letOpen = resolve));
    const opening = b.open();
    const refused = expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    const closing = b.close();
    letOpen();
    await Promise.all([closing, refused]);
    expect(b.opened.every(({ isClosed }) => isClosed)).toBe(true);
    expect(b.lastState()?.state).toBe('closed');
  });

  test('closed twice says so once', async () => {
    const b = bench();
    await b.open();
    await Promise.all([b.close(), b.close()]);
    await b.close();
    expect(notices(b.rows)).toEqual(['port.opened', 'port.closed']);
    await expect(b.write('x')).rejects.toMatchObject({ code: 'port/closed' });
    b.book.flush();
    expect(b.clock.pendingTimers).toBe(0);
  });

  test('resets the board only when asked', async () => {
    const b = bench();
    await b.open();
    expect(b.opened[0]?.lines).toEqual([]);
    const reset = b.ports.handlers['ports.reset']({ address, into: 'run' }, context);
    await b.clock.advance(100_000);
    await reset;
    expect(b.opened[0]?.lines).toEqual(['dtr 0 rts 0', 'dtr 0 rts 1', 'dtr 0 rts 0']);
  });

  test('numbers rows anew in a new session, which a half-line may span', async () => {
    const b = bench();
    await b.open();
    b.say('one\nha');
    b.recorder.begin('s2');
    b.say('lf\n');
    expect(b.rows.map(({ seq, text, continues }) => [seq, text, continues])).toEqual([
      [0, expect.stringContaining('port.opened'), undefined],
      [1, 'one', undefined],
      [2, 'ha', undefined],
      // The first half is in the session before: nothing to continue here.
      [0, 'lf', undefined],
    ]);
    expect(b.recorder.blocks.map(({ sessionId, block }) => [sessionId, block.rowCount])).toEqual([
      ['s1', 3],
      ['s2', 1],
    ]);
  });
});

describe('a port that goes away', () => {
  test('is lost, tried every half second, and comes back in the same log', async () => {
    const b = bench();
    await b.open();
    b.say('before\n');
    b.plug.refusal = new TalkError('port/not-found', { address });
    b.opened[0]?.vanish();
    expect(b.lastState()?.state).toBe('lost');
    await b.clock.advance(1_600_000);
    expect(b.lastState()?.state).toBe('lost');
    b.plug.refusal = null;
    await b.clock.advance(500_000);
    b.say('after\n');
    expect(b.states()).toEqual(['opening', 'open', 'lost', 'open']);
    expect(boardRows(b.rows)).toEqual(['before', 'after']);
    expect(notices(b.rows)).toEqual(['port.opened', 'port.lost', 'port.reopened']);
    expect(b.rows.map(({ seq }) => seq)).toEqual(b.rows.map((_, index) => index));
  });

  test('is left alone once the user closes it', async () => {
    const b = bench();
    await b.open();
    b.opened[0]?.vanish();
    await b.close();
    await b.clock.advance(5_000_000);
    expect(b.opened).toHaveLength(1);
    expect(b.lastState()?.state).toBe('closed');
    b.book.flush();
    expect(b.clock.pendingTimers).toBe(0);
  });
});

describe('a borrowed port', () => {
  test('yields, records raw without parsing, comes back with the boot log from the reset on', async () => {
    const b = bench();
    await b.open();
    b.say('unfinished');
    const { port, giveBack } = await b.ports.borrow(address, 'flash');
    expect(b.lastState()).toMatchObject({ state: 'yielded', yieldedTo: 'flash' });
    const heard: string[] = [];
    port.onData((data) => heard.push(Buffer.from(data).toString()));
    await port.write(Buffer.from('SYNC'));
    b.say('OHAI');
    await port.setBaudRate(460800);
    await port.setSignals({ dtr: false, rts: true });
    await port.setSignals({ dtr: false, rts: false });
    b.say('ESP-ROM:esp32s3-20210327\r\nrst:');
    await giveBack();
    b.say('0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n');

    expect(heard).toEqual(['OHAI', 'ESP-ROM:esp32s3-20210327\r\nrst:']);
    expect(boardRows(b.rows)).toEqual(['unfinished', 'ESP-ROM:esp32s3-20210327', 'rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)']);
    expect(b.rows.at(-1)?.event).toBe('boot.reset');
    expect(b.opened[0]?.baudRates).toEqual([460800, 115200]);
    expect(b.states()).toEqual(['opening', 'open', 'yielded', 'open']);
    const raw = b.trace.filter((line) => line.startsWith('raw'));
    expect(raw).toContain('raw sent SYNC');
    expect(raw).toContain('raw received OHAI');
    expect(raw.filter((line) => line.includes('ESP-ROM'))).toHaveLength(1);
  });

  test('what listens beside the log hears the boot log too, once the port is open again', async () => {
    const b = bench();
    await b.open();
    const heard: [string, string | undefined][] = [];
    b.ports.tap(address, (data) => heard.push([Buffer.from(data).toString(), b.states().at(-1)]));
    const { port, giveBack } = await b.ports.borrow(address, 'flash');
    b.say('OHAI');
    await port.setSignals({ dtr: false, rts: false });
    b.say('ESP-ROM:esp32s3-20210327\r\n');
    await giveBack();
    b.say('and on\r\n');
    expect(heard).toEqual([
      ['ESP-ROM:esp32s3-20210327\r\n', 'open'],
      ['and on\r\n', 'open'],
    ]);
  });

  test('comes back at the rate that the monitor asked for meanwhile', async () => {
    const b = bench();
    await b.open();
    const { giveBack } = await b.ports.borrow(address, 'flash');
    await b.open({ baudRate: 921_600 });
    await giveBack();
    expect(b.opened[0]?.baudRates).toEqual([921_600]);
  });

  test('does not read protocol bytes as a log when it was not reset', async () => {
    const b = bench();
    await b.open();
    const { port, giveBack } = await b.ports.borrow(address, 'flash');
    port.onData(() => {});
    await port.setSignals({ dtr: false, rts: false });
    await port.write(Buffer.from('FLASH_END'));
    b.say('\xc0\x01\xc0');
    await giveBack();
    expect(boardRows(b.rows)).toEqual([]);
  });

  test('cannot be borrowed twice, nor written by the monitor', async () => {
    const b = bench();
    await b.open();
    const [first, second] = await Promise.allSettled([b.ports.borrow(address, 'flash'), b.ports.borrow(address, 'check')]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'flash/busy' } });
    await expect(b.write('x')).rejects.toMatchObject({ code: 'port/busy', value: { data: { owner: 'flash' } } });
  });

  test('is opened for the borrower when no monitor has it, and closed after', async () => {
    const b = bench();
    const { port, giveBack } = await b.ports.borrow(address, 'flash');
    await port.write(Buffer.from('SYNC'));
    await Promise.all([giveBack(), giveBack()]);
    expect(b.opened[0]?.isClosed).toBe(true);
    expect(b.states()).toEqual(['yielded', 'closed']);
    await (await b.ports.borrow(address, 'flash')).giveBack();
  });

  test('goes to a monitor that asked meanwhile, and to none that closed meanwhile', async () => {
    const b = bench();
    const first = await b.ports.borrow(address, 'flash');
    expect(await b.open()).toMatchObject({ state: 'yielded' });
    await first.giveBack();
    b.say('hello\n');
    expect(boardRows(b.rows)).toEqual(['hello']);
    const second = await b.ports.borrow(address, 'flash');
    await b.close();
    expect(b.lastState()?.state).toBe('yielded');
    await second.giveBack();
    expect(b.lastState()?.state).toBe('closed');
  });

  test('that vanishes tells the borrower, and is reopened for the monitor when given back', async () => {
    const b = bench();
    await b.open();
    const { port, giveBack } = await b.ports.borrow(address, 'flash');
    const end = new Promise((resolve) => port.onClose(resolve));
    b.opened[0]?.vanish();
    expect(await end).toMatchObject({ code: 'port/lost' });
    await giveBack();
    expect(b.lastState()?.state).toBe('lost');
    await b.clock.advance(500_000);
    expect(b.lastState()?.state).toBe('open');
  });

  test('that cannot be opened fails with its own error and is free again', async () => {
    const b = bench();
    b.plug.refusal = new TalkError('port/not-found', { address });
    await expect(b.ports.borrow(address, 'flash')).rejects.toMatchObject({ code: 'port/not-found' });
    b.plug.refusal = null;
    await (await b.ports.borrow(address, 'flash')).giveBack();
  });

  test('is closed at shutdown, its borrower told', async () => {
    const b = bench();
    const { port, giveBack } = await b.ports.borrow(address, 'flash');
    const end = new Promise((resolve) => port.onClose(resolve));
    await b.ports.close();
    expect(await end).toMatchObject({ code: 'port/closed' });
    expect(b.opened[0]?.isClosed).toBe(true);
    await giveBack();
    b.book.flush();
    expect(b.clock.pendingTimers).toBe(0);
  });
});

test('an address nobody can open is refused before anything is made for it', async () => {
  const b = bench();
  await expect(b.ports.handlers['ports.open']({ address: 'ftp://x', options: {} }, context)).rejects.toMatchObject({
    code: 'port/bad-address',
  });
  expect(b.ports.streams['ports.state']({}).topic.snapshot()).toEqual([]);
});
