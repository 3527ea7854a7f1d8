import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { CheckRun } from '../../preload/contract/checks.ts';
import { runCli } from '../fakes/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'talkbench-check-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

// Each command is a process, which a busy machine starts slowly.
vi.setConfig({ testTimeout: 120_000 });

test('a board is checked without anybody there: what wants a person stays open, is reported and kept', async () => {
  const list = join(scratch, 'list.yaml');
  writeFileSync(list, 'name: Line\nversion: 7\nchecks:\n  - { id: lit, question: Lit? }\n  - { id: heard, question: Heard? }\n');
  const report = join(scratch, 'report.csv');
  const board = ['--device', 'PRODUCT/dev1', '--serial', 'SN1', '--list', list, '--only', 'lit', '--report', report];
  const checked = await runCli(['check', ...board, '--json', '--data', join(scratch, 'data')], { env: { TALKBENCH_LOG: 'silent' } });
  expect(checked.code).toBe(3);
  const run = checked.json<CheckRun>();
  expect(run).toMatchObject({ state: 'incomplete', serialNumber: 'SN1', listVersion: '7', deviceName: 'dev1' });
  expect(run.results.map(({ id, state, reason }) => [id, state, reason])).toEqual([
    ['lit', 'person', 'nobody-there'],
    ['heard', 'skipped', 'not-wanted'],
  ]);
  expect(readFileSync(report, 'utf8')).toContain('SN1');
});
