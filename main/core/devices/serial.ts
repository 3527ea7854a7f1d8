import { constants } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { isatty } from 'node:tty';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { PortOptions } from '../../../preload/contract/ports.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { type LineDriver, moveLines } from './modem-lines.ts';
import { mendPoller } from './poller.ts';
import type { BytePort } from './port.ts';
import { PortListeners } from './port-listeners.ts';
import { ownerOf } from './port-owner.ts';
import { permissionHelp } from './port-permission.ts';
import { isPosixDriver, readPosix } from './posix-read.ts';

const READ_BUFFER_BYTES = 64 * 1024;
/** Every driver can do this one. */
const USUAL_RATE = 115_200;

/** What of the driver is used; the npm package's own type is a union over three platforms. */
interface Driver extends LineDriver {
  readonly isOpen: boolean;
  /** Of its POSIX drivers. */
  readonly poller?: unknown;
  read(buffer: Buffer, offset: number, length: number): Promise<{ bytesRead: number }>;
  write(data: Buffer): Promise<void>;
  drain(): Promise<void>;
  update(options: { baudRate: number }): Promise<void>;
  getBaudRate?(): Promise<{ baudRate: number }>;
  close(): Promise<void>;
}

/**
 * A local serial line or PTY. Works on serialport's driver rather than its stream: the stream hands out slices of a shared
 * pool, and its `set()` asserts every line the caller did not name.
 *
 * Opening leaves DTR and RTS as the system puts them. (Linux asserts both at once, which a board's reset circuit ignores;
 * `hupcl: false` keeps them at close where the system allows.)
 */
export async function openSerial(path: string, options: PortOptions, clock: Clock): Promise<BytePort> {
  requireSupported(path, options);
  const driver = await openDriver(path, options);
  const buffer = Buffer.allocUnsafe(READ_BUFFER_BYTES);
  let writing: Promise<void> = Promise.resolve();
  let closing: Promise<void> | null = null;

  const listeners = new PortListeners(() => {
    // Its failures are the port's end, told through onClose.
    void readOn();
  });

  async function readOn(): Promise<void> {
    while (!listeners.isClosed) {
      let bytesRead: number;
      try {
        bytesRead = isPosixDriver(driver) ? await readPosix(driver, buffer) : (await driver.read(buffer, 0, buffer.length)).bytesRead;
      } catch (error) {
        await vanished(error);
        return;
      }
      if (bytesRead === 0) return vanished(null);
      listeners.deliver(Uint8Array.prototype.slice.call(buffer, 0, bytesRead), clock.nowUs());
    }
  }

  /** The device went away under us. After our own close() this is only the cancelled read coming back. */
  async function vanished(cause: unknown): Promise<void> {
    if (closing !== null) return;
    closing = driver.isOpen ? driver.close().catch(() => {}) : Promise.resolve();
    await closing;
    listeners.close(new TalkError('port/lost', { address: path, reason: reasonOf(cause) }, { retryable: true, cause }));
  }

  function requireOpen(): void {
    if (closing !== null) throw new TalkError('port/closed', { address: path });
  }

  async function writeNow(data: Uint8Array): Promise<void> {
    requireOpen();
    try {
      await driver.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
      await driver.drain();
    } catch (cause) {
      requireOpen();
      await vanished(cause);
      throw new TalkError('port/lost', { address: path, reason: reasonOf(cause) }, { retryable: true, cause });
    }
  }

  return {
    address: path,
    write(data) {
      // One at a time: the driver keeps a single pending write, and order is the caller's.
      const written = writing.then(() => writeNow(data));
      writing = written.catch(() => {});
      return written;
    },
    async setSignals({ dtr, rts }) {
      requireOpen();
      return moveLines(driver, { dtr, rts });
    },
    async setBaudRate(baudRate) {
      requireOpen();
      try {
        await driver.update({ baudRate });
      } catch (cause) {
        throw wrongRate(path, baudRate, cause);
      }
      await requireRate(driver, path, baudRate);
    },
    onData: (listener) => listeners.onData(listener),
    onClose: (listener) => listeners.onClose(listener),
    async close() {
      closing ??= driver.isOpen ? driver.close().catch(() => {}) : Promise.resolve();
      await closing;
      listeners.close(null);
    },
  };
}

