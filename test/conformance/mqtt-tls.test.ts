import { spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openAuthority } from '../../main/core/cloud/authority.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { createGatewayServer } from '../../pipeline/gateways/http.ts';
import { buildCredentials } from '../../pipeline/gateways/twetalk/credentials.ts';
import { type BrokerBench, testBroker } from '../fakes/broker.ts';
import { silentLog } from '../fakes/store.ts';
import { testDevice } from '../fakes/twetalk.ts';

/** Mosquitto's clients, OpenSSL and curl against the bench's TLS: none of them ours nor Node's. */
const isThere = (program: string) => spawnSync(program, ['--help']).error === undefined;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function run(program: string, args: readonly string[], input?: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  closers.push(() => child.kill());
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

async function bench(options?: Parameters<typeof testBroker>[0]): Promise<BrokerBench> {
  const started = await testBroker(options);
  closers.push(() => started[Symbol.asyncDispose]());
  return started;
}

const topic = '$thing/up/property/ABCDEFGHIJ/dev01';
const clientId = 'ABCDEFGHIJdev01';
const hexSecret = Buffer.from(testDevice.secret, 'base64').toString('hex');
const publish = (port: number, more: readonly string[], message = '{"method":"report"}') =>
  run('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port), '-V', '311', '-t', topic, '-q', '1', '-m', message, ...more]);

function login(): string[] {
  const { username, password } = buildCredentials(testDevice);
  return ['-i', clientId, '-u', username, '-P', password];
}

describe.skipIf(!isThere('mosquitto_pub'))('mosquitto clients over TLS', () => {
  test.each(['ecdsa', 'rsa'] as const)('the HMAC under the %s authority that was exported', async (keys) => {
    const started = await bench({ keys });
    const done = await publish(started.port('mqtt-tls'), ['--cafile', started.authorityFile, ...login()]);
    expect(done).toEqual({ code: 0, output: '' });
    await started.message((message) => message.topic === topic);
    expect(started.devices.list()).toMatchObject([
      { connectionCount: 1, connection: { isTls: true, proof: 'password', sdkAppId: '21010406' } },
    ]);
  });

  test('another authority is not believed', async () => {
    const [started, other] = [await bench(), await bench()];
    const done = await publish(started.port('mqtt-tls'), ['--cafile', other.authorityFile, ...login()]);
    expect(done.code).not.toBe(0);
    expect(started.messages).toEqual([]);
  });

  test('a pre-shared key needs no password, and a wrong one does not get in', async () => {
    const started = await bench();
    const psk = (key: string, identity = clientId) => ['--psk', key, '--psk-identity', identity, '-i', clientId];
    expect(await publish(started.port('mqtt-tls'), psk(hexSecret))).toEqual({ code: 0, output: '' });
    await started.message((message) => message.topic === topic);
    expect(started.devices.list()[0]?.connection).toMatchObject({ proof: 'psk', isTls: true });
    expect((await publish(started.port('mqtt-tls'), psk('00'.repeat(16)))).code).not.toBe(0);
    expect((await publish(started.port('mqtt-tls'), psk(hexSecret, 'ABCDEFGHIJdev02'))).code).not.toBe(0);
    expect(started.messages).toHaveLength(1);
  });

  test('a certificate product takes the certificate that was issued last, and nothing else', async () => {
    const started = await bench();
    const { devices, authority } = started;
    await devices.products.put({ productId: 'ABCDEFGHIJ', authentication: 'certificate' });
    const files = async (name: string) => {
      const issued = await authority.issue(testDevice);
      const [certificate, key] = [join(started.folder, `${name}.pem`), join(started.folder, `${name}.key`)];
      writeFileSync(certificate, issued.certificate);
      writeFileSync(key, issued.key);
      return { ...issued, args: ['--cafile', started.authorityFile, '--cert', certificate, '--key', key, '-i', clientId] };
    };
    const first = await files('first');
    await devices.setCertificate('ABCDEFGHIJ', 'dev01', first.fingerprint);
    expect(new X509Certificate(first.certificate).subject).toContain(`CN=${clientId}`);
    expect(await publish(started.port('mqtt-tls'), first.args)).toEqual({ code: 0, output: '' });
    await started.message((message) => message.topic === topic);
    expect(devices.list()[0]?.connection).toMatchObject({ proof: 'certificate' });

    const second = await files('second');
    await devices.setCertificate('ABCDEFGHIJ', 'dev01', second.fingerprint);
    expect((await publish(started.port('mqtt-tls'), first.args)).code).toBe(5);
    expect((await publish(started.port('mqtt-tls'), ['--cafile', started.authorityFile, ...login()])).code).toBe(5);
    expect((await publish(started.port('mqtt'), login())).code).toBe(5);
    const reasons = started.observer.of('device.refused').map(({ reason }) => reason);
    expect(reasons).toEqual(['wrong-certificate', 'wrong-method', 'wrong-method']);
    expect(await publish(started.port('mqtt-tls'), second.args)).toEqual({ code: 0, output: '' });
  });

  test('a certificate with the right name of another authority is worth nothing', async () => {
    const [started, other] = [await bench(), await bench()];
    await started.devices.products.put({ productId: 'ABCDEFGHIJ', authentication: 'certificate' });
    const issued = await other.authority.issue(testDevice);
    await started.devices.setCertificate('ABCDEFGHIJ', 'dev01', issued.fingerprint);
    const [certificate, key] = [join(other.folder, 'c.pem'), join(other.folder, 'c.key')];
    writeFileSync(certificate, issued.certificate);
    writeFileSync(key, issued.key);
    const args = ['--cafile', started.authorityFile, '--cert', certificate, '--key', key, '-i', clientId];
    expect((await publish(started.port('mqtt-tls'), args)).code).not.toBe(0);
    expect(started.messages).toEqual([]);
  });
});

describe.skipIf(!isThere('openssl'))('openssl s_client', () => {
  const connect = (port: number, more: readonly string[]) => run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...more], '');

  test('verifies the chain and the address, and speaks nothing older than TLS 1.2', async () => {
    const started = await bench();
    const port = started.port('mqtt-tls');
    const verified = await connect(port, ['-CAfile', started.authorityFile, '-verify_return_error', '-verify_ip', '127.0.0.1', '-brief']);
    expect(verified.output).toContain('Verification: OK');
    expect(verified.output).toContain('TLSv1.2');
    expect((await connect(port, ['-tls1_1', '-cipher', 'DEFAULT:@SECLEVEL=0'])).code).not.toBe(0);
  });

  test('the pre-shared key suites of boards are among those offered', async () => {
    const started = await bench();
    for (const cipher of ['PSK-AES128-CBC-SHA', 'PSK-AES128-GCM-SHA256', 'PSK-AES256-CBC-SHA']) {
      const args = ['-tls1_2', '-cipher', cipher, '-psk_identity', clientId, '-psk', hexSecret, '-brief'];
      expect((await connect(started.port('mqtt-tls'), args)).output).toContain(`Ciphersuite: ${cipher}`);
    }
  });

  test('a handshake is not made anew: half-way through it would have named another device', async () => {
    const started = await bench();
    const args = ['s_client', '-connect', `127.0.0.1:${started.port('mqtt-tls')}`, '-tls1_2', '-psk_identity', clientId, '-psk', hexSecret];
    const { output } = await run('openssl', [...args, '-cipher', 'PSK-AES128-CBC-SHA'], 'R\n');
    expect(output).toContain('RENEGOTIATING');
    expect(output).toMatch(/no renegotiation/i);
  });
});

