import { describe, expect, test } from 'vitest';
import { deviceHandlers } from '../../../../../main/core/devices/device-calls.ts';
import { Devices, memoryDeviceStore, type StoredDevice } from '../../../../../main/core/devices/registry.ts';
import type { DeviceRecord } from '../../../../../preload/contract/pipeline.ts';

async function open(initial: StoredDevice[] = []) {
  const store = memoryDeviceStore(initial);
  const faults: unknown[] = [];
  const devices = await Devices.open({ store, wallMs: () => 1_000, onStoreFault: (error) => faults.push(error) });
  return { store, devices, faults, handlers: deviceHandlers(devices) };
}
const context = { signal: new AbortController().signal, role: 'operator' as const };

describe('the device registry', () => {
  test('generates a 16-byte secret, gives it out once and keeps it', async () => {
    const { handlers, store } = await open();
    const { device, generatedSecret } = await handlers['devices.put']({ productId: 'P', deviceName: 'D' }, context);
    expect(Buffer.from(generatedSecret ?? '', 'base64')).toHaveLength(16);
    expect(device).toEqual({
      productId: 'P',
      deviceName: 'D',
      hasSecret: true,
      isOnline: false,
      activatedWallMs: null,
      lastOnlineWallMs: null,
      connectionCount: 0,
      connection: null,
      topics: [],
      certificateFingerprint: null,
      firmwareVersion: null,
      properties: {},
    });
    expect(store.devices.get('P/D')?.secret).toBe(generatedSecret);
    expect(JSON.stringify(await handlers['devices.list']({}, context))).not.toContain(generatedSecret);
  });

  test('a replaced secret keeps what is known of the device', async () => {
    const { devices } = await open();
    await devices.put('P', 'D', 'AAECAw==');
    devices.report('P', 'D', { volume: 5 });
    expect(await devices.put('P', 'D', 'BAUGBw==')).toMatchObject({ device: { properties: { volume: 5 } } });
    expect(devices.find('P', 'D')?.secret).toBe('BAUGBw==');
  });

  test('two devices that would share an MQTT client id are refused', async () => {
    const { devices } = await open();
    await devices.put('AB', 'C');
    await expect(devices.put('A', 'BC')).rejects.toMatchObject({ value: { code: 'device/duplicate', data: { productId: 'AB' } } });
  });

  test('a secret that is not base64 is refused', async () => {
    const { devices } = await open();
    await expect(devices.put('P', 'D', 'abcde')).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('every change is published and stored, and a new start knows it, offline', async () => {
    const { devices, store } = await open();
    const seen: DeviceRecord[] = [];
    devices.topic.listen((delta) => seen.push(delta));
    await devices.put('P', 'D', 'AAECAw==');
    devices.setOnline('P', 'D', true);
    devices.report('P', 'D', { volume: 5, battery: 9 });
    devices.report('P', 'D', { volume: 6 });
    devices.setFirmwareVersion('P', 'D', '1.1.8');
    await devices.flush();
    expect(seen.at(-1)).toMatchObject({ isOnline: true, properties: { volume: 6, battery: 9 }, firmwareVersion: '1.1.8' });
    expect(seen).toHaveLength(5);
    const again = await open([...store.devices.values()]);
    expect(again.devices.list()).toMatchObject([{ isOnline: false, lastOnlineWallMs: 1_000, properties: { volume: 6, battery: 9 } }]);
    expect(again.devices.findByClientId('PD')?.secret).toBe('AAECAw==');
  });

  test('what a device reports is kept in bounds: the newest, and nothing that is too long by itself', async () => {
    const { devices } = await open();
    await devices.put('P', 'D');
    const known = () => devices.find('P', 'D')?.properties ?? {};
    for (let index = 0; index < 1000; index++) devices.report('P', 'D', { [`p${index}`]: index });
    expect(Object.keys(known())).toHaveLength(256);
    expect(known()).toHaveProperty('p999');
    expect(known()).not.toHaveProperty('p0');
    devices.report('P', 'D', { p999: 'x'.repeat(100_000), volume: 5 });
    expect(known()).toMatchObject({ p998: 998, volume: 5 });
    expect(known()).not.toHaveProperty('p999');
    for (let index = 0; index < 100; index++) devices.report('P', 'D', { [`q${index}`]: 'y'.repeat(1000) });
    expect(JSON.stringify(known()).length).toBeLessThan(10_000);
    devices.setFirmwareVersion('P', 'D', '9'.repeat(100_000));
    expect(devices.list()[0]?.firmwareVersion).toHaveLength(64);
  });

  test('there is room for so many devices that nobody registered', async () => {
    const { devices } = await open();
    for (let index = 0; index < 999; index++) devices.adopt('P', `d${index}`);
    expect(devices.hasRoomToAdopt()).toBe(true);
    devices.adopt('P', 'last');
    expect(devices.hasRoomToAdopt()).toBe(false);
    await devices.put('P', 'last', 'AAECAw==');
    expect(devices.hasRoomToAdopt()).toBe(true);
  });

  test('a removed device is gone, and what it still reports is not kept', async () => {
    const { devices, handlers, store } = await open();
    await devices.put('P', 'D');
    await handlers['devices.remove']({ productId: 'P', deviceName: 'D' }, context);
    devices.report('P', 'D', { volume: 1 });
    await devices.flush();
    expect(devices.list()).toEqual([]);
    expect(store.devices.size).toBe(0);
    await expect(handlers['devices.remove']({ productId: 'P', deviceName: 'D' }, context)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a store that fails is told of, and the registry goes on', async () => {
    const store = memoryDeviceStore();
    const faults: unknown[] = [];
    store.save = () => Promise.reject(new Error('disk'));
    const devices = await Devices.open({ store, wallMs: () => 0, onStoreFault: (error) => faults.push(error) });
    await devices.put('P', 'D', 'AAECAw==');
    expect(faults).toHaveLength(1);
    expect(devices.find('P', 'D')).toBeDefined();
  });

  test('the first time online stays, the last one and where it came from move on', async () => {
    const store = memoryDeviceStore();
    let wallMs = 10;
    const devices = await Devices.open({ store, wallMs: () => wallMs, onStoreFault: (error) => expect.fail(String(error)) });
    await devices.put('P', 'D', 'AAECAw==');
    const connection = { address: '10.0.0.7', proof: 'password', isTls: false, sdkAppId: '21010406' } as const;
    devices.setOnline('P', 'D', true, connection);
    devices.setTopics('P', 'D', ['$thing/down/property/P/D']);
    expect(devices.list()).toMatchObject([{ topics: ['$thing/down/property/P/D'], connectionCount: 1 }]);
    devices.setOnline('P', 'D', false);
    wallMs = 20;
    devices.setOnline('P', 'D', true, { ...connection, address: '10.0.0.8' });
    const expected = { activatedWallMs: 10, lastOnlineWallMs: 20, connectionCount: 2, connection: { address: '10.0.0.8' }, topics: [] };
    expect(devices.list()).toMatchObject([expected]);
    await devices.flush();
    expect(store.devices.get('P/D')).toMatchObject({ activatedWallMs: 10, connectionCount: 2 });
  });
});

describe('products', () => {
  test('one is made with an id as the console gives them, renamed, and found again', async () => {
    const { handlers, store, devices } = await open();
    const { productId } = await handlers['products.put']({ name: 'lamp' }, context);
    expect(productId).toMatch(/^[A-Z0-9]{10}$/);
    await handlers['products.put']({ productId, authentication: 'psk' }, context);
    const { generatedSecret = '' } = await handlers['products.setSecret']({ productId }, context);
    expect(generatedSecret.length).toBeGreaterThanOrEqual(16);
    expect(devices.productSecret(productId)).toEqual({ secret: generatedSecret, isOpen: false });
    expect(devices.products.list()).toMatchObject([{ productId, name: 'lamp', authentication: 'psk', hasSecret: true }]);
    expect(JSON.stringify(devices.products.list())).not.toContain(generatedSecret);
    expect(store.products.get(productId)?.secret).toBe(generatedSecret);
  });

  test('devices that were there before products imply theirs', async () => {
    const { devices, handlers } = await open();
    const changes: unknown[] = [];
    devices.products.topic.listen((change) => changes.push(change));
    await devices.put('OLD', 'd1');
    await devices.put('OLD', 'd2');
    expect(devices.products.list()).toMatchObject([{ productId: 'OLD', authentication: 'key', createdWallMs: null }]);
    await handlers['devices.remove']({ productId: 'OLD', deviceName: 'd1' }, context);
    expect(changes).toHaveLength(1);
    await handlers['devices.remove']({ productId: 'OLD', deviceName: 'd2' }, context);
    expect(changes).toMatchObject([{}, { productId: 'OLD', isRemoved: true }]);
    expect(devices.products.list()).toEqual([]);
  });

  test('one with devices goes only together with them', async () => {
    const { handlers, devices, store } = await open();
    await devices.put('P', 'D');
    await devices.put('Q', 'D');
    const remove = handlers['products.remove'];
    const refused = { value: { code: 'product/in-use', data: { devices: 1 } } };
    await expect(remove({ productId: 'P', withDevices: false }, context)).rejects.toMatchObject(refused);
    expect(await remove({ productId: 'P', withDevices: true }, context)).toEqual({ removedDevices: 1 });
    expect([...store.devices.keys()]).toEqual(['Q/D']);
    await expect(remove({ productId: 'P', withDevices: true }, context)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('devices in bulk', () => {
  test('generated ones go on after those that are there, their secrets told once', async () => {
    const { handlers, devices } = await open();
    await devices.put('P', 'dev002');
    const { devices: made } = await handlers['devices.generate']({ productId: 'P', count: 3, prefix: 'dev' }, context);
    expect(made.map(({ deviceName }) => deviceName)).toEqual(['dev001', 'dev003', 'dev004']);
    expect(devices.find('P', 'dev003')?.secret).toBe(made[1]?.secret);
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(3);
  });

  test('a list is taken whole: new ones, other secrets, and those that are the same', async () => {
    const { handlers, devices } = await open();
    await devices.put('ABCDEFGHIJ', 'same', 'AAECAwQFBgcICQoLDA0ODw==');
    await devices.put('ABCDEFGHIJ', 'other', 'AAECAw==');
    const csv = [
      'DeviceSecret,ProductId,DeviceName',
      'AAECAwQFBgcICQoLDA0ODw==,ABCDEFGHIJ,same',
      'BAUGBw==,ABCDEFGHIJ,other',
      'BAUGBw==,ABCDEFGHIJ,new',
    ].join('\n');
    expect(await handlers['devices.import']({ csv, header: 'auto' }, context)).toEqual({ added: 1, changed: 1, unchanged: 1 });
    expect(devices.find('ABCDEFGHIJ', 'other')?.secret).toBe('BAUGBw==');
  });

  test.each([
    ['a secret that is not base64', 'productId,deviceName,deviceSecret\nP,ok,AAECAw==\nP,D,abcde\n', 'provisioning/bad-list'],
    ['a client id of another device', 'productId,deviceName,deviceSecret\nP,ok,AAECAw==\nA,BC,AAECAw==\n', 'device/duplicate'],
    ['a header in other words', 'one,two,three\nP,D,AAECAw==\n', 'provisioning/header-unknown'],
  ])('%s refuses the list, and none of it is taken', async (_what, csv, code) => {
    const { handlers, devices, store } = await open();
    await devices.put('AB', 'C');
    await expect(handlers['devices.import']({ csv, header: 'auto' }, context)).rejects.toMatchObject({ value: { code } });
    expect(devices.list()).toHaveLength(1);
    expect(store.devices.size).toBe(1);
  });

  test('what is exported has no secret, and no formula that a board made up', async () => {
    const { handlers, devices } = await open();
    await devices.put('P', 'D', 'AAECAwQFBgcICQoLDA0ODw==');
    devices.setFirmwareVersion('P', 'D', '=HYPERLINK("http://x")');
    const { csv } = await handlers['devices.export']({}, context);
    expect(csv).not.toContain('AAECAwQFBgcICQoLDA0ODw==');
    expect(csv.split('\r\n')[1]).toBe(`P,D,true,false,,,0,"'=HYPERLINK(""http://x"")",,`);
  });
});
