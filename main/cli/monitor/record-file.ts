import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { toJson } from '../output.ts';

/** `.jsonl` keeps rows whole, `.bin` the bytes received and nothing else, anything else lines with their host time. */
export interface RecordFile {
  write(row: LogRow): void;
  /** Resolves when the file has caught up. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** Appends. Throws TalkError 'not-found' when the file cannot be opened; `onFailure` hears at once that it cannot be written any more. */
export async function openRecordFile(
  path: string,
  textOf: (row: LogRow) => string,
  onFailure: (reason: string) => void,
): Promise<RecordFile> {
  const stream: WriteStream = createWriteStream(path, { flags: 'a' });
  try {
    await once(stream, 'open');
  } catch (error) {
    throw new TalkError('not-found', { what: 'file', id: path, reason: reasonOf(error) }, { cause: error });
  }
  let failure: unknown;
  stream.on('error', (error) => {
    if (failure !== undefined) return;
    failure = error;
    onFailure(reasonOf(error));
  });
  const format = path.endsWith('.jsonl') ? 'jsonl' : path.endsWith('.bin') ? 'raw' : 'text';
  return {
    write(row) {
      if (failure !== undefined) return;
      if (format === 'jsonl') stream.write(`${toJson(row)}\n`);
      else if (format === 'text') stream.write(`${textOf(row)}\n`);
      else if (row.direction === 'received') stream.write(row.raw);
    },
    async caughtUp() {
      // A failure is told by the stream's own listener.
      if (stream.writableNeedDrain) await once(stream, 'drain').catch(() => {});
    },
    async close() {
      await new Promise<void>((resolve) => stream.end(() => resolve()));
      if (failure !== undefined) throw new TalkError('store/disk-full', { path }, { cause: failure });
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unwritable';
}
