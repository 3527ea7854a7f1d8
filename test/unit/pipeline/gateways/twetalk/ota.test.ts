import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { createTwetalkFirmware } from '../../../../../pipeline/boards/twetalk/firmware.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { listen } from '../../../../../pipeline/gateways/listen.ts';
import { readRange } from '../../../../../pipeline/gateways/twetalk/ota/range.ts';
import type { Clock } from '../../../../../preload/contract/time.ts';
import { TestDevice, testDevice, testGateway } from '../../../../fakes/twetalk.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test('a connection that cannot be taken (no more file descriptors) is lost alone', async () => {
  const server = createServer();
  closers.push(() => server.close());
  expect(await listen(server, 'x', '127.0.0.1', 0)).toMatchObject({ state: 'listening' });
  expect(() => server.emit('error', new Error('accept EMFILE'))).not.toThrow();
});

describe('a range', () => {
  test.each([
    [undefined, null],
    ['bytes=0-99', { start: 0, end: 99 }],
    ['bytes=40-', { start: 40, end: 99 }],
    ['bytes=40-4000', { start: 40, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-1000', { start: 0, end: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=9-3', null],
    ['bytes=0-1,5-6', null],
    ['lines=1-2', null],
    ['bytes=-', null],
  ])('%s of 100 bytes', (header, expected) => {
    expect(readRange(header, 100)).toEqual(expected);
  });

  test('never reaches outside the file', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^bytes=\d{0,17}-\d{0,17}$/)), fc.nat(1000), (header, size) => {
        const range = readRange(header, size);
        if (range === null || range === 'unsatisfiable') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThanOrEqual(range.start);
        expect(range.end).toBeLessThan(size);
      }),
    );
  });
});

async function bench(settings: Record<string, unknown> = {}, clock: Clock = systemClock) {
  const started = await testGateway({ settings: { twetalk: settings }, clock });
  closers.push(() => started.gateway.close());
  const directory = await mkdtemp(join(tmpdir(), 'ota-'));
  closers.push(() => rm(directory, { recursive: true }));
  const data = randomBytes(300_000);
  const path = join(directory, 'fw');
  await writeFile(path, data);
  const firmware = {
    ...{ fileId: 'f-1', name: '../固件 1.bin', version: '1.2.0', path, sizeBytes: data.length },
    md5: createHash('md5').update(data).digest('hex'),
  };
  return { ...started, data, firmware };
}

