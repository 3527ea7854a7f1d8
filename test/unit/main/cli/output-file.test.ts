import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
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

// A connection that broke in the middle left half a report where a whole one had been.
test('what was there stays until all of the new file is, and half of one is left nowhere', async () => {
  const folder = scratch();
  const path = join(folder, 'report.html');
  const fault = new Error('the core went away');
  const breakOff = async (file: { writeFile(text: string): Promise<void> }) => {
    await file.writeFile('half');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toHaveLength(1);
    throw fault;
  };
  await expect(writeOutputFile(path, breakOff)).rejects.toBe(fault);
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(path, 'whole');
  await expect(writeOutputFile(path, breakOff)).rejects.toBe(fault);
  expect([readdirSync(folder), readFileSync(path, 'utf8')]).toEqual([['report.html'], 'whole']);
  await writeOutputFile(path, (file) => file.writeFile('newer'));
  expect([readdirSync(folder), readFileSync(path, 'utf8')]).toEqual([['report.html'], 'newer']);
});

test.skipIf(process.platform === 'win32')(
  'a file keeps its mode, a link where it leads, and half a file is its owner’s alone',
  async () => {
    const folder = scratch();
    const [path, link, fresh] = [join(folder, 'table.csv'), join(folder, 'latest.csv'), join(folder, 'fresh.csv')];
    writeFileSync(path, 'older');
    chmodSync(path, 0o664);
    symlinkSync('table.csv', link);
    await writeOutputFile(link, async (file) => {
      expect((await file.stat()).mode & 0o777).toBe(0o600);
      await file.writeFile('newer');
    });
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, readlinkSync(link)]).toEqual(['newer', 0o664, 'table.csv']);
    await writeOutputFile(fresh, (file) => file.writeFile('new'));
    expect(statSync(fresh).mode & 0o777).toBe(0o666 & ~process.umask());
    chmodSync(path, 0o444);
    if (process.getuid?.() !== 0)
      await expect(writeOutputFile(path, (file) => file.writeFile('x'))).rejects.toMatchObject({ value: { data: { reason: 'EACCES' } } });
  },
);

test('a name may be as long as a name can be', async () => {
  const path = join(scratch(), `${'n'.repeat(250)}.html`);
  await writeOutputFile(path, (file) => file.writeFile('whole'));
  expect(readFileSync(path, 'utf8')).toBe('whole');
});

// The link was replaced by a file.
test.skipIf(process.platform === 'win32')('a link that leads to nothing yet leads to the file then', async () => {
  const folder = scratch();
  mkdirSync(join(folder, 'runs'));
  const link = join(folder, 'latest.csv');
  symlinkSync('runs/newest.csv', link);
  symlinkSync('2.csv', join(folder, 'runs/newest.csv'));
  await requireWritable(link);
  await writeOutputFile(link, (file) => file.writeFile('new'));
  expect([readlinkSync(link), readdirSync(join(folder, 'runs'))]).toEqual(['runs/newest.csv', ['2.csv', 'newest.csv']]);
  expect(readFileSync(join(folder, 'runs/2.csv'), 'utf8')).toBe('new');
  symlinkSync('none/2.csv', join(folder, 'astray'));
  symlinkSync('round', join(folder, 'round'));
  for (const [name, reason] of [
    ['astray', 'ENOENT'],
    ['round', 'ELOOP'],
  ] as const) {
    const failure = { value: { code: 'saving/failed', data: { reason } } };
    await expect(requireWritable(join(folder, name))).rejects.toMatchObject(failure);
    await expect(writeOutputFile(join(folder, name), async () => {})).rejects.toMatchObject(failure);
  }
});

test.skipIf(process.platform === 'win32')('a pipe is written to and stays a pipe', async () => {
  const path = join(scratch(), 'pipe');
  execFileSync('mkfifo', [path]);
  const read = readFile(path, 'utf8');
  await writeOutputFile(path, (file) => file.writeFile('through'), 0o600);
  expect(await read).toBe('through');
  expect(statSync(path).isFIFO()).toBe(true);
});
