import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { CheckOptions } from '../../../../main/cli/check-options.ts';
import { listBefore, listOfLibrary } from '../../../../main/cli/commands/check-list.ts';
import type { Client } from '../../../../preload/contract/client.ts';

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
const folder = join(scratch, 'folder.yaml');
mkdirSync(folder);
const numbered = file('line.yaml', "name: Line\nversion: 1\nserialNumber: { matches: 'SN\\d+', example: SN1 }\nchecks: [power.boot]\n");

test('the product’s lists and files are read without a core; another name is left to the library', async () => {
  expect(await listBefore(options({ list: 'quick' }))).toMatchObject({ list: { id: 'quick' }, unfound: [] });
  expect(await listBefore(options({ list: 'Quick (2 minutes)' }))).toMatchObject({ list: { id: 'quick' } });
  expect(await listBefore(options({ board: 'cat1' }))).toMatchObject({ list: { id: 'cat1-full' } });
  expect(await listBefore(options({ list: numbered, serial: 'SN2\n' }))).toMatchObject({ list: { text: expect.stringContaining('Line') } });
  expect(await listBefore(options({ list: 'mine' }))).toBeNull();
});

// A list of one's own with such a name could not be chosen by it.
test('a name that looks like a path is a list’s of the library where no file is, and else spoken of as a file', async () => {
  const text = 'name: PCBA/line\nversion: 1\nchecks: [power.boot]\n';
  const client = {
    subscribe: (_name: string, _body: unknown, { onSnapshot }: { onSnapshot: (lists: unknown) => void }) => {
      queueMicrotask(() => onSnapshot([{ id: 'own-1', text, names: { en: 'PCBA/line', zh: 'line.json' }, isBuiltIn: false }]));
      return () => {};
    },
    onClose: () => () => {},
  } as unknown as Client;
  const found = async (list: string) => {
    const over = options({ list });
    return (await listBefore(over)) ?? (await listOfLibrary(client, over));
  };
  for (const list of ['PCBA/line', 'line.json']) expect(await found(list)).toMatchObject({ list: { id: 'own-1' } });
  const below = join(numbered, 'line.yaml');
  for (const [list, reason] of [
    ['PCBA/lines', 'ENOENT'],
    [join(scratch, 'none.yaml'), 'ENOENT'],
    [below, 'ENOTDIR'],
  ] as const)
    await expect(found(list)).rejects.toMatchObject({ value: { code: 'not-found', data: { what: 'file', id: list, reason } } });
  await expect(found('mime')).rejects.toMatchObject({ value: { code: 'not-found', data: { what: 'check list', id: 'mime' } } });
});

test('what cannot be begun is refused then and there', async () => {
  const refusals: [Partial<CheckOptions>, object][] = [
    [{ list: folder }, { code: 'not-found', data: { what: 'file', reason: 'EISDIR' } }],
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
