import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSubjects } from '../../../../../main/core/quality/run/subjects.ts';
import type { Store } from '../../../../../main/core/store/store.ts';

const scratch = mkdtempSync(join(tmpdir(), 'talkbench-subjects-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const folder = join(scratch, 'suite');

beforeAll(async () => {
  await mkdir(join(folder, 'below'), { recursive: true });
  writeFileSync(join(folder, 'below', 'beside.yaml'), 'steps: []');
  writeFileSync(join(scratch, 'secret.yaml'), 'root:x:0:0');
  writeFileSync(join(scratch, 'secret.talkbench'), 'somebody else’s');
  if (process.platform !== 'win32') symlinkSync(join(scratch, 'secret.yaml'), join(folder, 'link.yaml'));
});

function subjects(from: string | null = folder) {
  const imported: Uint8Array[] = [];
  const store = { read: async (query: string) => (query === 'document.list' ? [] : null), write: async () => ({}) } as unknown as Store;
  const its = createSubjects({
    ...{ store, folder: from, wallMs: () => 0 },
    async importSession(data) {
      imported.push(data);
      return 'imported';
    },
  });
  return { ...its, imported };
}

test('a file beside the suite, or below it, is read', async () => {
  const { data } = await subjects().file('below/beside.yaml');
  expect(Buffer.from(data).toString()).toBe('steps: []');
});

test('a suite reads nothing outside of its folder: not by dots, not by a whole path, not by a link', async () => {
  const names = ['../secret.yaml', 'below/../../secret.yaml', join(scratch, 'secret.yaml')];
  if (process.platform !== 'win32') names.push('link.yaml');
  for (const name of names) await expect(subjects().file(name), name).rejects.toMatchObject({ code: 'suite/no-file' });
  const { sessionId, imported } = subjects();
  await expect(sessionId('../secret.talkbench')).rejects.toMatchObject({ code: 'suite/no-file' });
  expect(imported).toEqual([]);
});

test.skipIf(process.platform === 'win32')('what is no file is not waited for', async () => {
  symlinkSync('/dev/zero', join(folder, 'endless.yaml'));
  await expect(subjects().file('endless.yaml')).rejects.toMatchObject({ code: 'suite/no-file' });
  await expect(subjects().file('below')).rejects.toMatchObject({ value: { code: 'suite/no-file', data: { reason: 'no file' } } });
});

test('a suite of the library reads no files at all', async () => {
  await expect(subjects(null).file('below/beside.yaml')).rejects.toMatchObject({
    value: { code: 'suite/no-file', data: { reason: 'no folder' } },
  });
});
