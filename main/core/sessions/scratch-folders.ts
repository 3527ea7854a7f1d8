import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Says whose it is: `talkbench-PID-…`. */
const ours = /^talkbench-(\d+)-\w{6}$/;
/** Where processes of another machine or container use the same folder, a number says less than its age. */
const LEFT_AFTER_MS = 86_400_000;

/** A folder that only its owner reads, for a file that comes or goes whole. */
export function scratchFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), `talkbench-${process.pid}-`));
}

/** Removes those that processes left which were killed. Never rejects. */
export async function sweepScratchFolders(nowMs: number, root = tmpdir()): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const pid = ours.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const path = join(root, name);
    // What is somebody else's cannot be removed, and need not be.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: nowMs }));
    if (nowMs - mtimeMs > LEFT_AFTER_MS) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
