import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from 'vitest';
import { buildCredentials } from '../../pipeline/gateways/twetalk/credentials.ts';
import { registrationSignature } from '../../pipeline/gateways/twetalk/registration.ts';
import { testDevice, testGateway } from '../fakes/twetalk.ts';

/** A device's whole dialogue by hand: Mosquitto's clients are its MQTT, curl fetches its firmware. */
const isThere = (program: string) => spawnSync(program, ['--help']).error === undefined;
const hasMosquitto = isThere('mosquitto_sub') && isThere('mosquitto_pub');
const hasCurl = isThere('curl');

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const never = new AbortController().signal;
const { productId, deviceName } = testDevice;
const names = `${productId}/${deviceName}`;
const down = ['$thing/down/property', '$thing/down/action', '$thing/down/event', '$ota/update', '$twecall/down/service'].map(
  (it) => `${it}/${names}`,
);

async function bench(settings: Record<string, unknown> = {}) {
  const started = await testGateway({ settings: { twetalk: settings } });
  closers.push(() => started.gateway.close());
  return started;
}

function login(port: number, clientId?: string): string[] {
  const credentials = buildCredentials(testDevice);
  const { username, password } = credentials;
  return ['-h', '127.0.0.1', '-p', String(port), '-V', '311', '-i', clientId ?? credentials.clientId, '-u', username, '-P', password];
}

/** `mosquitto_sub` as the board's ear: its lines, topic first. */
function ear(port: number) {
  const child: ChildProcess = spawn('mosquitto_sub', [...login(port), '-q', '1', '-v', ...down.flatMap((topic) => ['-t', topic])]);
  closers.push(() => child.kill());
  const lines: { topic: string; body: Record<string, unknown> }[] = [];
  let look: () => void = () => {};
  if (child.stdout === null) throw new Error('no output');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const at = line.indexOf(' ');
    lines.push({ topic: line.slice(0, at), body: JSON.parse(line.slice(at + 1)) as Record<string, unknown> });
    look();
  });
  return {
    async until(matches: (body: Record<string, unknown>) => boolean): Promise<{ topic: string; body: Record<string, unknown> }> {
      for (;;) {
        const found = lines.find(({ body }) => matches(body));
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => (look = resolve));
      }
    },
  };
}

/** `mosquitto_pub` as its mouth: another client id, for its own would push the ear off. */
async function say(port: number, topic: string, message: object | string): Promise<void> {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  expect(await run('mosquitto_pub', [...login(port, 'mouth'), '-q', '1', '-t', `${topic}/${names}`, '-m', text])).toBe(0);
}

function run(program: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(program, args, { stdio: 'ignore' });
  closers.push(() => child.kill());
  return new Promise((resolve) => child.on('close', resolve));
}

