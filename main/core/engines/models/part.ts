import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { TalkError } from '../../../../preload/contract/errors.ts';

/** What the beginning in a .part file is the beginning of: without that it must not be gone on with. */
export const partOrigin = z.object({
  url: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  totalBytes: z.number().int().nullable(),
});
export type PartOrigin = z.infer<typeof partOrigin>;

export const partPath = (path: string): string => `${path}.part`;
const originPath = (path: string): string => `${path}.part.json`;

/** How much of the file is there already, and of what; null when there is nothing to go on with. */
export async function readPart(path: string): Promise<{ doneBytes: number; origin: PartOrigin } | null> {
  const doneBytes = await sizeOf(partPath(path));
  if (doneBytes === null || doneBytes === 0) return null;
  const text = await readFile(originPath(path), 'utf8').catch(() => '');
  try {
    const parsed = partOrigin.safeParse(JSON.parse(text));
    return parsed.success ? { doneBytes, origin: parsed.data } : null;
  } catch {
    return null; // killed while it was written
  }
}

/** Before the first byte: a killed process must not leave bytes of which nobody knows what they are. */
export async function writeOrigin(path: string, origin: PartOrigin): Promise<void> {
  await rm(partPath(path), { force: true });
  await writeFile(originPath(path), JSON.stringify(origin));
}

export async function dropPart(path: string): Promise<void> {
  await rm(partPath(path), { force: true });
  await rm(originPath(path), { force: true });
}

/** Makes the whole .part file the file, if its hash is right. Throws TalkError 'model/mismatch', and the .part is gone then. */
export async function acceptPart(
  path: string,
  name: string,
  expectedSha256: string,
  signal: AbortSignal,
): Promise<{ sizeBytes: number; sha256: string }> {
  const sha256 = await sha256Of(partPath(path), signal);
  if (expectedSha256 !== '' && sha256 !== expectedSha256) {
    await dropPart(path);
    throw new TalkError('model/mismatch', { path: name, expected: expectedSha256, actual: sha256 });
  }
  const sizeBytes = (await stat(partPath(path))).size;
  await rename(partPath(path), path);
  await rm(originPath(path), { force: true });
  return { sizeBytes, sha256 };
}

export async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal, highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

export async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  );
}

/** Some is left for the library, which must go on recording. */
const KEPT_FREE_BYTES = 64 * 1024 * 1024;

/** Throws TalkError 'model/no-space' when so many more bytes have no room beside `path`. */
export async function requireSpace(path: string, neededBytes: number): Promise<void> {
  const freeBytes = await freeBytesAt(path);
  if (freeBytes !== null && freeBytes < neededBytes + KEPT_FREE_BYTES)
    throw new TalkError('model/no-space', { neededBytes: neededBytes + KEPT_FREE_BYTES, freeBytes });
}

/** A write that failed: a full disk is said as such, everything else is a bug or a broken disk and stays what it is. */
export async function writeFault(error: unknown, path: string, neededBytes: number): Promise<unknown> {
  const isFull = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  return isFull ? new TalkError('model/no-space', { neededBytes, freeBytes: (await freeBytesAt(path)) ?? 0 }, { cause: error }) : error;
}

async function freeBytesAt(path: string): Promise<number | null> {
  return statfs(dirname(path)).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  );
}