async function update(url: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const asked = request(url, { headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('the board is told of it, and fetches a range of it, whatever encodings it accepts', async () => {
  const { gateway, mqttPort, data, firmware, observer } = await bench();
  const device = await TestDevice.connect(mqttPort);
  closers.push(() => device.close());
  await gateway.update(testDevice, firmware, 'none');
  const { body } = await device.until((message) => message.type === 'update_firmware');
  expect(body).toMatchObject({ version: '1.2.0', md5sum: firmware.md5, file_size: data.length });
  const url = String(body.url);
  const part = await update(url, { range: 'bytes=1000-1999', 'accept-encoding': 'gzip, deflate' });
  expect(part).toMatchObject({ status: 206, headers: { 'content-length': '1000', 'content-range': 'bytes 1000-1999/300000' } });
  expect(part.headers['content-encoding']).toBeUndefined();
  expect(part.body.equals(data.subarray(1000, 2000))).toBe(true);
  expect((await update(url, { range: 'bytes=300000-' })).status).toBe(416);
  expect((await update(url, {}, 'HEAD')).headers['content-length']).toBe('300000');
  expect((await update(url, {}, 'POST')).status).toBe(405);
  // The token alone says which file: no path reaches another.
  const { origin } = new URL(url);
  for (const path of ['/ota/', '/ota/../../etc/passwd', `/ota/${'0'.repeat(32)}/fw.bin`, '/ota/%2e%2e/x'])
    expect((await update(`${origin}${path}`)).status, path).toBe(404);
  // What the token is worth stands in no record.
  const token = url.split('/ota/')[1]?.slice(0, 32) ?? '';
  expect(token).toMatch(/^[0-9a-f]{32}$/);
  expect(JSON.stringify(observer.events)).not.toContain(token);
});

test('a device that is removed fetches nothing any more', async () => {
  const { gateway, mqttPort, devices, firmware } = await bench();
  const device = await TestDevice.connect(mqttPort);
  closers.push(() => device.close());
  await gateway.update(testDevice, firmware, 'none');
  const url = String((await device.until((message) => message.type === 'update_firmware')).body.url);
  expect((await update(url)).status).toBe(200);
  await devices.remove(testDevice.productId, testDevice.deviceName);
  expect((await update(url)).status).toBe(404);
});

test('a board that stops reading in the middle does not keep its connection for ever', async () => {
  const clock = new VirtualClock();
  const { gateway, mqttPort, firmware } = await bench({}, clock);
  // More than the sockets of both sides hold.
  const sizeBytes = 200_000_000;
  await truncate(firmware.path, sizeBytes);
  const device = await TestDevice.connect(mqttPort);
  closers.push(() => device.close());
  await gateway.update(testDevice, { ...firmware, sizeBytes }, 'none');
  const { port, hostname, pathname } = new URL(String((await device.until((message) => message.type === 'update_firmware')).body.url));
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(`GET ${pathname} HTTP/1.1\r\nhost: x\r\n\r\n`);
  await once(socket, 'data');
  socket.pause();
  await clock.advance(300_000_000);
  const closed = once(socket, 'close');
  socket.resume();
  await closed;
  expect(socket.bytesRead).toBeLessThan(sizeBytes);
});

test('a firmware listener of its own serves firmware and registration, and nothing else', async () => {
  const { gateway, mqttPort, firmware } = await bench({ otaPort: 0 });
  const port = gateway.listeners.find(({ name }) => name === 'ota')?.port ?? 0;
  const device = await TestDevice.connect(mqttPort);
  closers.push(() => device.close());
  await gateway.update(testDevice, firmware, 'none');
  const { body } = await device.until((message) => message.type === 'update_firmware');
  expect(new URL(String(body.url)).port).toBe(String(port));
  expect((await update(String(body.url))).status).toBe(200);
  expect((await update(`http://127.0.0.1:${port}/device/register`)).status).toBe(405);
  expect((await update(`http://127.0.0.1:${port}/ws`)).status).toBe(404);
});

test('a port that only root may open says so', async () => {
  const server = createServer();
  Object.assign(server, { listen: () => server.emit('error', Object.assign(new Error('no'), { code: 'EACCES' })) });
  const state = await listen(server, 'ota', '127.0.0.1', 80);
  expect(state).toMatchObject({ state: 'failed', error: { code: 'listen/privileged', data: { listener: 'ota', port: 80 } } });
});

describe('a virtual board', () => {
  async function updating(fault: 'none' | 'wrong-md5' | 'wrong-size' | 'cut', options: { isOtaPortFixed?: boolean } = {}) {
    const started = await bench();
    let log = '';
    const board = createTwetalkFirmware({
      ...{ clock: systemClock, ...testDevice, language: 'zh', audioType: 'pcm', audioInterval: 60 },
      broker: { host: '127.0.0.1', port: started.mqttPort },
      print: (text) => (log += text),
      onState: () => {},
      onPlayout: () => {},
      ...options,
    });
    closers.push(() => board.stop());
    await board.start();
    await started.gateway.update(testDevice, started.firmware, fault);
    const end = await started.observer.until('device.ota', ({ state }) => state === 'done' || state === 'fail');
    return { ...started, board, end, log: () => log, states: started.observer.of('device.ota') };
  }

  test('updates itself, tells how far it is, and runs the new version', async () => {
    const { end, states, board, devices, observer } = await updating('none');
    expect(end).toMatchObject({ state: 'done', resultCode: '0', version: '1.2.0' });
    expect(states[0]).toMatchObject({ state: 'sent', percent: 0 });
    expect(states.filter(({ state }) => state === 'downloading').map(({ percent }) => percent)).toEqual(
      [...new Set(states.filter(({ state }) => state === 'downloading').map(({ percent }) => percent))].sort((a, b) => a - b),
    );
    await observer.until('wire.message', ({ text }) => text?.includes('"version":"1.2.0"}}') === true && text.includes('report_version'));
    expect(board.version).toBe('1.2.0');
    expect(devices.list()[0]?.firmwareVersion).toBe('1.2.0');
  });

  test('goes on where a cut connection left it', async () => {
    const { end, log, observer } = await updating('cut');
    expect(end.state).toBe('done');
    expect(log()).toMatch(/download again from 15\d{4}/);
    const ranges = observer.of('wire.message').filter(({ channel, name }) => channel === 'http' && name.startsWith('GET /ota/'));
    expect(ranges.map(({ text }) => text)).toEqual(['bytes=0-299999', expect.stringMatching(/^bytes=15\d{4}-299999$/)]);
  });

  test('finds that the MD5 is not the file’s, and stays what it is', async () => {
    const { end, board } = await updating('wrong-md5');
    expect(end).toMatchObject({ state: 'fail', resultCode: '-4' });
    expect(board.version).toBe('esp32s3_v1.1.8');
  });

  test('never gets whole what is shorter than was said', async () => {
    expect((await updating('wrong-size')).end).toMatchObject({ state: 'fail', resultCode: '-1' });
  });

  test('that knows port 80 only cannot fetch from another', async () => {
    expect((await updating('none', { isOtaPortFixed: true })).end).toMatchObject({ state: 'fail', resultCode: '-1' });
  });
});

test('a board that is away or deaf is not told', async () => {
  const { gateway, firmware } = await bench();
  await expect(gateway.update(testDevice, firmware, 'none')).rejects.toMatchObject({ value: { code: 'device/offline' } });
});
