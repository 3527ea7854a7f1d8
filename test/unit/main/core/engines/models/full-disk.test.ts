import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fetchFile } from '../../../../../../main/core/engines/models/fetch-file.ts';
import { systemClock } from '../../../../../../pipeline/clock.ts';
import { FileServer } from '../../../../../fakes/services/file-server.ts';

const MEGABYTE = 1024 * 1024;
/** A little over what is left for the library, so that a download may begin. */
const DISK_BYTES = 66 * MEGABYTE;

/** A real disk of that size, where this process may mount one. */
const disk = mkdtempSync(join(tmpdir(), 'talkbench-disk-'));
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk]).status === 0;
afterAll(() => {
  if (isMounted) spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

async function download(content: Buffer, fault: 'no-length' | null): Promise<unknown> {
  const server = new FileServer();
  await server.listen();
  server.files.set('/model', { content, etag: '"one"' });
  if (fault !== null) server.faults.push({ kind: fault });
  try {
    return await fetchFile(
      { url: `${server.origin}/model`, path: join(disk, 'model'), name: 'model', sha256: '' },
      { clock: systemClock, signal: new AbortController().signal, onProgress: () => {}, onVerifying: () => {} },
    ).catch((error: unknown) => error);
  } finally {
    await server.close();
  }
}

test.runIf(isMounted)('a file that has no room is refused before a byte of it is kept', async () => {
  expect(await download(Buffer.alloc(10 * MEGABYTE), null)).toMatchObject({
    value: { code: 'model/no-space', data: { neededBytes: 74 * MEGABYTE, freeBytes: expect.any(Number) } },
  });
  expect(existsSync(join(disk, 'model.part'))).toBe(false);
});

test.runIf(isMounted)('a length that nobody tells does not fill the disk: the library goes on recording, and what came stays', async () => {
  expect(await download(Buffer.alloc(70 * MEGABYTE), 'no-length')).toMatchObject({ value: { code: 'model/no-space' } });
  expect(statSync(join(disk, 'model.part')).size).toBeGreaterThan(10 * MEGABYTE);
  expect(statfsSync(disk).bavail * statfsSync(disk).bsize).toBeGreaterThan(40 * MEGABYTE);
  expect(existsSync(join(disk, 'model'))).toBe(false);
});
