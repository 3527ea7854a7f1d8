import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const runFile = z.object({ url: z.url(), token: z.string(), pid: z.number().int().positive() });
export type RunFile = z.infer<typeof runFile>;

function pathOf(dataDirectory: string): string {
  return join(dataDirectory, 'talkbench.json');
}

/** Tells the CLI where the app on this data directory listens. Holds the token, so only the user may read it. */
export async function writeRunFile(dataDirectory: string, running: { url: string; token: string }): Promise<void> {
  await mkdir(dataDirectory, { recursive: true });
  const { url, token } = running;
  // Written aside and moved into place: a reader never sees half of it, and a looser mode of an old file is not kept.
  const aside = `${pathOf(dataDirectory)}.${randomUUID()}`;
  await writeFile(aside, `${JSON.stringify({ url, token, pid: process.pid } satisfies RunFile)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(aside, pathOf(dataDirectory));
}

/** The running app's address, or null when none runs: no file, an unreadable one, or its process is gone. */
export async function readRunFile(dataDirectory: string): Promise<RunFile | null> {
  const found = await load(dataDirectory);
  return found !== null && isAlive(found.pid) ? found : null;
}

/** Removes the file if this process wrote it; another app may have taken the directory over since. */
export async function removeRunFile(dataDirectory: string): Promise<void> {
  const found = await load(dataDirectory);
  if (found?.pid === process.pid) await rm(pathOf(dataDirectory), { force: true });
}

async function load(dataDirectory: string): Promise<RunFile | null> {
  try {
    const parsed = runFile.safeParse(JSON.parse(await readFile(pathOf(dataDirectory), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // missing or cut short: the same as not running
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
