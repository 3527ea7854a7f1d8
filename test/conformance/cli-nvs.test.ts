import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createCore } from '../../main/core/core.ts';
import { readNvs } from '../../main/core/flash/nvs/read.ts';
import { createClient } from '../../preload/contract/client.ts';
import type { NvsContents } from '../../preload/contract/nvs.ts';
import { memoryTransportPair } from '../../preload/contract/transports/memory.ts';
import { projectRoot, runCli } from '../fakes/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'talkbench-nvs-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const fixture = (name: string) => join(projectRoot, 'test/fixtures/nvs', name);
const inScratch = (name: string) => join(scratch, name);

// Each command is a process, which a busy machine starts slowly.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe('talkbench nvs', () => {
  test.each(['build', 'read'])('%s has help that documents its JSON', async (command) => {
    const { code, stdout } = await runCli(['nvs', command, '--help']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/--json.*--data.*JSON:/s)]);
  });

  test('build makes of a CSV what Espressif’s generator makes, for its owner alone to read', async () => {
    const out = inScratch('nvs.bin');
    const result = await runCli(['nvs', 'build', '--csv', fixture('creds.csv'), '--size', '0x6000', '--out', out, '--json']);
    expect(result.json()).toEqual({ file: out, sizeBytes: 0x6000, usedEntries: 24, totalEntries: 630 });
    expect(Buffer.compare(readFileSync(out), readFileSync(fixture('nvs.bin')))).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
  });

  test('build takes values, variables and files beside the CSV; read shows them', async () => {
    writeFileSync(inScratch('note.txt'), 'from a file');
    const csv = inScratch('files.csv');
    writeFileSync(
      csv,
      'key,type,encoding,value\napp,namespace,,\nnote,file,string,note.txt\nurl,data,string,mqtt://${bench_host}:${port}\n',
    );
    const out = inScratch('files.bin');
    const values = ['--set', 'wifi:password:string=${wifi_password}', '--set', 'app:level:u8=0x10', '--set', 'app:raw:hex=00ff'];
    const variables = ['--var', 'bench_host=10.0.0.2', '--var', 'port=1884'];
    // What is secret need not stand on a command line.
    const env = { TALKBENCH_VAR_WIFI_PASSWORD: 'a=${b}' };
    expect((await runCli(['nvs', 'build', '--csv', csv, '--size', '12K', '--out', out, ...values, ...variables], { env })).code).toBe(0);

    const shown = await runCli(['nvs', 'read', out, '--json']);
    expect(shown.json<NvsContents>().values.map(({ namespace, key, value }) => [namespace, key, value])).toEqual([
      ['app', 'note', 'from a file'],
      ['app', 'url', 'mqtt://10.0.0.2:1884'],
      ['wifi', 'password', null],
      ['app', 'level', '16'],
      ['app', 'raw', '00ff'],
    ]);
    const secret = await runCli(['nvs', 'read', out, '--show-secrets']);
    expect(secret.stdout).toContain('wifi\tpassword\tstring\ta=${b}\n');
  });

  test('build takes a device of the lab by its name', async () => {
    const dataDirectory = inScratch('lab');
    const core = await createCore({ dataDirectory, listeners: { enabled: false }, log: pino({ level: 'silent' }), appVersion: '0.0.0' });
    const [clientSide, serverSide] = memoryTransportPair();
    core.endpoint.accept(serverSide, { role: 'operator' });
    await createClient(clientSide).call('devices.put', { productId: 'P', deviceName: 'dev-1', secret: 'c2VjcmV0' });
    await core.close();

    const out = inScratch('device.bin');
    const value = ['--set', 'd:all:string=${product_id}/${device_name}/${device_secret}'];
    const build = ['nvs', 'build', '--size', '0x3000', '--out', out, ...value, '--data', dataDirectory, '--json'];
    expect((await runCli([...build, '--device', 'P/dev-1'])).code).toBe(0);
    expect(readNvs(readFileSync(out), { withSecrets: true }).values).toMatchObject([{ value: 'P/dev-1/c2VjcmV0' }]);
    expect((await runCli([...build, '--device', 'P/dev-2'])).json()).toMatchObject({ error: { code: 'device/unknown' } });
  });

  test('build takes a template', async () => {
    const data = ['--data', inScratch('templates'), '--json'];
    const templates = (await runCli(['nvs', 'templates', ...data])).json<{ id: string; variables: string[] }[]>();
    expect(templates.find(({ id }) => id === 'wifi')?.variables).toEqual(['wifi_ssid', 'wifi_password']);
    const out = inScratch('wifi.bin');
    const variables = ['--var', 'wifi_ssid=bench', '--var', 'wifi_password=geheim'];
    expect((await runCli(['nvs', 'build', '--template', 'wifi', ...variables, '--size', '12K', '--out', out, ...data])).code).toBe(0);
    expect(readNvs(readFileSync(out), { withSecrets: true }).values.map(({ value }) => value)).toEqual(['bench', 'geheim']);
  });

  // In their order on one library; few processes each, for a busy machine starts them slowly.
  describe('lists', () => {
    const printed: string[] = [];
    const lists = async (...args: string[]) => {
      const result = await runCli(['nvs', 'lists', ...args, '--data', inScratch('lists'), '--json']);
      printed.push(result.stdout, result.stderr);
      return result.json<unknown>();
    };
    const file = inScratch('pilot run.csv');
    writeFileSync(file, 'ProductId,DeviceName,PSK\nP,dev-1,Z2VoZWlt\nP,dev-2,Z2VoZWlt\n');

    test('are imported by the name of their file, and not twice', async () => {
      expect(await lists('import', file)).toMatchObject({ name: 'pilot run', total: 2, free: 2 });
      const error = { code: 'provisioning/duplicate', data: { line: 2, listName: 'pilot run' } };
      expect(await lists('import', file, '--name', 'again')).toMatchObject({ error });
    });

    test('are shown', async () => {
      expect(await lists()).toMatchObject([{ name: 'pilot run', free: 2, reserved: 0, used: 0 }]);
      expect(await lists('show', 'pilot run')).toMatchObject([{ deviceName: 'dev-1', state: 'free' }, { deviceName: 'dev-2' }]);
    });

    test('are removed, and never told a secret', async () => {
      expect(await lists('remove', 'pilot run')).toEqual({ removed: 'pilot run' });
      expect(await lists('show', 'pilot run')).toMatchObject({ error: { code: 'not-found' } });
      expect(printed.join('')).not.toContain('Z2VoZWlt');
    });
  });

  test('read tells what it could not read', async () => {
    const damaged = inScratch('damaged.bin');
    copyFileSync(fixture('nvs.bin'), damaged);
    const bytes = readFileSync(damaged);
    bytes.writeUInt8(0, 64 + 8 * 32 + 24);
    writeFileSync(damaged, bytes);
    const result = await runCli(['nvs', 'read', damaged, '--json']);
    expect(result.json<NvsContents>().damaged).toEqual([{ page: 0, entry: 8, reason: 'entry-checksum' }]);
    expect(result.stderr).toContain('damaged: page 0, entry 8: entry-checksum');
  });

  test('read of what looks encrypted is no success, and claims no more than is known', async () => {
    const encrypted = await runCli(['nvs', 'read', fixture('encrypted.bin'), '--json']);
    expect([encrypted.code, encrypted.json<NvsContents>().isEncrypted]).toEqual([1, true]);
    expect(encrypted.stderr).toContain('pages of an NVS whose entries look encrypted');
    writeFileSync(inScratch('noise.bin'), randomBytes(0x3000));
    const noise = await runCli(['nvs', 'read', inScratch('noise.bin')]);
    expect([noise.code, noise.stderr]).toEqual([1, expect.stringContaining('or is no NVS at all')]);
  });

  test('read of another file says what it is not, and what to give', async () => {
    writeFileSync(inScratch('text.txt'), 'I am no NVS.\n'.repeat(400));
    const { code, stdout, stderr } = await runCli(['nvs', 'read', inScratch('text.txt')]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error nvs\/not-an-image \(sizeBytes=5200\)\n {2}next: .*read-flash/);
  });

  const out = inScratch('never.bin');
  const build = ['nvs', 'build', '--size', '0x3000', '--out', out];
  const failures: [string[], number, string | undefined][] = [
    [['nvs', 'read', inScratch('absent.bin')], 1, 'not-found'],
    [[...build, '--csv', inScratch('absent.csv')], 1, 'not-found'],
    [[...build, '--set', 'a:b:string=${c}'], 1, 'nvs/missing-variable'],
    [['nvs', 'read'], 2, 'bad-request'],
    [['nvs', 'build', '--size', '0x3800', '--out', out], 2, 'bad-request'],
    [[...build, '--set', 'a:b:float=1'], 2, undefined],
    [[...build, '--var', 'x'], 2, undefined],
    [[...build, '--device', 'P'], 2, undefined],
  ];
  // One process each, and so one time limit each.
  test.each(failures)('%j fails with %i %s', async (args, code, errorCode) => {
    const result = await runCli([...args, '--json']);
    expect(result.code).toBe(code);
    if (errorCode === undefined) expect(result.stdout).toBe('');
    else expect(result.json()).toMatchObject({ error: { code: errorCode } });
    expect(existsSync(out)).toBe(false);
  });
});
