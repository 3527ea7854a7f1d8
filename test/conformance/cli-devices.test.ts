import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { runCli } from '../fakes/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'talkbench-cli-devices-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

// Each command is a process, which a busy machine starts slowly.
vi.setConfig({ testTimeout: 120_000 });

const run = (data: string, ...args: string[]) => runCli([...args, '--json', '--data', join(scratch, data)]);

test('devices made on one bench are imported by another, and neither tells their secrets again', async () => {
  const list = join(scratch, 'list.csv');
  expect(
    (await run('one', 'devices', 'generate', 'VI5C901SKI', '--count', '3', '--prefix', 'aitalk_', '--out', list)).json(),
  ).toMatchObject({ count: 3 });
  if (process.platform !== 'win32') expect(statSync(list).mode & 0o777).toBe(0o600);
  expect((await run('two', 'devices', 'import', list)).json()).toEqual({ added: 3, changed: 0, unchanged: 0 });
  const secret = readFileSync(list, 'utf8').split('\n')[1]?.split(',')[2] ?? 'none';
  const { stdout } = await run('two', 'devices', 'list');
  expect(stdout).toContain('aitalk_003');
  expect(stdout).not.toContain(secret);
});

test('the exported authority verifies a certificate that was issued to a device', async () => {
  const pem = join(scratch, 'ca.pem');
  await run('three', 'devices', 'add', 'VI5C901SKI', 'dev01');
  const issued = (await run('three', 'devices', 'certificate', 'VI5C901SKI', 'dev01', '--out', scratch)).json<{
    certificate: string;
    key: string;
  }>();
  await run('three', 'certificates', 'export', '--out', pem);
  const authority = new X509Certificate(readFileSync(pem));
  expect(new X509Certificate(readFileSync(issued.certificate)).verify(authority.publicKey)).toBe(true);
  if (process.platform !== 'win32') expect(statSync(issued.key).mode & 0o777).toBe(0o600);
  const checked = spawnSync('openssl', ['verify', '-CAfile', pem, issued.certificate], { encoding: 'utf8' });
  if (checked.error === undefined) expect(checked.stdout).toContain('OK');
});
