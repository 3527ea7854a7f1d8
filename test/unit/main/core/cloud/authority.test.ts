import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Authority, openAuthority } from '../../../../../main/core/cloud/authority.ts';
import { certifiedNames } from '../../../../../main/core/cloud/certified-names.ts';
import { silentLog } from '../../../../fakes/store.ts';

const DAY_MS = 86_400_000;
let directory: string;
let names: string[];
let wallMs: number;
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'talkbench-authority-')), 'certificates');
  names = ['127.0.0.1', '::1', '*.iotcloud.tencentdevices.com', 'localhost'];
  wallMs = Date.UTC(2026, 0, 1);
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }));

const open = (kind: 'ecdsa' | 'rsa' = 'ecdsa'): Promise<Authority> =>
  openAuthority({ directory, kind, names: () => names, clock: { wallMs: () => wallMs }, log: silentLog });
const serverOf = (authority: Authority) => new X509Certificate(String(authority.identity.server.cert));

test('the authority is made once and kept for its owner alone', async () => {
  const first = await open();
  const again = await open();
  expect(again.state()).toEqual(first.state());
  expect(readdirSync(directory).sort()).toEqual(['authority-ecdsa.json', 'server-ecdsa.json']);
  if (process.platform !== 'win32')
    for (const file of readdirSync(directory)) expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
  expect(JSON.stringify(first.state())).not.toContain('PRIVATE KEY');
});

test.each(['ecdsa', 'rsa'] as const)('%s: the server’s certificate is the authority’s, for names and addresses', async (kind) => {
  const authority = await open(kind);
  const own = new X509Certificate(authority.state().pem);
  const server = serverOf(authority);
  expect([own.ca, server.ca, server.checkIssued(own), server.verify(own.publicKey)]).toEqual([true, false, true, true]);
  expect(own.publicKey.asymmetricKeyType).toBe(kind === 'rsa' ? 'rsa' : 'ec');
  expect(server.checkHost('VI5C901SKI.iotcloud.tencentdevices.com')).toBe('*.iotcloud.tencentdevices.com');
  expect([server.checkIP('127.0.0.1'), server.checkIP('::1'), server.checkIP('10.0.0.1')]).toEqual(['127.0.0.1', '::1', undefined]);
  expect(Buffer.from(authority.state().der)).toEqual(own.raw);
});

test('it is renewed for other addresses and before it ends, and who listens is told; else it stays', async () => {
  const authority = await open();
  const told: string[] = [];
  authority.identity.onRenew((server) => told.push(String(server.cert)));
  await authority.renew();
  expect(told).toEqual([]);
  names = [...names, '10.0.0.7'];
  await Promise.all([authority.renew(), authority.renew()]);
  expect(told).toHaveLength(1);
  expect(serverOf(authority).checkIP('10.0.0.7')).toBe('10.0.0.7');
  wallMs += 366 * DAY_MS;
  await authority.renew();
  wallMs += 2 * DAY_MS;
  await authority.renew();
  expect(told).toHaveLength(2);
  expect(told[1]).toBe(authority.identity.server.cert);
  expect((await open()).identity.server.cert).toBe(told[1]);
});

test('a file that is damaged gives way to a new one', async () => {
  const first = await open();
  writeFileSync(join(directory, 'authority-ecdsa.json'), readFileSync(join(directory, 'authority-ecdsa.json'), 'utf8').replace('MI', 'XX'));
  const second = await open();
  expect(second.state().fingerprint).not.toBe(first.state().fingerprint);
  expect(serverOf(second).checkIssued(new X509Certificate(second.state().pem))).toBe(true);
});

test('a device’s certificate is for clients, by its client id', async () => {
  const authority = await open();
  const issued = await authority.issue({ productId: 'ABCDEFGHIJ', deviceName: 'dev01' });
  const certificate = new X509Certificate(issued.certificate);
  expect(certificate.subject).toContain('CN=ABCDEFGHIJdev01');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(certificate.fingerprint256).toBe(issued.fingerprint);
  expect(issued.key).toContain('BEGIN PRIVATE KEY');
});

test('the names are the machine’s, the settings’ and the vendors’, each once and in one order', () => {
  const address = (value: string, family: 'IPv4' | 'IPv6') => ({
    address: value,
    family,
    internal: false,
    netmask: '',
    mac: '',
    cidr: null,
    scopeid: 0,
  });
  const interfaces = { eth0: [address('10.0.0.7', 'IPv4'), address('fe80::1', 'IPv6'), address('2001:db8::7', 'IPv6')] };
  const found = certifiedNames({ host: '0.0.0.0', advertisedHost: 'bench.lab' }, ['bench.lab', 'not a name'], interfaces);
  expect(found).toEqual([...new Set(found)].sort());
  expect(found).toEqual(
    expect.arrayContaining(['10.0.0.7', '2001:db8::7', '127.0.0.1', '::1', 'localhost', 'bench.lab', '*.iotcloud.tencentdevices.com']),
  );
  for (const none of ['fe80::1', '0.0.0.0', 'not a name']) expect(found).not.toContain(none);
});
