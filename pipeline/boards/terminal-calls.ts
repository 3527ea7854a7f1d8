import { TalkError } from '../../preload/contract/errors.ts';

/** More than any system's `struct termios` (Linux 60 bytes, macOS 72). */
const TERMIOS_BYTES = 256;
const TCSANOW = 0;
const POLLIN = 0x1;
const POLLHUP = 0x10;

/** The C library's terminal calls that Node has no name for. */
export interface TerminalCalls {
  /** Lets the slave be opened; its path, or null. */
  grant(master: number): string | null;
  duplicate(fd: number): number;
  /** No echo, no line editing, no translation: cfmakeraw(3). */
  makeRaw(fd: number): void;
  /** No program has the slave open. */
  isHungUp(master: number): boolean;
  /** Throws away what was written to the master and not read from the slave. */
  discardOutput(master: number): void;
}

let loaded: Promise<TerminalCalls> | null = null;

/** Loaded once, when the first PTY is wanted. Fails with `board/pty-unavailable` but on Linux and macOS. */
export function loadTerminalCalls(): Promise<TerminalCalls> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<TerminalCalls> {
  const { platform } = process;
  if (platform !== 'linux' && platform !== 'darwin') throw new TalkError('board/pty-unavailable', { platform });
  try {
    return bind(await import('koffi'), platform);
  } catch (cause) {
    throw new TalkError('board/pty-unavailable', { platform }, { cause });
  }
}

function bind({ default: koffi }: typeof import('koffi'), platform: 'linux' | 'darwin'): TerminalCalls {
  const library = koffi.load(null);
  const grantpt: (fd: number) => number = library.func('int grantpt(int fd)');
  const unlockpt: (fd: number) => number = library.func('int unlockpt(int fd)');
  const ptsname: (fd: number) => string | null = library.func('str ptsname(int fd)');
  const dup: (fd: number) => number = library.func('int dup(int fd)');
  const tcgetattr: (fd: number, termios: Uint8Array) => number = library.func('int tcgetattr(int fd, _Out_ uint8_t *termios)');
  const tcsetattr: (fd: number, when: number, termios: Uint8Array) => number = library.func(
    'int tcsetattr(int fd, int when, uint8_t *termios)',
  );
  const cfmakeraw: (termios: Uint8Array) => void = library.func('void cfmakeraw(_Inout_ uint8_t *termios)');
  const tcflush: (fd: number, queue: number) => number = library.func('int tcflush(int fd, int queue)');
  // struct pollfd: int fd; short events; short revents. The count is nfds_t: unsigned long, unsigned int on macOS.
  const poll: (entry: Uint8Array, count: number, timeoutMs: number) => number = library.func(
    `int poll(_Inout_ uint8_t *entry, ${platform === 'linux' ? 'unsigned long' : 'unsigned int'} count, int timeoutMs)`,
  );
  // Both directions, by each system's number for TCIOFLUSH.
  const bothQueues = platform === 'linux' ? 2 : 3;

  return {
    grant: (master) => (grantpt(master) === 0 && unlockpt(master) === 0 ? ptsname(master) : null),
    duplicate: (fd) => dup(fd),
    makeRaw(fd) {
      const termios = new Uint8Array(TERMIOS_BYTES);
      tcgetattr(fd, termios);
      cfmakeraw(termios);
      tcsetattr(fd, TCSANOW, termios);
    },
    isHungUp(master) {
      const entry = new DataView(new ArrayBuffer(8));
      const littleEndian = true; // every machine Node runs on with a PTY
      entry.setInt32(0, master, littleEndian);
      entry.setInt16(4, POLLIN, littleEndian);
      poll(new Uint8Array(entry.buffer), 1, 0);
      return (entry.getInt16(6, littleEndian) & POLLHUP) !== 0;
    },
    discardOutput: (master) => void tcflush(master, bothQueues),
  };
}