function requireSupported(path: string, options: PortOptions): void {
  const isWindows = process.platform === 'win32';
  if (!isWindows && (options.parity === 'mark' || options.parity === 'space'))
    throw new TalkError('port/unsupported', { address: path, feature: `parity ${options.parity}` });
  if (!isWindows && options.stopBits === 1.5) throw new TalkError('port/unsupported', { address: path, feature: 'stopBits 1.5' });
}

async function openDriver(path: string, options: PortOptions): Promise<Driver> {
  const { SerialPort } = await import('serialport');
  const binding: { open(options: Record<string, unknown> & { path: string; baudRate: number }): Promise<Driver> } = SerialPort.binding;
  const { baudRate, dataBits, stopBits, parity, flowControl } = options;
  const line = { path, dataBits, stopBits, parity, hupcl: false, rtscts: flowControl === 'rtscts', ...softwareFlow(flowControl) };
  const open = (rate: number) => binding.open({ ...line, baudRate: rate });
  let driver: Driver;
  try {
    driver = await open(baudRate);
  } catch (cause) {
    const atUsualRate = () =>
      open(USUAL_RATE).then(
        (opened) => opened.close().then(() => true),
        () => false,
      );
    throw await reasonForRefusal(path, baudRate, cause, atUsualRate);
  }
  mendPoller(driver);
  try {
    await requireRate(driver, path, baudRate);
  } catch (error) {
    await driver.close().catch(() => {});
    throw error;
  }
  return driver;
}

function softwareFlow(flowControl: PortOptions['flowControl']): { xon: boolean; xoff: boolean } {
  return { xon: flowControl === 'xonxoff', xoff: flowControl === 'xonxoff' };
}

/** A driver that quietly takes the nearest rate it can would only show garbage. UARTs hear each other within about 3 %. */
async function requireRate(driver: Driver, path: string, baudRate: number): Promise<void> {
  if (process.platform !== 'linux' || driver.getBaudRate === undefined) return;
  const inForce = await driver.getBaudRate().then(
    (answer) => answer.baudRate,
    () => baudRate, // a driver that cannot tell
  );
  if (inForce > 0 && Math.abs(inForce - baudRate) > baudRate * 0.03) throw wrongRate(path, baudRate);
}

function wrongRate(address: string, baudRate: number, cause?: unknown): TalkError {
  return new TalkError('port/unsupported', { address, feature: `baudRate ${baudRate}` }, { cause });
}

/** The driver's error carries text only. Asking the file system again gives a code. */
async function reasonForRefusal(
  path: string,
  baudRate: number,
  cause: unknown,
  opensAtUsualRate: () => Promise<boolean>,
): Promise<TalkError> {
  const isWindows = process.platform === 'win32';
  try {
    // Never becoming our controlling terminal (its loss would kill us), never waiting for a carrier.
    const flags = isWindows ? constants.O_RDWR : constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
    const probe = await openFile(isWindows ? `\\\\.\\${path}` : path, flags);
    const isTerminal = isatty(probe.fd);
    await probe.close();
    if (!isTerminal && !isWindows) return new TalkError('port/bad-address', { address: path }, { cause });
    // It opens for us, so what failed is the rate, or the lock: someone else's.
    if (baudRate !== USUAL_RATE && (await opensAtUsualRate())) return wrongRate(path, baudRate, cause);
    return busy(path, cause);
  } catch (probeError) {
    const code = codeOf(probeError);
    if (code === 'EACCES' || code === 'EPERM') {
      // Windows answers "access denied" for a port another program holds.
      if (isWindows) return busy(path, cause);
      return new TalkError('port/permission', { address: path, ...(await permissionHelp(path)) }, { cause });
    }
    if (code === 'EBUSY') return busy(path, cause);
    if (code === 'EISDIR') return new TalkError('port/bad-address', { address: path }, { cause });
    return new TalkError('port/not-found', { address: path }, { retryable: true, cause });
  }
}

async function busy(path: string, cause: unknown): Promise<TalkError> {
  return new TalkError('port/busy', { address: path, ...((await ownerOf(path)) ?? { owner: '?' }) }, { retryable: true, cause });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A system code where there is one ('EIO'), else 'closed'. */
function reasonOf(error: unknown): string {
  return codeOf(error) ?? 'closed';
}
