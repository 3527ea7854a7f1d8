import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { access, constants, type FileHandle, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { TalkError } from '../../preload/contract/talk-error.ts';

/** Fails with `saving/failed` {path, reason} where a file cannot be put: said before the minutes that its content takes. */
export async function requireWritable(path: string): Promise<void> {
  try {
    const found = await statsOf(path);
    if (found?.isDirectory() === true) throw new TalkError('saving/failed', { path, reason: 'EISDIR' });
    await access(found === null ? dirname(await placeOf(path)) : path, constants.W_OK);
  } catch (error) {
    throw asFailure(path, error);
  }
}

/**
 * A new file, or another one in the place of one that was there, on the disk when it is done: what was there stays until then, also where
 * this ends in the middle. Fails with `saving/failed` {path, reason}.
 */
export async function writeOutputFile(path: string, write: (file: FileHandle) => Promise<void>, mode = 0o666): Promise<void> {
  try {
    const found = await statsOf(path);
    // Pipes and devices are written to, and what another program holds open as its output; whatever else is no file says so itself.
    if (found !== null && (!found.isFile() || /^\/(dev|proc)\//.test(path))) return await writeInto(path, write, mode);
    if (found !== null) await access(path, constants.W_OK);
    // A link goes on leading to where it leads.
    const target = found === null ? await placeOf(path) : await realpath(path);
    // Without the target's own name, which may be as long as a name can be.
    const part = join(dirname(target), `.${randomBytes(8).toString('hex')}.part`);
    const file = await open(part, 'wx', mode).catch((error: unknown) => {
      if (found === null) throw error;
      return null; // a file that may be changed, in a folder that may not
    });
    if (file === null) return await writeInto(target, write, mode);
    try {
      await fill(file, write, { found, mode });
      await rename(part, target);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  } catch (error) {
    throw asFailure(path, error);
  }
}

/** Bytes as they are, for a file or a program that standard output leads to. Resolves when they were taken. */
export function writeStandardOutput(bytes: Uint8Array): Promise<void> {
  return new Promise((done, fail) => {
    process.stdout.write(bytes, (error: NodeJS.ErrnoException | null | undefined) => {
      // A reader that went away is heard of by the stream's own listener.
      if (!error || error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') done();
      else fail(asFailure('-', error));
    });
  });
}

/** Null where nothing is; also where a link leads to nothing. */
async function statsOf(path: string): Promise<Stats | null> {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

/** Where a file comes to be that is not there yet: links may lead to it already, which `realpath` does not follow. */
async function placeOf(path: string): Promise<string> {
  const link = await readlink(path).catch(() => null);
  return link === null ? path : placeOf(resolve(await realpath(dirname(path)), link));
}

/** Half a file is nobody's but its owner's. One that takes another's place gets its mode, unless it holds what is its owner's alone. */
async function fill(
  part: FileHandle,
  write: (file: FileHandle) => Promise<void>,
  { found, mode }: { found: Stats | null; mode: number },
): Promise<void> {
  await using file = part;
  const isPrivate = (mode & 0o077) === 0;
  const wanted = isPrivate ? mode : (found ?? (await file.stat())).mode & 0o777;
  // Where files have no modes, as on a memory card, only what must be private fails.
  const setMode = (to: number) => file.chmod(to).catch((error: unknown) => (isPrivate ? Promise.reject(error) : undefined));
  await setMode(0o600);
  await write(file);
  await setMode(wanted);
  await file.sync().catch(unlessUnknown);
}

async function writeInto(path: string, write: (file: FileHandle) => Promise<void>, mode: number): Promise<void> {
  await using file = await open(path, 'w', mode);
  if ((mode & 0o077) === 0 && (await file.stat()).isFile()) await file.chmod(mode);
  await write(file);
  await file.sync().catch(unlessUnknown);
}

/** A pipe cannot be synced, nor what some file systems have. */
function unlessUnknown(error: unknown): void {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'EINVAL' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
}

/** What is no matter of the file stays as it is. */
function asFailure(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  return new TalkError('saving/failed', { path, reason: String(error.code) }, { cause: error });
}
