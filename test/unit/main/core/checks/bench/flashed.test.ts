import { expect, it } from 'vitest';
import { type FlashedBoard, lastFlashed } from '../../../../../../main/core/checks/bench/flashed.ts';
import type { FlashJob } from '../../../../../../preload/contract/flash.ts';

const mac = '7c:df:a1:00:00:01';

/** As much of an ESP image as its descriptor takes. */
function image(project: string, version: string): Uint8Array {
  const bytes = Buffer.alloc(288);
  bytes.writeUInt32LE(0xabcd5432, 32);
  bytes.write(version, 32 + 16);
  bytes.write(project, 32 + 48);
  bytes.fill(0xab, 32 + 144, 32 + 176);
  return bytes;
}

const flashed = (board: FlashedBoard, chip: { mac: string | null } | null = { mac }) => {
  const job = { address: '/dev/a', kind: 'write', state: 'done', chip, files: [{ name: 'app.bin', sha256: 'x' }] };
  const shelf = { has: async () => true, read: async () => image('talker', '1.4.2') };
  return lastFlashed('/dev/a', board, { jobs: [job as unknown as FlashJob], shelf });
};

it.each<[string, FlashedBoard, { mac: string | null } | null, boolean]>([
  ['this chip', { mac: mac.toUpperCase(), appName: 'older', appVersion: '1.0.0' }, { mac }, true],
  ['another chip', { mac: '7c:df:a1:00:00:02' }, { mac }, false],
  ['a chip that nobody asked', { mac }, null, false],
  ['nobody knows which board', {}, { mac }, false],
  ['another one that runs the same', { mac: '7c:df:a1:00:00:02', appName: 'talker', appVersion: '1.4.2' }, { mac }, true],
  ['what this one runs, by the digits in its log', { appName: 'talker', appVersion: '1.4.2', firmwareSha256: 'ababab...' }, null, true],
  ['another build of it', { appName: 'talker', appVersion: '1.4.2', firmwareSha256: 'cdcdcd' }, null, false],
  ['another version', { appName: 'talker', appVersion: '1.4.1' }, null, false],
  ['another project', { appName: 'walker', appVersion: '1.4.2' }, null, false],
])('an image that was written to %s is offered only where it is this board’s', async (_whom, board, chip, isIts) => {
  expect((await flashed(board, chip))?.version ?? null).toBe(isIts ? '1.4.2' : null);
});
