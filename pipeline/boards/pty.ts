import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { lstat, readlink, symlink, unlink } from 'node:fs/promises';
import { ReadStream } from 'node:tty';
import { TalkError } from '../../preload/contract/errors.ts';
import { loadTerminalCalls, type TerminalCalls } from './terminal-calls.ts';

/** What a reader who fell asleep may still get. Older output is dropped first, as a UART with nobody listening would. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** One kernel write; a PTY's own buffer is of this order. */
const WRITE_BYTES = 4096;
/** How soon a full kernel buffer is tried again. */
const RETRY_MS = 5;
/** How soon an opening is noticed. The kernel announces the closing of the slave, never its opening. */
const OPEN_POLL_MS = 25;

export interface Pty {
  /** What any serial program opens: the link if one was asked for, else the device. */
  readonly path: string;
  /** Never blocks. Dropped and counted while nobody has the slave open, or when the one who has does not read. */
  write(data: Uint8Array): void;
  /** Bytes the program wrote, in order. The array is the listener's to keep. */
  onData(listener: (data: Uint8Array) => void): void;
  /** The first program opened the slave, or the last one closed it. macOS cannot tell: there it is open from the start. */
  onOpenChange(listener: (isOpen: boolean) => void): void;
  readonly isOpen: boolean;
  /** Leaves what the program writes in the kernel, whose buffer then makes it wait; until the promise is settled. */
  pauseUntil(resume: Promise<void>): void;
  /** Output nobody took. */
  readonly droppedBytes: number;
  /** Output that the kernel has not taken yet. */
  readonly queuedBytes: number;
  close(): Promise<void>;
}

/**
 * A pseudo-terminal as the far end of a serial line (/dev/ptmx). The slave is raw before its path is known to
 * anyone: a fresh one would echo the board's output back into the board.
 *
 * Fails with `board/pty-unavailable` where the system has none (Windows) or grants none.
 *
 * `linkPath`: a symbolic link to keep pointing at the device while this PTY lives. A link already there is replaced, a file is not.
 */
export async function openPty(options: { linkPath?: string } = {}): Promise<Pty> {
  const calls = await loadTerminalCalls();
  const { master, devicePath } = openMaster(calls);
  // macOS forgets the line settings when the last program closes the slave, so there one is kept open, for ever in raw mode.
  const heldSlave = makeSlaveRaw(calls, devicePath, { hold: process.platform === 'darwin' });
  if (options.linkPath !== undefined) {
    try {
      await replaceLink(options.linkPath, devicePath);
    } catch (cause) {
      if (heldSlave !== null) closeSync(heldSlave);
      closeSync(master);
      throw new TalkError('board/pty-unavailable', { platform: process.platform, linkPath: options.linkPath }, { cause });
    }
  }
  return new MasterSide({ calls, master, devicePath, heldSlave, linkPath: options.linkPath });
}

class MasterSide implements Pty {
  readonly path: string;
  readonly #calls: TerminalCalls;
  readonly #master: number;
  readonly #devicePath: string;
  readonly #heldSlave: number | null;
  readonly #linkPath: string | undefined;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #retry: NodeJS.Timeout | null = null;
  #droppedBytes = 0;
  /** Lives while a program has the slave open: reading a master without a slave is an error, and ends the stream. */
  #stream: ReadStream | null = null;
  #poll: NodeJS.Timeout | null = null;
  #isClosed = false;
  #onData: (data: Uint8Array) => void = () => {};
  #onOpenChange: (isOpen: boolean) => void = () => {};

  constructor(parts: { calls: TerminalCalls; master: number; devicePath: string; heldSlave: number | null; linkPath: string | undefined }) {
    this.#calls = parts.calls;
    this.#master = parts.master;
    this.#devicePath = parts.devicePath;
    this.#heldSlave = parts.heldSlave;
    this.#linkPath = parts.linkPath;
    this.path = parts.linkPath ?? parts.devicePath;
    this.#awaitOpen();
  }

  get isOpen(): boolean {
    return this.#stream !== null;
  }

  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  onData(listener: (data: Uint8Array) => void): void {
    this.#onData = listener;
  }

  onOpenChange(listener: (isOpen: boolean) => void): void {
    this.#onOpenChange = listener;
  }

