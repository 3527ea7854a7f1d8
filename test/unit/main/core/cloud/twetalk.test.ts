import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createCore } from '../../../../../main/core/core.ts';
import { createLog } from '../../../../../main/core/log.ts';
import { decodeWav, encodeWav } from '../../../../../pipeline/audio/wav.ts';
import { type Client, createClient } from '../../../../../preload/contract/client.ts';
import type { LiveDevice } from '../../../../../preload/contract/cloud/twetalk.ts';
import type { StreamDelta, StreamName, StreamSnapshot } from '../../../../../preload/contract/index.ts';
import { memoryTransportPair } from '../../../../../preload/contract/transports/memory.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const device = { productId: 'TALKBENCH1', deviceName: 'b1' };

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'twetalk-core-'));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function open(dataDirectory: string) {
  const core = await createCore({
    dataDirectory,
    listeners: { enabled: true, host: '127.0.0.1', mqttPort: 0, gatewayPort: 0 },
    log: createLog({ level: 'silent' }),
    appVersion: '0.0.0',
  });
  const [near, far] = memoryTransportPair();
  core.endpoint.accept(far, { role: 'operator' });
  const client = createClient(near);
  await client.welcome;
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    client.close();
    await core.close();
  };
  closers.push(close);
  return { client, close };
}

/** The first of a stream's items, its snapshot's too, that satisfies `matches`. */
function until<Name extends StreamName>(
  client: Client,
  name: Name,
  matches: (item: StreamDelta<Name>) => boolean,
): Promise<StreamDelta<Name>> {
  return new Promise((resolve) => {
    const look = (item: StreamDelta<Name>) => {
      if (!matches(item)) return;
      queueMicrotask(() => unsubscribe());
      resolve(item);
    };
    const unsubscribe = client.subscribe(name, {} as never, {
      onSnapshot: (all: StreamSnapshot<Name>) => {
        for (const item of Array.isArray(all) ? (all as StreamDelta<Name>[]) : []) look(item);
      },
      onDelta: (deltas) => deltas.forEach(look),
    });
  });
}

async function withBoard(options: { audioType?: 'pcm' } = {}) {
  const started = await open(await folder());
  await started.client.call('boards.start', { name: device.deviceName, ...options });
  await until(started.client, 'device.live', (live) => live.properties.volume !== undefined);
  return started;
}

test('a device is controlled, asked and updated over the contract, and its live state says so', async () => {
  const { client } = await withBoard();
  expect(await client.call('device.control', { ...device, properties: { volume: 30 } })).toMatchObject({ outcome: 'done' });
  await until(client, 'device.live', (live: LiveDevice) => live.properties.volume?.value === 30);
  const { response } = await client.call('device.action', { ...device, actionId: 'get_battery', params: {} });
  expect(response).toEqual({ battery: 100 });
  const firmware = { name: 'fw.bin', version: '2.0.0', data: new Uint8Array(50_000).fill(7) };
  const file = await client.call('ota.addFile', firmware);
  // Each run of the command adds it: it is there already.
  expect(await client.call('ota.addFile', firmware)).toEqual(file);
  expect(file).toMatchObject({ sizeBytes: 50_000, md5: expect.stringMatching(/^[0-9a-f]{32}$/) });
  await client.call('ota.update', { ...device, fileId: file.id, fault: 'none' });
  const { update } = await until(client, 'device.live', (live: LiveDevice) => live.update?.state === 'done');
  expect(update).toMatchObject({ version: '2.0.0', servedBytes: expect.any(Number) });
});

test('what is set while the board is away waits for it', async () => {
  const { client } = await open(await folder());
  await client.call('devices.put', device);
  expect(await client.call('device.control', { ...device, properties: { volume: 30 } })).toMatchObject({ outcome: 'kept' });
  expect(await client.call('device.live', device)).toMatchObject({ isOnline: false, control: { volume: 30 } });
  await client.call('device.forgetControl', device);
  expect((await client.call('device.live', device)).control).toEqual({});
  await expect(client.call('device.action', { ...device, actionId: 'get_battery', params: {} })).rejects.toMatchObject({
    value: { code: 'device/offline' },
  });
});

test('firmware files outlive the core, without a word of where they lie', async () => {
  const directory = await folder();
  const first = await open(directory);
  await first.client.call('ota.addFile', { name: 'fw.bin', version: '2.0.0', data: new Uint8Array(10) });
  await first.close();
  const second = await open(directory);
  const { files } = await second.client.call('ota.files', {});
  expect(files).toEqual([
    {
      id: expect.any(String),
      name: 'fw.bin',
      version: '2.0.0',
      sizeBytes: 10,
      md5: 'a63c90cc3684ad8b0a2176a6a8fe9005',
      addedWallMs: expect.any(Number),
    },
  ]);
  await second.client.call('ota.removeFile', { id: files[0]?.id ?? '' });
  expect((await second.client.call('ota.files', {})).files).toEqual([]);
});

test('the mini-program’s recording is heard by the board, and the board by it', async () => {
  const { client } = await withBoard({ audioType: 'pcm' });
  const tone = Int16Array.from({ length: 8000 }, (_, index) => Math.round(8000 * Math.sin(index * 0.3)));
  const wav = encodeWav({ channels: [tone], sampleRate: 8000 });
  const caller = { name: '妈妈', openId: 'o1' };
  const { callId } = await client.call('calls.ring', { ...device, caller, audio: { kind: 'wav', wav, isRepeated: true } });
  await until(client, 'calls.state', (call) => call.state === 'talking');
  await client.call('boards.speak', { name: 'b1', source: { kind: 'wav', wav } });
  await until(client, 'boards.state', (board) => board.activity === 'speaking');
  const over = until(client, 'calls.state', (call) => call.state === 'ended');
  await client.call('boards.sdk', { name: 'b1', call: { kind: 'call', response: 'hang-up' } });
  expect(await over).toMatchObject({ end: 'hung-up-by-device' });
  const { wav: heard } = await client.call('calls.heard', { callId });
  expect(decodeWav(heard).sampleRate).toBe(16_000);
  await expect(client.call('calls.answer', { callId })).rejects.toMatchObject({ value: { code: 'call/over' } });
  await expect(client.call('boards.sdk', { name: 'b1', call: { kind: 'call', response: 'hang-up' } })).rejects.toMatchObject({
    value: { code: 'call/over' },
  });
  expect((await client.call('calls.list', {})).calls).toHaveLength(1);
});

// 'kept until it connects' was said to any name, and a mistyped one waited for ever.
test('nothing is kept for a device that nobody registered', async () => {
  const { client } = await open(await folder());
  const stranger = { productId: 'NOPE', deviceName: 'x' };
  const unknown = { value: { code: 'device/unknown', data: stranger } };
  await expect(client.call('device.control', { ...stranger, properties: { volume: 1 } })).rejects.toMatchObject(unknown);
  await expect(client.call('device.action', { ...stranger, actionId: 'get_battery', params: {} })).rejects.toMatchObject(unknown);
});
