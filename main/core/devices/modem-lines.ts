/** Linux' <asm-generic/ioctls.h> and <asm-generic/termios.h>, the same on x86 and ARM. */
const TIOCMGET = 0x5415;
const TIOCMSET = 0x5418;
const TIOCM_DTR = 0x002;
const TIOCM_RTS = 0x004;

export interface Lines {
  dtr: boolean;
  rts: boolean;
}

/** What of serialport's driver moves lines. */
export interface LineDriver {
  set(flags: { brk: boolean; cts: boolean; dsr: boolean; dtr: boolean; rts: boolean }): Promise<void>;
  /** Of its POSIX drivers; null when closed. */
  readonly fd?: number | null;
}

/**
 * Both lines in one call. False when the port has none.
 *
 * The driver's own `set` clears "break" first, and gives up where a device knows no break: since Linux 6.8 that is most of what is
 * /dev/ttyACM*, boards with USB of their own, CH343 bridges and modules among them (serialport/bindings-cpp#229). There the lines are
 * asked for by themselves.
 */
export async function moveLines(driver: LineDriver, { dtr, rts }: Lines, byTerminal = setTerminalLines): Promise<boolean> {
  try {
    // Every flag, always: those left out would be asserted.
    await driver.set({ brk: false, cts: false, dsr: false, dtr, rts });
    return true;
  } catch {
    // The driver gives no code to tell why. A PTY has no such lines either way, and the next read tells if the port is gone.
    return driver.fd == null ? false : byTerminal(driver.fd, { dtr, rts });
  }
}

interface Calls {
  read(fd: number, bits: Int32Array): number;
  /** Not on this thread: a USB device takes its time over it. */
  write(fd: number, bits: Int32Array): Promise<number>;
}

let loaded: Promise<Calls | null> | null = null;

/** DTR and RTS of an open terminal. False when it has none, and on systems where the driver's own way is the only one. */
export async function setTerminalLines(fd: number, { dtr, rts }: Lines): Promise<boolean> {
  loaded ??= load();
  const calls = await loaded;
  if (calls === null) return false;
  const bits = new Int32Array(1);
  if (calls.read(fd, bits) !== 0) return false;
  bits[0] = ((bits[0] ?? 0) & ~(TIOCM_DTR | TIOCM_RTS)) | (dtr ? TIOCM_DTR : 0) | (rts ? TIOCM_RTS : 0);
  return (await calls.write(fd, bits)) === 0;
}

async function load(): Promise<Calls | null> {
  if (process.platform !== 'linux') return null;
  try {
    const { default: koffi } = await import('koffi');
    const ioctl = koffi.load(null).func('int ioctl(int fd, unsigned long request, _Inout_ int *bits)');
    return {
      read: (fd, bits) => ioctl(fd, TIOCMGET, bits),
      write: (fd, bits) =>
        new Promise((resolve, reject) => {
          ioctl.async(fd, TIOCMSET, bits, (error: Error | null, result: number) => (error === null ? resolve(result) : reject(error)));
        }),
    };
  } catch {
    return null;
  }
}
