import { access, constants, type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TalkError } from '../../preload/contract/talk-error.ts';

/** Fails with `saving/failed` {path, reason} where a file cannot be put: said before the minutes that its content takes. */
export async function requireWritable(path: string): Promise<void> {
  try {
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory() === true) throw new TalkError('saving/failed', { path, reason: 'EISDIR' });
    await access(found === null ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    throw asFailure(path, error);
  }
}

/** A new file, or another content of one that was there, on the disk when it is done. Fails with `saving/failed` {path, reason}. */
export async function writeOutputFile(path: string, write: (file: FileHandle) => Promise<void>, mode = 0o666): Promise<void> {
  try {
    await using file = await open(path, 'w', mode);
    // One that was there keeps the mode it had.
    if ((mode & 0o077) === 0) await file.chmod(mode);
    await write(file);
    await file.sync().catch(() => {}); // a pipe cannot
  } catch (error) {
    throw asFailure(path, error);
  }
}

/** What is no matter of the file stays as it is. */
function asFailure(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  return new TalkError('saving/failed', { path, reason: String(error.code) }, { cause: error });
}