  write(data: Uint8Array): void {
    if (this.#stream === null) {
      this.#droppedBytes += data.length;
      return;
    }
    for (let offset = 0; offset < data.length; offset += WRITE_BYTES) this.#queue.push(data.slice(offset, offset + WRITE_BYTES));
    this.#queuedBytes += data.length;
    while (this.#queuedBytes > MAX_QUEUED_BYTES) this.#dropOldest();
    if (this.#retry === null) this.#writeQueued();
  }

  pauseUntil(resume: Promise<void>): void {
    const stream = this.#stream;
    if (stream === null) return;
    stream.pause();
    const go = () => void stream.resume();
    resume.then(go, go);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#poll !== null) clearInterval(this.#poll);
    this.#stopRetrying();
    const stream = this.#stream;
    this.#stream = null;
    if (stream !== null) {
      await new Promise<void>((resolve) => {
        stream.once('close', () => resolve());
        stream.destroy();
      });
    }
    if (this.#heldSlave !== null) closeSync(this.#heldSlave);
    closeSync(this.#master);
    if (this.#linkPath !== undefined) await removeLink(this.#linkPath, this.#devicePath);
  }

  #awaitOpen(): void {
    this.#poll = setInterval(() => {
      if (this.#calls.isHungUp(this.#master)) return;
      if (this.#poll !== null) clearInterval(this.#poll);
      this.#poll = null;
      this.#startReading();
    }, OPEN_POLL_MS);
  }

  #startReading(): void {
    // A duplicate: the stream closes what it was given when the slave goes away, and the master has to outlive that.
    const stream = new ReadStream(this.#calls.duplicate(this.#master));
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#onData(Uint8Array.prototype.slice.call(chunk)));
    // EIO is how the last program's closing shows itself; 'close' follows any error.
    stream.on('error', () => {});
    stream.on('close', () => this.#hungUp());
    this.#onOpenChange(true);
  }

  #hungUp(): void {
    if (this.#isClosed) return;
    this.#stream = null;
    this.#stopRetrying();
    while (this.#queue.length > 0) this.#dropOldest();
    // What the kernel still holds would greet the next program, long after it was said.
    this.#calls.discardOutput(this.#master);
    this.#onOpenChange(false);
    if (!this.#isClosed) this.#awaitOpen();
  }

  /** Not through the stream, whose writes to a master block the process while nobody reads. */
  #writeQueued(): void {
    this.#retry = null;
    for (let chunk = this.#queue[0]; chunk !== undefined; chunk = this.#queue[0]) {
      const written = writeWhatFits(this.#master, chunk);
      this.#queuedBytes -= written;
      if (written < chunk.length) {
        this.#queue[0] = chunk.subarray(written);
        this.#retry = setTimeout(() => this.#writeQueued(), RETRY_MS);
        return;
      }
      this.#queue.shift();
    }
  }

  #stopRetrying(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  #dropOldest(): void {
    const dropped = this.#queue.shift();
    if (dropped === undefined) return;
    this.#queuedBytes -= dropped.length;
    this.#droppedBytes += dropped.length;
  }
}

/** Not posix_openpt(3): it may refuse O_NONBLOCK, and without that a write would wait for the reader. */
function openMaster(calls: TerminalCalls): { master: number; devicePath: string } {
  let master: number;
  try {
    master = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new TalkError('board/pty-unavailable', { platform: process.platform }, { cause });
  }
  const devicePath = calls.grant(master);
  if (devicePath === null) {
    closeSync(master);
    throw new TalkError('board/pty-unavailable', { platform: process.platform });
  }
  return { master, devicePath };
}

/** How many bytes the kernel took: none when its buffer is full, or the slave is just going away. */
function writeWhatFits(master: number, chunk: Uint8Array): number {
  try {
    return writeSync(master, chunk);
  } catch {
    return 0;
  }
}

function makeSlaveRaw(calls: TerminalCalls, devicePath: string, { hold }: { hold: boolean }): number | null {
  const slave = openSync(devicePath, constants.O_RDWR | constants.O_NOCTTY);
  calls.makeRaw(slave);
  if (hold) return slave;
  closeSync(slave);
  return null;
}

async function replaceLink(linkPath: string, devicePath: string): Promise<void> {
  const existing = await lstat(linkPath).catch(() => null);
  if (existing?.isSymbolicLink() === true) await unlink(linkPath);
  await symlink(devicePath, linkPath);
}

/** Leaves a link that has become somebody else's. */
async function removeLink(linkPath: string, devicePath: string): Promise<void> {
  const target = await readlink(linkPath).catch(() => null);
  if (target === devicePath) await unlink(linkPath).catch(() => {});
}
