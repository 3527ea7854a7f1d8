import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { createCore } from '../../../../main/core/core.ts';
import { readProvisionedDevice } from '../../../../main/core/devices/provisioned-device.ts';
import { buildDemoImages } from '../../../../pipeline/boards/esp/demo-images.ts';
import type { VirtualBoard } from '../../../../preload/contract/boards.ts';
import { type Client, createClient } from '../../../../preload/contract/client.ts';
import type { FlashJob } from '../../../../preload/contract/flash.ts';
import { memoryTransportPair } from '../../../../preload/contract/transports/memory.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function boardState(client: Client, isIt: (board: VirtualBoard) => boolean): Promise<VirtualBoard> {
  const found = Promise.withResolvers<VirtualBoard>();
  const look = (boards: readonly VirtualBoard[]) => boards.filter(isIt).forEach(found.resolve);
  client.subscribe('boards.state', {}, { onSnapshot: look, onDelta: look });
  return found.promise;
}

function jobEnd(client: Client, jobId: string): Promise<FlashJob> {
  const found = Promise.withResolvers<FlashJob>();
  const look = (jobs: readonly FlashJob[]) => jobs.filter((job) => job.jobId === jobId && job.state !== 'running').forEach(found.resolve);
  client.subscribe('flash.jobs', {}, { onSnapshot: look, onDelta: look });
  return found.promise;
}

test('a blank board that is flashed and provisioned connects to the bench as the new device, and tells its log nothing secret', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'talkbench-provisioned-'));
  cleanups.push(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const core = await createCore({
    dataDirectory,
    listeners: { enabled: true, host: '127.0.0.1', mqttPort: 0, gatewayPort: 0 },
    log: pino({ level: 'silent' }),
    appVersion: '0.0.0',
  });
  cleanups.push(() => core.close());
  const [clientSide, serverSide] = memoryTransportPair();
  core.endpoint.accept(serverSide, { role: 'operator' });
  const client = createClient(clientSide);

  const { listeners } = await client.call('core.status', {});
  const mqtt = listeners.find(({ name }) => name === 'mqtt');
  expect(mqtt?.state).toBe('listening');
  const { generatedSecret } = await client.call('devices.put', { productId: 'ROBOT', deviceName: 'robot-7' });
  expect(generatedSecret).toBeDefined();

  const heard: string[] = [];
  const toldDevice = Promise.withResolvers<void>();
  const take = (rows: readonly { text: string }[]) => {
    for (const { text } of rows) {
      heard.push(text);
      if (text.includes('nvs: device')) toldDevice.resolve();
    }
  };
  client.subscribe('logs.rows', { filter: { ports: ['virtual://newborn'] } }, { onSnapshot: () => {}, onDelta: take });
  await client.call('boards.start', { name: 'newborn', kind: 'esp32c6', firmware: 'blank' });
  await client.call('ports.open', { address: 'virtual://newborn' });

  const text = (namespace: string, key: string, value: string) => ({ namespace, key, type: 'string' as const, value });
  const { jobId } = await client.call('flash.start', {
    address: 'virtual://newborn',
    task: {
      kind: 'write',
      files: buildDemoImages({ kind: 'esp32c6' }).files.map(({ offset, name, data }) => ({ offset, name, source: { data } })),
      provisioning: {
        device: { kind: 'known', productId: 'ROBOT', deviceName: 'robot-7' },
        variables: { wifi_ssid: 'Bench Wi-Fi', wifi_password: 'correct horse' },
        entries: [
          text('twetalk', 'product_id', '${product_id}'),
          text('twetalk', 'device_name', '${device_name}'),
          text('twetalk', 'device_secret', '${device_secret}'),
          text('twetalk', 'mqtt_host', '127.0.0.1'),
          { namespace: 'twetalk', key: 'mqtt_port', type: 'u16', value: String(mqtt?.port) },
          text('wifi', 'ssid', '${wifi_ssid}'),
          text('wifi', 'password', '${wifi_password}'),
        ],
      },
    },
  });
  const job = await jobEnd(client, jobId);
  expect([job.error, job.device]).toEqual([null, { productId: 'ROBOT', deviceName: 'robot-7' }]);

  const board = await boardState(client, (one) => one.activity === 'listening' || one.activity === 'speaking');
  expect(board).toMatchObject({ kind: 'esp32c6', productId: 'ROBOT', deviceName: 'robot-7', state: 'running' });
  await toldDevice.promise;
  const log = heard.join('\n');
  expect(log).toContain('nvs: device robot-7 of product ROBOT');
  expect(log).toContain('connected with Bench Wi-Fi');
  expect(log).not.toContain('correct horse');
  expect(log).not.toContain(generatedSecret ?? 'no secret');
});

test.each([
  ['no secret', ['product_id', 'device_name']],
  ['nothing at all', []],
])('a board with %s in its NVS is none that was provisioned', (_what, keys) => {
  const values = keys.map((key) => ({ namespace: 'twetalk', key, type: 'string' as const, value: 'x', sizeBytes: 2 }));
  expect(readProvisionedDevice({ values })).toBeNull();
});

test('a provisioned board without a bench address asks the bench it is on; one with a port that is none, at the usual port', () => {
  const value = (key: string, text: string) => ({ namespace: 'twetalk', key, type: 'string' as const, value: text, sizeBytes: 2 });
  const device = [value('product_id', 'P'), value('device_name', 'D'), value('device_secret', 'S')];
  expect(readProvisionedDevice({ values: device })?.broker).toBeNull();
  expect(readProvisionedDevice({ values: [...device, value('mqtt_host', 'bench'), value('mqtt_port', '99999')] })?.broker).toEqual({
    host: 'bench',
    port: null,
  });
});
