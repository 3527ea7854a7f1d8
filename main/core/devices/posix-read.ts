import { read } from 'node:fs';
import { promisify } from 'node:util';

const readFile = promisify(read);

/** What serialport's POSIX drivers show of themselves. */
export interface PosixDriver {
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', listener: (error: Error | null) => void): unknown };
}

export function isPosixDriver(driver: object): driver is PosixDriver {
  return 'fd' in driver && 'poller' in driver;
}

/**
 * Bytes read into `buffer`; 0 when the line was hung up. In place of the driver's own read(), which takes the 0 that a
 * vanished tty answers for ever after as "try again" and spins.
 */
export async function readPosix(driver: PosixDriver, buffer: Buffer): Promise<number> {
  for (;;) {
    if (driver.fd === null) return 0;
    try {
      return (await readFile(driver.fd, buffer, 0, buffer.length, null)).bytesRead;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'EAGAIN' && code !== 'EWOULDBLOCK' && code !== 'EINTR') throw error;
    }
    // Closed while the read was under way: its poller is gone, and to ask it again would crash the process.
    if (driver.fd === null) return 0;
    await new Promise<void>((resolve, reject) => {
      driver.poller.once('readable', (error) => (error === null ? resolve() : reject(error)));
    });
  }
}
