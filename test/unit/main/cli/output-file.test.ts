import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { requireWritable, writeOutputFile } from '../../../../main/cli/output-file.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-out-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('where a file cannot be put is said before its content is fetched', async () => {
  const folder = scratch();
  await expect(requireWritable(join(folder, 'none/backup.bin'))).rejects.toMatchObject({
    code: 'saving/failed',
    value: { data: { reason: 'ENOENT' } },
  });
  await expect(requireWritable(folder)).rejects.toMatchObject({ code: 'saving/failed' });
  const path = join(folder, 'backup.bin');
  await requireWritable(path);
  expect(existsSync(path)).toBe(false);
});

test('a file that cannot be written is a failure with a name, and what fails besides is itself', async () => {
  const folder = scratch();
  const write = (path: string, fill: Parameters<typeof writeOutputFile>[1]) => writeOutputFile(path, fill);
  await expect(write(join(folder, 'none/x'), async () => {})).rejects.toMatchObject({ code: 'saving/failed' });
  const fault = new Error('the core went away');
  await expect(write(join(folder, 'x'), () => Promise.reject(fault))).rejects.toBe(fault);
});

test.skipIf(process.platform === 'win32')('what holds a secret is its owner’s alone, also where a file was', async () => {
  const path = join(scratch(), 'nvs.bin');
  writeFileSync(path, 'older and longer');
  chmodSync(path, 0o644);
  await writeOutputFile(path, (file) => file.writeFile('new'), 0o600);
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['new', 0o600]);
});
