import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readRunFile, removeRunFile, writeRunFile } from '../../../../main/loopback/run-file.ts';

let data = '';
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'talkbench-run-'));
});
afterEach(() => rm(data, { recursive: true }));
const path = () => join(data, 'talkbench.json');
const running = { url: 'http://127.0.0.1:1/', token: 't' };

it('is found while its process lives, and readable by its user alone', async () => {
  await writeFile(path(), 'old', { mode: 0o644 });
  await writeRunFile(data, running);
  expect(await readRunFile(data)).toEqual({ ...running, pid: process.pid });
  expect((await stat(path())).mode & 0o777).toBe(0o600);
  expect(await readdir(data)).toEqual(['talkbench.json']);
  await removeRunFile(data);
  expect(await readRunFile(data)).toBeNull();
});

it('of a killed process counts as none', async () => {
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  await writeFile(path(), JSON.stringify({ ...running, pid: child.pid }));
  expect(await readRunFile(data)).toBeNull();
});

it.each(['', '{', '{"url":"x"}', '[]', '{"url":"http://a/","token":"t","pid":-1}'])('that says %j counts as none', async (text) => {
  await writeFile(path(), text);
  expect(await readRunFile(data)).toBeNull();
});

it('of another process is not removed', async () => {
  const other = JSON.stringify({ ...running, pid: process.ppid });
  await writeFile(path(), other);
  await removeRunFile(data);
  expect(await readRunFile(data)).toMatchObject({ pid: process.ppid });
});
