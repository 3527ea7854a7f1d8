import { openPty } from '../../pipeline/boards/pty.ts';

export interface PtyPair {
  /** What a serial program opens. */
  readonly path: string;
  /** Resolves once `count` bytes have been received in all. */
  receivedBytes(count: number): Promise<Buffer>;
  /** Waits until a program has the line open: what is sent before is heard by nobody. */
  send(data: Uint8Array): Promise<void>;
  /** The adapter is pulled out. */
  unplug(): Promise<void>;
}

/** A real pseudo-terminal; the test holds the far end (POSIX only). */
export async function openPtyPair(): Promise<PtyPair> {
  const pty = await openPty();
  let all = Buffer.alloc(0);
  let wake: () => void = () => {};
  pty.onData((chunk) => {
    all = Buffer.concat([all, chunk]);
    wake();
  });
  let isOpen = () => {};
  pty.onOpenChange(() => isOpen());
  return {
    path: pty.path,
    async receivedBytes(count) {
      while (all.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return all;
    },
    async send(data) {
      while (!pty.isOpen) await new Promise<void>((resolve) => (isOpen = resolve));
      pty.write(data);
    },
    unplug: () => pty.close(),
  };
}