describe.skipIf(!isThere('curl'))('curl on the gateway', () => {
  test('https is the same routes as http, under the vendors’ names too, and with a certificate that was renewed', async () => {
    const started = await bench();
    let names = ['127.0.0.1', '*.iotcloud.tencentdevices.com'];
    const directory = join(started.folder, 'gateway');
    const authority = await openAuthority({ directory, kind: 'ecdsa', names: () => names, clock: systemClock, log: silentLog });
    const authorityFile = join(started.folder, 'gateway.pem');
    writeFileSync(authorityFile, authority.state().pem);
    const server = await createGatewayServer({ host: '127.0.0.1', port: 0, secure: { identity: authority.identity, port: 0 } });
    closers.push(() => server.close());
    server.mount({ prefix: '/hello', onRequest: (_request, response) => response.end('hello') });
    const port = server.secureListener?.port ?? 0;
    const get = (host: string) =>
      run('curl', ['-sS', '--cacert', authorityFile, '--connect-to', `${host}:${port}:127.0.0.1:${port}`, `https://${host}:${port}/hello`]);
    for (const host of ['127.0.0.1', 'VI5C901SKI.iotcloud.tencentdevices.com'])
      expect(await get(host)).toEqual({ code: 0, output: 'hello' });
    expect((await get('bench.lab')).code).toBe(60);
    names = [...names, 'bench.lab'];
    await authority.renew();
    expect(await get('bench.lab')).toEqual({ code: 0, output: 'hello' });
  });
});
