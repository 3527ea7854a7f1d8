import { EventEmitter } from 'node:events';
import { SerialPort } from 'serialport';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { mendPoller } from '../../../../../main/core/devices/poller.ts';
import { openSerial } from '../../../../../main/core/devices/serial.ts';
import { openPty, type Pty } from '../../../../../pipeline/boards/pty.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { portOptions } from '../../../../../preload/contract/ports.ts';

/** Far more than the kernel keeps for a PTY. */
const MUCH = new Uint8Array(300_000);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A real PTY, its board's end, and a port that our opener opened over the real library, with the poller in it. */
async function bench() {
  const board = await openPty();
  cleanups.push(() => board.close());
  const opening = vi.spyOn(SerialPort.binding, 'open');
  const port = await openSerial(board.path, portOptions.parse({}), systemClock);
  cleanups.push(() => port.close());
  const opened = opening.mock.results[0];
  if (opened?.type !== 'return') throw new Error('not opened by the library');
  const driver = await opened.value;
  if (!('poller' in driver)) throw new Error('a driver without a poller');
  await vi.waitFor(() => expect(board.isOpen).toBe(true));
  return { board, port, driver };
}

/** One listener is ours for good. */
async function waitsFor(event: 'readable' | 'writable', poller: EventEmitter): Promise<void> {
  await vi.waitFor(() => expect(poller.listenerCount(event)).toBe(2), { timeout: 10_000, interval: 5 });
}

function stopTaking(board: Pty): () => void {
  const pause = Promise.withResolvers<void>();
  board.pauseUntil(pause.promise);
  return pause.resolve;
}

describe.skipIf(process.platform === 'win32')('over the real library', () => {
  test('a write that waits for room goes on when there is some, though a read began to wait after it', async () => {
    const { board, port, driver } = await bench();
    let takenBytes = 0;
    board.onData((data) => (takenBytes += data.length));
    const takeOn = stopTaking(board);
    const written = port.write(MUCH);
    await waitsFor('writable', driver.poller);
    port.onData(() => {});
    await waitsFor('readable', driver.poller);
    takeOn();
    await written;
    await vi.waitFor(() => expect(takenBytes).toBe(MUCH.length));
  });

  test('a read that waits hears the board, though a write began to wait after it', async () => {
    const { board, port, driver } = await bench();
    const heard = new Promise<Uint8Array>((resolve) => port.onData(resolve));
    await waitsFor('readable', driver.poller);
    const takeOn = stopTaking(board);
    const written = port.write(MUCH);
    await waitsFor('writable', driver.poller);
    board.write(Buffer.from('x'));
    expect(Buffer.from(await heard).toString()).toBe('x');
    takeOn();
    await written;
  });

  test('bytes that nobody reads yet wake nobody, also after a write had to wait', async () => {
    const { board, port, driver } = await bench();
    const takeOn = stopTaking(board);
    const written = port.write(MUCH);
    await waitsFor('writable', driver.poller);
    const one = Buffer.alloc(1);
    const read = driver.read(one, 0, 1);
    await waitsFor('readable', driver.poller);
    takeOn();
    await written;
    board.write(Buffer.from('xyz'));
    await read;
    const events = vi.spyOn(driver.poller, 'emit');
    for (let turn = 0; turn < 1000; turn++) await new Promise(setImmediate);
    expect(events.mock.calls.length).toBeLessThan(5);
    await driver.read(one, 0, 1);
    expect(one.toString()).toBe('y');
  });
});

describe('a poller', () => {
  /** Asks and listens as the library's does; keeps what it was asked for. */
  class FakePoller extends EventEmitter {
    readonly asked: number[] = [];
    poll(events = 0): void {
      this.asked.push(events);
    }
    override once(event: 'readable' | 'writable', listener: () => void): this {
      this.poll(event === 'readable' ? 1 : 2);
      return super.once(event, listener);
    }
  }

  test('is asked for what is still awaited after each event, in the same turn of the loop', async () => {
    const poller = new FakePoller();
    mendPoller({ isOpen: true, poller });
    poller.once('writable', () => {});
    poller.once('readable', () => {});
    poller.emit('readable');
    await new Promise(setImmediate);
    poller.emit('writable');
    await new Promise(setImmediate);
    expect(poller.asked).toEqual([2, 1 | 2, 2, 0]);
  });

  test('is left alone once its port is closed: asking it would crash the process', async () => {
    const poller = new FakePoller();
    const driver = { isOpen: true, poller };
    mendPoller(driver);
    poller.once('readable', () => {});
    poller.emit('readable');
    driver.isOpen = false;
    await new Promise(setImmediate);
    expect(poller.asked).toEqual([1]);
  });

  test.each([undefined, null, 7, {}, { poll: () => {} }])('that is %j, no poller we know, is left alone', (poller) => {
    expect(() => mendPoller({ isOpen: true, poller })).not.toThrow();
  });
});
