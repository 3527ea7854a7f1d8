import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { runCli } from '../fakes/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'talkbench-cli-device-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

// Each command is a process, which a busy machine starts slowly.
vi.setConfig({ testTimeout: 90_000 });

const onVirtual = ['TALKBENCH1/b1', '--virtual', '--json', '--data', join(scratch, 'data')];

describe('talkbench device', () => {
  test('has help that documents its JSON', async () => {
    for (const command of ['live', 'control', 'action', 'ota', 'call']) {
      const { code, stdout } = await runCli(['device', command, '--help']);
      expect([command, code]).toEqual([command, 0]);
      expect(stdout).toMatch(/JSON/);
    }
  });

  test('runs an action of a board, and says which ones there are when it has none of that name', async () => {
    const done = await runCli(['device', 'action', ...onVirtual, 'control_volume', 'action=set', 'volume=30']);
    expect(JSON.parse(done.stdout)).toMatchObject({ response: { volume: 30 } });
    const unknown = await runCli(['device', 'action', ...onVirtual, 'controlVolume']);
    expect(unknown.code).toBe(1);
    expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { code: 'device/no-action', data: { actionId: 'controlVolume' } } });
  });

  test('follows an update of the firmware to its end', async () => {
    const file = join(scratch, 'fw.bin');
    writeFileSync(file, Buffer.alloc(60_000, 3));
    const cut = await runCli(['device', 'ota', ...onVirtual, file, '--firmware-version', '2.0.0', '--fault', 'cut']);
    expect(JSON.parse(cut.stdout)).toMatchObject({ state: 'done', version: '2.0.0', requests: 2 });
    const wrong = await runCli(['device', 'ota', ...onVirtual, file, '--firmware-version', '2.0.1', '--fault', 'wrong-md5']);
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.stdout)).toMatchObject({ state: 'fail', resultCode: '-4' });
  });

  test('a file that is not there is no fault of ours', async () => {
    const { code, stdout } = await runCli(['device', 'call', ...onVirtual, '--wav', join(scratch, 'nowhere.wav')]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'not-found', data: { what: 'file', reason: 'ENOENT' } } });
  });
});
