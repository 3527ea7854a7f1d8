import { ReadStream } from 'node:tty';
import koffi from 'koffi';

export interface PtyPair {
  /** What a serial program opens. */
  readonly path: string;
  /** Everything the far end has received so far. */
  received(): Buffer;
  /** Resolves once `count` bytes have been received in all. */
  receivedBytes(count: number): Promise<Buffer>;
  send(data: Uint8Array): void;
  /** The adapter is pulled out. */
  unplug(): void;
}

/** A real pseudo-terminal; the test holds the far end (POSIX only). */
export function openPtyPair(): PtyPair {
  const libc = koffi.load(process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6');
  const fd: number = libc.func('int posix_openpt(int flags)')(process.platform === 'darwin' ? 0x20002 : 0o402);
  libc.func('int grantpt(int fd)')(fd);
  libc.func('int unlockpt(int fd)')(fd);
  const path: string = libc.func('const char *ptsname(int fd)')(fd);
  if (fd < 0 || !path) throw new Error('no pseudo-terminal to be had');

  const master = new ReadStream(fd);
  let all = Buffer.alloc(0);
  let wake: () => void = () => {};
  master.on('data', (chunk) => {
    all = Buffer.concat([all, chunk]);
    wake();
  });
  master.on('error', () => {}); // EIO: nobody has the other end open
  return {
    path,
    received: () => all,
    async receivedBytes(count) {
      while (all.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return all;
    },
    send: (data) => void master.write(data),
    unplug: () => master.destroy(),
  };
}
