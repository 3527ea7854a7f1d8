import { describe, expect, test } from 'vitest';
import { Devices, deviceHandlers, memoryDeviceStore, type StoredDevice } from '../../../../../main/core/devices/registry.ts';
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
      lastOnlineWallMs: null,
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
});
