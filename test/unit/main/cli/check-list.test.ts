import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { CheckOptions } from '../../../../main/cli/check-options.ts';
import { listBefore } from '../../../../main/cli/commands/check-list.ts';

const scratch = mkdtempSync(join(tmpdir(), 'talkbench-check-list-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const options = (over: Partial<CheckOptions>): CheckOptions => ({
  ...{ data: scratch, board: '', serial: '', operator: '', voice: 'auto', report: [], lang: 'en', frameMs: '60' },
  ...over,
});
function file(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}
const numbered = file('line.yaml', "name: Line\nversion: 1\nserialNumber: { matches: 'SN\\d+', example: SN1 }\nchecks: [power.boot]\n");

test('the product’s lists and files are read without a core; another name is left to the library', async () => {
  expect(await listBefore(options({ list: 'quick' }))).toMatchObject({ list: { id: 'quick' }, unfound: [] });
  expect(await listBefore(options({ list: 'Quick (2 minutes)' }))).toMatchObject({ list: { id: 'quick' } });
  expect(await listBefore(options({ board: 'cat1' }))).toMatchObject({ list: { id: 'cat1-full' } });
  expect(await listBefore(options({ list: numbered, serial: 'SN2\n' }))).toMatchObject({ list: { text: expect.stringContaining('Line') } });
  expect(await listBefore(options({ list: 'mine' }))).toBeNull();
});

test('what cannot be begun is refused then and there', async () => {
  const refusals: [Partial<CheckOptions>, object][] = [
    [{ list: join(scratch, 'none.yaml') }, { code: 'not-found', data: { what: 'file', reason: 'ENOENT' } }],
    [{ list: file('bad.yaml', 'name: X\nversion: 1\nchecks: [power.bot]\n') }, { code: 'check/bad-list' }],
    [{ list: numbered }, { code: 'check/no-serial-number', data: { example: 'SN1' } }],
    [
      { list: numbered, serial: 'X' },
      { code: 'check/serial-number', data: { serialNumber: 'X' } },
    ],
    [{ list: 'quick', only: ['power.boots'] }, { code: 'bad-request' }],
  ];
  for (const [over, value] of refusals) await expect(listBefore(options(over))).rejects.toMatchObject({ value });
});

test('faults that the chosen checks do not look for are named', async () => {
  const faults = [{ name: 'hum' as const }, { name: 'deaf' as const }];
  expect(await listBefore(options({ list: 'quick', faults }))).toMatchObject({ unfound: ['hum'] });
  expect(await listBefore(options({ list: 'quick', faults, only: ['power.boot'] }))).toMatchObject({ unfound: ['hum', 'deaf'] });
});
