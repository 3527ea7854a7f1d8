import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TalkError } from '../../../preload/contract/errors.ts';
import { createRedact, type Redact } from '../store/redact.ts';
import type { BookRow } from './row.ts';
import { localDate, numberedName, type SavedName, savedPath } from './saved-path.ts';

/** What may wait for a slow disk, beyond which it is lost and counted. */
const QUEUE_BYTES = 8 << 20;
/** A disk that refuses is tried again after so long. */
const RETRY_MS = 5000;

export interface SavedFileOptions {
  port: string;
  directory: string;
  template: string;
  rollBytes: number;
  rollDaily: boolean;
  secrets(): Promise<readonly string[]>;
  /** The rows as they stand in the file. */
  bytesOf(piece: SavedPiece, redact: Redact): Buffer;
  onChange(): void;
}

export interface SavedPiece {
  rows: readonly BookRow[];
  /** Wall time of the first row, and of `atUs` 0. */
  wallMs: number;
  startedWallMs: number;
  sessionId: string | null;
  /** The port was closed: what comes next is for another file. */
  isLast: boolean;
}

interface WaitingPiece extends SavedPiece {
  sizeBytes: number;
  /** What is still to be written, once that is known. */
  data: Buffer | null;
}

interface OpenFile {
  path: string;
  handle: FileHandle;
  bytes: number;
  day: string;
  sessionId: string | null;
}

/** The files that one port's log is saved to, one after the other. Never makes its caller wait. */
export class SavedFile {
  readonly port: string;
  /** Rows that could not be kept. */
  lostRows = 0;
  problem: TalkError | null = null;
  readonly #options: SavedFileOptions;
  readonly #waiting: WaitingPiece[] = [];
  #waitingBytes = 0;
  #file: OpenFile | null = null;
  /** The file before, which a roll must not come back to. */
  #rolledPath: string | null = null;
  #isWorking = false;
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;
  #wakeRetry: () => void = () => {};

  constructor(options: SavedFileOptions) {
    this.port = options.port;
    this.#options = options;
  }

  get path(): string | null {
    return this.#file?.path ?? null;
  }

  /** Of the file that is open. */
  get bytes(): number {
    return this.#file?.bytes ?? 0;
  }

  add(piece: SavedPiece): void {
    const sizeBytes = piece.rows.reduce((sum, row) => sum + row.raw.byteLength + 2 * row.text.length, 0);
    if (this.#waitingBytes + sizeBytes > QUEUE_BYTES) {
      this.lostRows += piece.rows.length;
      this.#options.onChange();
      return;
    }
    this.#waiting.push({ ...piece, sizeBytes, data: null });
    this.#waitingBytes += sizeBytes;
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#work = this.#drain().finally(() => {
      this.#isWorking = false;
    });
  }

  /** Writes what waits, unless the disk refuses it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wakeRetry();
    await this.#work;
    await this.#closeFile();
  }

  async #drain(): Promise<void> {
    for (let piece = this.#waiting[0]; piece !== undefined; piece = this.#waiting[0]) {
      try {
        await this.#write(piece);
        this.problem = null;
      } catch (error) {
        await this.#closeFile();
        this.problem = new TalkError('saving/failed', {
          path: this.#pathOf(piece),
          reason: (error as NodeJS.ErrnoException).code ?? String(error),
        });
        this.#options.onChange();
        if (this.#isClosed) {
          this.lostRows += this.#waiting.reduce((sum, { rows }) => sum + rows.length, 0);
          this.#waiting.length = 0;
          return;
        }
        await this.#retryLater();
        continue;
      }
      this.#waiting.shift();
      this.#waitingBytes -= piece.sizeBytes;
      if (piece.isLast) await this.#closeFile();
      this.#options.onChange();
    }
  }

  async #write(piece: WaitingPiece): Promise<void> {
    const { rollBytes, rollDaily, template, bytesOf, secrets } = this.#options;
    piece.data ??= bytesOf(piece, createRedact({ includeIdentities: true, secrets: await secrets() }));
    if (piece.data.length === 0) return;
    const file = this.#file;
    const day = localDate(piece.wallMs);
    if (file !== null) {
      const isFull = rollBytes > 0 && file.bytes > 0 && file.bytes + piece.data.length > rollBytes;
      const isOtherDay = rollDaily && day !== file.day;
      const isOtherSession = template.includes('{session}') && piece.sessionId !== file.sessionId;
      if (isFull || isOtherDay || isOtherSession) {
        this.#rolledPath = file.path;
        await this.#closeFile();
      }
    }
    this.#file ??= await this.#open(piece, piece.data.length, day);
    while (piece.data.length > 0) {
      const { bytesWritten } = await this.#file.handle.write(piece.data);
      this.#file.bytes += bytesWritten;
      // What is written is not written again when the rest is refused.
      piece.data = piece.data.subarray(bytesWritten);
    }
  }

  /** Goes on with a file that has room; one that is full, or has just been left, is followed by a numbered one. */
  async #open(piece: SavedPiece, sizeBytes: number, day: string): Promise<OpenFile> {
    const { rollBytes } = this.#options;
    const named = this.#pathOf(piece);
    await mkdir(dirname(named), { recursive: true });
    for (let number = 1; ; number++) {
      const path = numberedName(named, number);
      const bytes = await stat(path).then(
        ({ size }) => size,
        () => 0,
      );
      if (path === this.#rolledPath || (rollBytes > 0 && bytes > 0 && bytes + sizeBytes > rollBytes)) continue;
      return { path, handle: await open(path, 'a'), bytes, day, sessionId: piece.sessionId };
    }
  }

  #pathOf({ wallMs, sessionId }: SavedPiece): string {
    const name: SavedName = { port: this.port, wallMs, sessionId };
    return join(this.#options.directory, ...savedPath(this.#options.template, name));
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.handle.close().catch(() => {});
  }

  #retryLater(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      this.#wakeRetry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