describe.skipIf(!hasMosquitto)('mosquitto clients play a board (skipped without mosquitto-clients)', () => {
  async function listening(settings: Record<string, unknown> = {}) {
    const started = await bench(settings);
    const heard = ear(started.mqttPort);
    for (const topic of down) await started.observer.until('wire.message', (event) => event.name === topic && event.note === 'SUBSCRIBE');
    return { ...started, heard };
  }

  test('properties: report, get_status with what was set meanwhile, clear_control, control', async () => {
    const { mqttPort, gateway, heard, devices } = await listening();
    await say(mqttPort, '$thing/up/property', { method: 'report', params: { battery: 100, volume: 0 }, clientToken: 'clear-control-6' });
    await heard.until((body) => body.method === 'report_reply' && body.clientToken === 'clear-control-6');
    expect(devices.list()[0]?.properties).toEqual({ battery: 100, volume: 0 });
    const done = gateway.control(testDevice, { volume: 50 }, never);
    const { body } = await heard.until((message) => message.method === 'control');
    await say(mqttPort, '$thing/up/property', { method: 'get_status', clientToken: 'clear-control-7' });
    const status = await heard.until((message) => message.method === 'get_status_reply');
    expect(status.body.data).toEqual({ reported: { battery: 100, volume: 0 }, control: { volume: 50 } });
    await say(mqttPort, '$thing/up/property', { method: 'clear_control', clientToken: 'clear-control-8' });
    await heard.until((message) => message.method === 'clear_control_reply');
    await say(mqttPort, '$thing/up/property', { method: 'control_reply', clientToken: body.clientToken, code: 0 });
    expect(await done).toBe('done');
  });

  test('an action as seed 000 prints it, and its reply', async () => {
    const { mqttPort, gateway, heard } = await listening();
    const response = gateway.callTool(testDevice, 'control_volume', { action: 'set', volume: 50 }, never);
    const { topic, body } = await heard.until((message) => message.method === 'action');
    expect(topic).toBe(`$thing/down/action/${names}`);
    expect(body).toMatchObject({ actionId: 'control_volume', timestamp: expect.any(Number), params: { action: 'set', volume: 50 } });
    await say(mqttPort, '$thing/up/action', { method: 'action_reply', clientToken: body.clientToken, code: 0, response: { volume: 50 } });
    expect(await response).toEqual({ volume: 50 });
  });

  test('an event, and the SDK’s malformed one', async () => {
    const { mqttPort, observer, heard } = await listening();
    const event = '{"method":"event_post","clientToken":"event-123"","eventId":"low","type":"alert","params":{"v":1}}';
    await say(mqttPort, '$thing/up/event', { ...JSON.parse(event.replace('""', '"')), clientToken: '77', version: '1.0' });
    await say(mqttPort, '$thing/up/event', event);
    await heard.until((body) => body.method === 'event_reply' && body.clientToken === '77');
    await heard.until((body) => body.method === 'event_reply' && body.clientToken === 'event-123');
    expect(observer.of('device.event').map(({ eventId }) => eventId)).toEqual(['low', 'low']);
  });

  test('the way to the voice connection', async () => {
    const { mqttPort, heard, gatewayPort } = await listening();
    await say(mqttPort, '$twecall/up/service', '{"method":"query_websocket_url","clientToken":"ws-4","params":{"connect_type":"talk"}}');
    const { body } = await heard.until((message) => message.method === 'query_websocket_url_reply');
    expect(body).toMatchObject({
      ...{ clientToken: 'ws-4', code: 0, status: '' },
      params: { token: expect.stringMatching(/^[0-9a-f]{32}$/), websocket_url: 'ws://127.0.0.1/ws', websocket_port: gatewayPort },
    });
  });

  test.skipIf(!hasCurl)('firmware: told over MQTT, fetched by curl in two ranges, progress told', async () => {
    const { mqttPort, gateway, observer, heard } = await listening({ otaPort: 0 });
    const directory = await mkdtemp(join(tmpdir(), 'ota-'));
    closers.push(() => rm(directory, { recursive: true }));
    const data = randomBytes(200_000);
    await writeFile(join(directory, 'fw'), data);
    const md5 = createHash('md5').update(data).digest('hex');
    const file = { fileId: 'f', name: 'fw.bin', version: '1.2.0', path: join(directory, 'fw'), sizeBytes: data.length, md5 };
    await gateway.update(testDevice, file, 'none');
    const { body } = await heard.until((message) => message.type === 'update_firmware');
    const url = String(body.url);
    const out = join(directory, 'fetched');
    expect(await run('curl', ['-sS', '--fail', '-H', 'Accept-Encoding: gzip, deflate', '-r', '0-99999', '-o', out, url])).toBe(0);
    // `-C -`: goes on from the file's end, with `Range: bytes=100000-`.
    expect(await run('curl', ['-sS', '--fail', '-C', '-', '-o', out, url])).toBe(0);
    const fetched = await readFile(out);
    expect(createHash('md5').update(fetched).digest('hex')).toBe(body.md5sum);
    const progress = (state: string, percent: string) => ({
      type: 'report_progress',
      report: { progress: { state, percent, result_code: '0', result_msg: '' }, version: '1.2.0' },
    });
    await say(mqttPort, '$ota/report', progress('downloading', '50'));
    await say(mqttPort, '$ota/report', progress('done', '100'));
    await observer.until('device.ota', ({ state }) => state === 'done');
    expect(observer.of('device.ota').map(({ state, percent }) => [state, percent])).toEqual([
      ['sent', 0],
      ['downloading', 50],
      ['done', 100],
    ]);
  });

  test('a call from the mini-program rings in the board’s own topic', async () => {
    const { gateway, heard } = await listening({ ringTimeoutS: 1 });
    const { roomId } = gateway.calls.ring(
      testDevice,
      { name: '妈妈', openId: 'oOMC1' },
      { listen: () => {}, play: () => {}, close: () => {} },
    );
    const { body } = await heard.until((message) => message.method === 'voip_join');
    expect(body.params).toEqual({ roomId, openId: 'oOMC1' });
    await heard.until((message) => message.method === 'voip_cancel');
  });
});

test.skipIf(!hasCurl)('curl registers a device (skipped without curl)', async () => {
  const { gatewayPort, devices } = await bench({ dynamicRegistration: 'create' });
  const productSecret = 'abcdefghijklmnopqrstuvwx';
  Object.assign(devices, { productSecret: () => ({ secret: productSecret, isOpen: false }) });
  const body = JSON.stringify({ ProductId: productId, DeviceName: 'new01' });
  const host = `127.0.0.1:${gatewayPort}`;
  const signed = { host, algorithm: 'hmacsha1', timestamp: '1609430400', nonce: '7', body: Buffer.from(body) };
  const headers = [
    ...['-H', 'X-TC-Algorithm: hmacsha1', '-H', 'X-TC-Timestamp: 1609430400', '-H', 'X-TC-Nonce: 7'],
    ...['-H', `X-TC-Signature: ${registrationSignature(signed, productSecret)}`],
  ];
  expect(await run('curl', ['-sS', '--fail', '-d', body, ...headers, `http://${host}/device/register`])).toBe(0);
  expect(devices.find(productId, 'new01')?.secret).toEqual(expect.any(String));
});
