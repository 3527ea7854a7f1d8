import { describe, expect, test } from 'vitest';
import type { BytePort } from '../../../../../main/core/devices/port.ts';
import { PortListeners } from '../../../../../main/core/devices/port-listeners.ts';
import { createPorts } from '../../../../../main/core/devices/ports.ts';
import type { PortIdentity } from '../../../../../main/core/devices/usb-ports.ts';
import { LogBook } from '../../../../../main/core/logs/log-book.ts';
import { isTalkError, TalkError } from '../../../../../preload/contract/errors.ts';
import type { CallRequest } from '../../../../../preload/contract/index.ts';
import type { PortOptions, PortState } from '../../../../../preload/contract/ports.ts';
import { createFakeRecorder } from '../../../../fakes/recorder.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const address = '/dev/ttyUSB0';
const context = { signal: new AbortController().signal, role: 'operator' } as const;

class FakePort implements BytePort {
  readonly address: string;
  readonly options: PortOptions;
  readonly openedAtUs: number;
  readonly written: [text: string, atUs: number][] = [];
  readonly lines: [dtr: boolean, rts: boolean][] = [];
  readonly listeners = new PortListeners();
  readonly #clock: VirtualClock;

  constructor(path: string, options: PortOptions, clock: VirtualClock) {
    this.address = path;
    this.options = options;
    this.#clock = clock;
    this.openedAtUs = clock.nowUs();
  }

