import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listPorts } from '../../../../../main/core/devices/list.ts';
import type { BytePort } from '../../../../../main/core/devices/port.ts';
import { parseResetSequence, resetSequences, runReset } from '../../../../../main/core/devices/reset.ts';
import { openVirtual } from '../../../../../main/core/devices/virtual.ts';
import type { BoardUart } from '../../../../../pipeline/boards/uart.ts';
import { portOptions } from '../../../../../preload/contract/ports.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const address = 'virtual://board';
const options = portOptions.parse({ baudRate: 74880 });

/** The reset circuit of a dev board, and what the chip makes of it: IO0 is sampled when EN rises, which an RC delays by 5 ms. */
class CircuitUart implements BoardUart {
  readonly boots: string[] = [];
  readonly log: string[] = [];
  readonly #clock: VirtualClock;
  #listeners = new Set<(data: Uint8Array) => void>();
  #isEnabled = true;
  #isIo0High = true;
  #cancelRise: () => void = () => {};

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }
  receive(data: Uint8Array): void {
    this.log.push(`rx ${Buffer.from(data).toString()}`);
  }
  onTransmit(listener: (data: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  transmit(text: string): void {
    for (const listener of this.#listeners) listener(Buffer.from(text));
  }
  setLines({ dtr, rts }: { dtr: boolean; rts: boolean }): void {
    const isEnabled = !(rts && !dtr);
    this.#isIo0High = !(dtr && !rts);
    if (isEnabled && !this.#isEnabled) {
      this.#cancelRise = this.#clock.at((this.#clock.nowUs() + 5000) as never, () => this.boots.push(this.#isIo0High ? 'run' : 'download'));
    }
    if (!isEnabled) this.#cancelRise();
    this.#isEnabled = isEnabled;
  }
  setBaudRate(baudRate: number): void {
    this.log.push(`baud ${baudRate}`);
  }
  setOpen(isOpen: boolean): void {
    this.log.push(isOpen ? 'open' : 'close');
  }
}

describe('a reset sequence', () => {
  test.each([
    ['classic', 'download'],
    ['classicLong', 'download'],
    ['unixTight', 'download'],
    ['unixTightLong', 'download'],
    ['hard', 'run'],
    ['hardUsb', 'run'],
  ] as const)('%s boots a board into %s, once', async (name, mode) => {
    const clock = new VirtualClock();
    const uart = new CircuitUart(clock);
    const port = await openVirtual(address, uart, options, clock);
    const done = runReset(port, resetSequences[name], clock);
    await clock.advance(2_000_000);
    expect(await done).toBe(true);
    expect(uart.boots).toEqual([mode]);
  });

  test('cut short lets the board go', async () => {
    const clock = new VirtualClock();
    const uart = new CircuitUart(clock);
    const port = await openVirtual(address, uart, options, clock);
    const abort = new AbortController();
    const done = expect(runReset(port, resetSequences.classic, clock, { signal: abort.signal })).rejects.toThrow('enough');
    await clock.advance(50_000);
    abort.abort(new Error('enough'));
    await done;
    await clock.advance(10_000);
    expect(uart.boots).toEqual(['run']);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a sequence of the user’s own', () => {
  test('is read in esptool’s words', () => {
    expect(parseResetSequence('D0|R1|W0.1|D1|R0|W.05|U0,0')).toEqual([
      { dtr: false },
      { rts: true },
      { waitMs: 100 },
      { dtr: true },
      { rts: false },
      { waitMs: 50 },
      { dtr: false, rts: false },
    ]);
  });

  test.each(['', 'D2', 'D', 'R1|', 'U1', 'U1,2', 'W', 'W-1', 'W1e3', 'W11', 'W1.2.3', 'D0 |R1', 'd0', 'D0,R1'])(
    '"%s" is none, and the step that is wrong is told',
    (text) => {
      expect(() => parseResetSequence(text)).toThrow(expect.objectContaining({ code: 'bad-request' }));
    },
  );

  test('that is any other text never passes for one', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (text) => {
        try {
          for (const step of parseResetSequence(text)) expect(Object.keys(step).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-request' });
        }
      }),
    );
  });

  test('drives the lines as it says, in its time', async () => {
    const clock = new VirtualClock();
    const moves: [number, boolean, boolean][] = [];
    const port = {
      setSignals: async ({ dtr, rts }: { dtr: boolean; rts: boolean }) => moves.push([clock.nowUs(), dtr, rts]) > 0,
    } as BytePort;
    const done = runReset(port, parseResetSequence('R1|W0.1|D1|R0|W0.05|U0,0'), clock, { platform: 'linux' });
    await clock.advance(1_000_000);
    expect(await done).toBe(true);
    expect(moves).toEqual([
      [0, false, true],
      [100_000, true, true],
      [100_000, true, false],
      [150_000, false, false],
    ]);
  });

  test('on Windows writes DTR again after each move of RTS, which its driver otherwise keeps to itself', async () => {
    const clock = new VirtualClock();
    const moves: string[] = [];
    const port = {
      setSignals: async ({ dtr, rts }: { dtr: boolean; rts: boolean }) => moves.push(`${Number(dtr)}${Number(rts)}`) > 0,
    } as BytePort;
    const done = runReset(port, resetSequences.classic, clock, { platform: 'win32' });
    await clock.advance(1_000_000);
    expect(await done).toBe(true);
    expect(moves).toEqual(['00', '01', '01', '11', '10', '10', '00']);
  });
});

describe('a virtual board’s port', () => {
  test('hears the board while open and not after, and tells it about both', async () => {
    const clock = new VirtualClock(42);
    const uart = new CircuitUart(clock);
    const port = await openVirtual(address, uart, options, clock);
    const heard: [string, number][] = [];
    const ends: unknown[] = [];
    port.onData((data, atUs) => heard.push([Buffer.from(data).toString(), atUs]));
    port.onClose((error) => ends.push(error));
    uart.transmit('hello');
    await port.write(Buffer.from('hi'));
    await port.setBaudRate(115200);
    await port.close();
    await port.close();
    uart.transmit('gone');
    expect(heard).toEqual([['hello', 42]]);
    expect(uart.log).toEqual(['baud 74880', 'open', 'rx hi', 'baud 115200', 'close']);
    expect(ends).toEqual([null]);
    await expect(port.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'port/closed' });
  });

  test('is not found when no such board runs', async () => {
    await expect(openVirtual(address, undefined, options, new VirtualClock())).rejects.toMatchObject({ code: 'port/not-found' });
  });
});

describe('the port list', () => {
  const board = { address, kind: 'virtual', label: 'board' } as const;

  test('maps what the driver finds, leaves out motherboard UARTs, and ends with the virtual boards', async () => {
    const { ports, problem } = await listPorts([board], () =>
      Promise.resolve([
        { path: '/dev/ttyS0' },
        { path: '/dev/ttyACM0', vendorId: '303A', productId: '1001', serialNumber: 'AA:BB', manufacturer: 'Espressif' },
      ]),
    );
    expect(problem).toBeUndefined();
    expect(ports).toEqual([
      {
        address: '/dev/ttyACM0',
        kind: 'serial',
        label: 'ESP32 USB Serial/JTAG',
        identity: 'usb:303a:1001:AA:BB',
        board: 'ESP32 USB Serial/JTAG',
        vendorId: '303a',
        productId: '1001',
        serialNumber: 'AA:BB',
        manufacturer: 'Espressif',
      },
      board,
    ]);
  });

  test('without udev still names the virtual boards, and the problem', async () => {
    const missing = Object.assign(new Error('spawn udevadm ENOENT'), { code: 'ENOENT' });
    expect(await listPorts([board], () => Promise.reject(missing))).toEqual({
      ports: [board],
      problem: { code: 'port/list-unavailable', data: { missing: 'udev' }, retryable: false },
    });
  });
});
