import { open, stat } from 'node:fs/promises';
import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';

/** The largest flash there is. */
export const LARGEST_BYTES = 128 * 1024 * 1024;

/** Ordinary files only: a pipe would never end. */
export async function readLimited(path: string): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new TalkError('flash/bad-file', { path, reason: found.isDirectory() ? 'a folder' : 'not a file' });
    if (found.size > LARGEST_BYTES) throw new TalkError('too-large', { limitBytes: LARGEST_BYTES, sizeBytes: found.size });
    await using file = await open(path, 'r');
    return await file.readFile();
  } catch (cause) {
    if (isTalkError(cause)) throw cause;
    throw new TalkError('flash/bad-file', { path, reason: reasonOf(cause) }, { cause });
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unreadable';
}