  async write(data: Uint8Array): Promise<void> {
    this.written.push([Buffer.from(data).toString('latin1'), this.#clock.nowUs() - this.openedAtUs]);
  }
  async setSignals({ dtr, rts }: { dtr: boolean; rts: boolean }): Promise<boolean> {
    this.lines.push([dtr, rts]);
    return true;
  }
  async setBaudRate(baudRate: number): Promise<void> {
    if (baudRate === 1_234_567) throw new TalkError('port/unsupported', { address: this.address, feature: `baudRate ${baudRate}` });
  }
  onData(listener: Parameters<BytePort['onData']>[0]): void {
    this.listeners.onData(listener);
  }
  onClose(listener: Parameters<BytePort['onClose']>[0]): void {
    this.listeners.onClose(listener);
  }
  async close(): Promise<void> {
    this.listeners.close(null);
  }
  vanish(): void {
    this.listeners.close(new TalkError('port/lost', { address: this.address, reason: 'EIO' }));
  }
}

/** `board` is where the board that was at `address` is now; null: unplugged. */
function bench(port = address) {
  const clock = new VirtualClock(1_000_000);
  const recorder = createFakeRecorder(clock);
  const book = new LogBook({ clock, recorder });
  const plug = { path: address as string | null, mayOpen: true };
  const opened: FakePort[] = [];
  const states: PortState[] = [];
  const events: (string | undefined)[] = [];
  book.listen({ onRows: (rows) => events.push(...rows.map(({ event }) => event)) });
  const identity: PortIdentity = { identity: 'usb:10c4:ea60:ab12', location: '1-1' };
  const ports = createPorts({
    clock,
    recorder,
    book,
    usb: { identify: async () => identity, locate: async () => plug.path },
    async openPort(path, options) {
      if (!plug.mayOpen) throw new TalkError('port/not-found', { address: path }, { retryable: true });
      const fake = new FakePort(path, options, clock);
      opened.push(fake);
      return fake;
    },
  });
  ports.streams['ports.state']({}).topic.listen((state) => states.push(state));
  return {
    clock,
    plug,
    opened,
    ports,
    open: (options: CallRequest<'ports.open'>['options'] = {}) =>
      ports.handlers['ports.open']({ address: port, options: options ?? {} }, context),
    get state() {
      return states.at(-1);
    },
    get events() {
      book.flush();
      return events;
    },
    latest: () => opened.at(-1) as FakePort,
  };
}

describe('a board that comes back under another path', () => {
  test('is followed; its log keeps the address it was opened under', async () => {
    const b = bench();
    await b.open();
    await b.clock.settle();
    expect(b.state).toMatchObject({ address, identity: 'usb:10c4:ea60:ab12' });
    expect(b.state?.devicePath).toBeUndefined();
    b.plug.path = '/dev/ttyUSB3';
    b.latest().vanish();
    await b.clock.advance(600_000);
    expect(b.opened.map((port) => port.address)).toEqual([address, '/dev/ttyUSB3']);
    expect(b.state).toMatchObject({ address, state: 'open', devicePath: '/dev/ttyUSB3' });
    b.plug.path = address;
    b.latest().vanish();
    await b.clock.advance(600_000);
    expect(b.state).toMatchObject({ address, state: 'open' });
    expect(b.state?.devicePath).toBeUndefined();
  });

  test('another board that took its path is left alone until the right one is back', async () => {
    const b = bench();
    await b.open();
    await b.clock.settle();
    b.plug.path = null;
    b.latest().vanish();
    await b.clock.advance(5_000_000);
    expect(b.opened).toHaveLength(1);
    expect(b.state?.state).toBe('lost');
    b.plug.path = '/dev/ttyUSB1';
    await b.clock.advance(600_000);
    expect(b.state).toMatchObject({ state: 'open', devicePath: '/dev/ttyUSB1' });
  });

  test('the path it moved to names the same port', async () => {
    const b = bench();
    await b.open();
    await b.clock.settle();
    b.plug.path = '/dev/ttyUSB3';
    b.latest().vanish();
    await b.clock.advance(600_000);
    const again = await b.ports.handlers['ports.open']({ address: '/dev/ttyUSB3', options: {} }, context);
    expect(again.address).toBe(address);
    expect(b.opened).toHaveLength(2);
  });

  test('an address that is opened anew means what is there now', async () => {
    const b = bench();
    await b.open();
    await b.clock.settle();
    await b.ports.handlers['ports.close']({ address }, context);
    b.plug.path = '/dev/ttyUSB3';
    await b.open();
    expect(b.latest().address).toBe(address);
  });
});

describe('control lines', () => {
  test('stand as the user set them, also after the board came back', async () => {
    const b = bench();
    await b.open();
    expect(b.state?.signals).toBeUndefined();
    await b.ports.handlers['ports.signals']({ address, dtr: true, rts: false }, context);
    expect(b.state?.signals).toEqual({ dtr: true, rts: false });
    b.latest().vanish();
    await b.clock.advance(600_000);
    expect(b.latest().lines).toEqual([[true, false]]);
  });

  test('a reset lets go of both', async () => {
    const b = bench();
    await b.open();
    const reset = b.ports.handlers['ports.reset']({ address, into: 'run' }, context);
    await b.clock.advance(1_000_000);
    await reset;
    expect(b.state?.signals).toEqual({ dtr: false, rts: false });
  });

  test('are never touched unless asked', async () => {
    const b = bench();
    await b.open();
    b.latest().vanish();
    await b.clock.advance(600_000);
    expect(b.opened.flatMap(({ lines }) => lines)).toEqual([]);
  });

  test('an option changed on an open port moves them at once', async () => {
    const b = bench();
    await b.open();
    await b.open({ dtr: 'on', rts: 'off' });
    expect(b.opened).toHaveLength(1);
    expect(b.latest().lines).toEqual([[true, false]]);
  });
});

test('flow control is set by opening again, a refused baud rate leaves the port as it was', async () => {
  const b = bench();
  await b.open();
  await b.open({ flowControl: 'rtscts' });
  expect(b.opened.map(({ options }) => options.flowControl)).toEqual(['none', 'rtscts']);
  await expect(b.open({ baudRate: 1_234_567 })).rejects.toMatchObject({
    code: 'port/unsupported',
    value: { data: { feature: 'baudRate 1234567' } },
  });
  expect((await b.open()).options.baudRate).toBe(115_200);
  expect(b.state?.state).toBe('open');
});

describe('a file', () => {
  const send = (b: ReturnType<typeof bench>, data: string, signal = context.signal) =>
    b.ports.handlers['ports.sendFile']({ address, data: Buffer.from(data), chunkBytes: 4, chunkDelayMs: 10 }, { ...context, signal });

  test('goes in pieces with a pause after each; what is typed goes in between', async () => {
    const b = bench();
    await b.open();
    const sending = send(b, 'abcdefghij');
    await b.clock.advance(5_000);
    await b.ports.handlers['ports.write']({ address, data: Buffer.from('!') }, context);
    await b.clock.advance(50_000);
    expect(await sending).toEqual({ sentBytes: 10 });
    expect(b.latest().written).toEqual([
      ['abcd', 0],
      ['!', 5_000],
      ['efgh', 10_000],
      ['ij', 20_000],
    ]);
    expect(b.state?.sending).toBeUndefined();
    expect(b.events.filter((event) => event?.startsWith('port.s'))).toEqual(['port.sending', 'port.sent']);
  });

  test('tells how far it is, can be cancelled, and is alone', async () => {
    const b = bench();
    await b.open();
    const sending = send(b, 'x'.repeat(400)).catch((error: unknown) => error);
    await b.clock.advance(600_000);
    expect(b.state?.sending).toEqual({ sentBytes: expect.any(Number), totalBytes: 400 });
    await expect(send(b, 'y')).rejects.toMatchObject({ code: 'port/sending' });
    await b.ports.handlers['ports.cancelSend']({ address }, context);
    expect(isTalkError(await sending, 'cancelled')).toBe(true);
    expect(b.state?.sending).toBeUndefined();
    expect(b.latest().written.length).toBeLessThan(100);
  });

  test('can be cancelled while the far end takes nothing', async () => {
    const b = bench();
    await b.open();
    b.latest().write = () => new Promise(() => {});
    const sending = send(b, 'x'.repeat(40)).catch((error: unknown) => error);
    await b.clock.advance(50_000);
    await b.ports.handlers['ports.cancelSend']({ address }, context);
    expect(isTalkError(await sending, 'cancelled')).toBe(true);
    expect(b.state?.sending).toBeUndefined();
  });

  test('ends with its call, or with the port', async () => {
    const b = bench();
    await b.open();
    const caller = new AbortController();
    const abandoned = send(b, 'x'.repeat(40), caller.signal).catch((error: unknown) => error);
    await b.clock.advance(1_000);
    caller.abort();
    expect(isTalkError(await abandoned, 'cancelled')).toBe(true);
    const cut = send(b, 'x'.repeat(40)).catch((error: unknown) => error);
    await b.clock.advance(1_000);
    b.plug.mayOpen = false;
    b.latest().vanish();
    await b.clock.advance(50_000);
    expect(isTalkError(await cut, 'port/closed')).toBe(true);
  });
});

test('a program that keeps ending is started again less and less often; a board is looked for all the time', async () => {
  const opens = async (port: string) => {
    const b = bench(port);
    await b.open();
    for (let second = 0; second < 60; second++) {
      const latest = b.latest();
      if (!latest.listeners.isClosed) latest.vanish();
      await b.clock.advance(1_000_000);
    }
    return b.opened.length;
  };
  expect(await opens('command://tool')).toBeLessThan(10);
  expect(await opens(address)).toBeGreaterThan(50);
});
