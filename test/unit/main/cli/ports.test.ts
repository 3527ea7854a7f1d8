import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCommands } from '../../../../main/core/devices/command-list.ts';
import { runCli } from '../../../fakes/cli.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-ports-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('talkbench ports add approves a program, its own options untouched; remove takes it back', async () => {
  const added = await runCli([
    'ports',
    'add',
    'gateway',
    '--json',
    '--data',
    folder,
    '--',
    'ssh',
    'pi@board',
    'journalctl',
    '--json',
    '-f',
  ]);
  expect(added.json()).toEqual({ address: 'command://gateway', argv: ['ssh', 'pi@board', 'journalctl', '--json', '-f'] });
  expect(await readCommands(folder)).toEqual([{ name: 'gateway', argv: ['ssh', 'pi@board', 'journalctl', '--json', '-f'] }]);
  expect((await runCli(['ports', 'remove', 'gateway', '--data', folder])).code).toBe(0);
  expect(await readCommands(folder)).toEqual([]);
});
