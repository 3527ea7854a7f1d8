import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { toJson } from '../output.ts';

/** `.jsonl` keeps rows whole, `.bin` the bytes received and nothing else, anything else lines with their host time. */
export interface RecordFile {
  write(row: LogRow): void;
  close(): Promise<void>;
}

/** Appends. Throws TalkError 'not-found' when the file cannot be opened. */
export async function openRecordFile(path: string, textOf: (row: LogRow) => string): Promise<RecordFile> {
  const stream: WriteStream = createWriteStream(path, { flags: 'a' });
  try {
    await once(stream, 'open');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable';
    throw new TalkError('not-found', { what: 'file', id: path, reason }, { cause: error });
  }
  let failure: unknown;
  stream.on('error', (error) => {
    failure ??= error;
  });
  const format = path.endsWith('.jsonl') ? 'jsonl' : path.endsWith('.bin') ? 'raw' : 'text';
  return {
    write(row) {
      if (format === 'jsonl') stream.write(`${toJson(row)}\n`);
      else if (format === 'text') stream.write(`${textOf(row)}\n`);
      else if (row.direction === 'received') stream.write(row.raw);
    },
    async close() {
      await new Promise<void>((resolve) => stream.end(() => resolve()));
      if (failure !== undefined) throw new TalkError('store/disk-full', { path }, { cause: failure });
    },
  };
}
