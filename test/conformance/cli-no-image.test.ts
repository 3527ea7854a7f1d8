import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVirtualBoard, type VirtualBoard } from '../../pipeline/boards/esp/board.ts';
import { buildDemoImages } from '../../pipeline/boards/esp/demo-images.ts';
import { systemClock } from '../../pipeline/clock.ts';
import type { Batch } from '../../preload/contract/recipes.ts';
import { runCli } from '../fakes/cli.ts';
import { incompressible } from '../fakes/esp-data.ts';

// Each command is a process with a core of its own, which a busy machine starts slowly.
const slow = { timeout: 90_000 };

describe.skipIf(process.platform === 'win32')('random bytes where a chip starts from, on the command line', slow, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'talkbench-no-image-'));
  const noise = `0x0=${join(scratch, 'noise.bin')}`;
  let board: VirtualBoard;
  beforeAll(async () => {
    writeFileSync(join(scratch, 'noise.bin'), incompressible(0x4000));
    board = await createVirtualBoard({ name: 'noise', withPty: true, clock: systemClock, flash: buildDemoImages().files });
  });
  afterAll(async () => {
    await board.close();
    rmSync(scratch, { recursive: true, force: true });
  });
  const talkbench = (...args: string[]) => runCli([...args, '--data', join(scratch, 'data')]);
  const onPort = (...args: string[]) => talkbench('flash', '--port', board.ptyPath ?? '', ...args, noise);

  test('stand as a warning in the plan, and are refused once the board says what it is', async () => {
    expect((await talkbench('flash', '--dry-run', noise)).stdout).toContain('warning no-image {"name":"noise.bin"');
    const refused = await onPort('--json');
    expect([refused.code, refused.json()]).toMatchObject([1, { error: { code: 'flash/no-image', data: { boardState: 'running' } } }]);
    expect(board.chip.flash.read(0, 1)[0]).toBe(0xe9);
  });

  test('end in no success when they are insisted on: not alone, and not in a batch', async () => {
    const failure = { code: 'flash/not-booting', data: { boardState: 'not-booting', said: expect.stringMatching(/^invalid header: 0x/) } };
    const forced = await onPort('--json', '--force');
    expect([forced.code, forced.json()]).toMatchObject([1, { error: failure }]);

    expect((await talkbench('recipes', 'save', 'noise', noise, '--force')).code).toBe(0);
    const batch = await talkbench('batch', 'noise', '--port', `${board.ptyPath}=SN1`, '--json');
    const rows = batch.json<Batch>().boards.map(({ job }) => [job?.state, job?.boardState, job?.error?.code]);
    expect([batch.code, rows]).toEqual([1, [['failed', 'not-booting', 'flash/not-booting']]]);
  });
});
