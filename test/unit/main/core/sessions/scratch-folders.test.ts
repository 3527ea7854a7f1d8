import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { scratchFolder, sweepScratchFolders } from '../../../../../main/core/sessions/scratch-folders.ts';

/** No process has a number as large. */
const GONE = 0x7fff_ffff;

test('the folders that killed processes left are removed, and no others', async () => {
  const root = mkdtempSync(join(tmpdir(), 'talkbench-test-'));
  const own = await scratchFolder();
  onTestFinished(() => {
    for (const folder of [root, own]) rmSync(folder, { recursive: true, force: true });
  });
  const made = (name: string, daysAgo: number) => {
    const path = join(root, name);
    mkdirSync(path);
    writeFileSync(join(path, 'file'), 'sound');
    const at = new Date(Date.now() - daysAgo * 86_400_000);
    utimesSync(path, at, at);
    return path;
  };
  const left = made(`talkbench-${GONE}-aB3xyz`, 2);
  const kept = [
    made(basename(own), 2),
    made(`talkbench-${GONE}-aB4xyz`, 0),
    made('talkbench-test-aB3xyz', 2),
    made(`other-${GONE}-aB3xyz`, 2),
  ];
  await sweepScratchFolders(Date.now(), root);
  expect([left, ...kept].map((path) => existsSync(path))).toEqual([false, true, true, true, true]);
  await sweepScratchFolders(Date.now(), join(root, 'none'));
});
