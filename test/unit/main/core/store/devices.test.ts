import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newDevice, type StoredDevice } from '../../../../../main/core/devices/device-store.ts';
import { openSecretFile } from '../../../../../main/core/settings/secrets.ts';
import { createDeviceStore } from '../../../../../main/core/store/devices.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

let bench: TestBench;
beforeEach(async () => {
  bench = await openTestBench();
});
afterEach(() => bench.close());

const device: StoredDevice = {
  productId: 'P1',
  deviceName: 'd',
  activatedWallMs: 3,
  lastOnlineWallMs: 5,
  connectionCount: 2,
  connection: { address: '10.0.0.7', proof: 'psk', isTls: true, sdkAppId: '21010406' },
  certificateFingerprint: 'AA:BB',
  firmwareVersion: '1.0',
  properties: { volume: 3 },
  secret: 'bXktb3duLXNlY3JldA==',
};

async function openDevices() {
  const secrets = await openSecretFile(join(bench.folder, 'secrets.json'));
  return { secrets, devices: createDeviceStore({ store: bench.store, secrets, wallMs: () => 9, log: silentLog }) };
}

test('devices and products come back whole, their secrets nowhere in the database', async () => {
  const first = await openDevices();
  await first.devices.saveAll([device, { ...device, deviceName: 'open', secret: null }]);
  const product = {
    productId: 'P1',
    name: 'lamp',
    authentication: 'psk',
    isOpen: true,
    secret: 'a-product-secret',
    createdWallMs: 4,
  } as const;
  await first.devices.saveProduct(product);
  await bench.reopen();
  const { devices, secrets } = await openDevices();
  expect(await devices.load()).toEqual({ devices: [device, { ...device, deviceName: 'open', secret: null }], products: [product] });
  await devices.remove([device]);
  await devices.removeProduct('P1');
  expect(await devices.load()).toMatchObject({ devices: [{ deviceName: 'open' }], products: [] });
  expect(await secrets.values()).toEqual([]);
  await bench.store.close();
  const file = readFileSync(bench.path);
  expect([file.includes(device.secret ?? ''), file.includes(product.secret)]).toEqual([false, false]);
  await bench.reopen();
});

test('a device of a library that knew no more than its row is whole too, and online once it was', async () => {
  const { productId, deviceName, lastOnlineWallMs, firmwareVersion, properties } = device;
  await bench.store.write('device.save', { productId, deviceName, lastOnlineWallMs, firmwareVersion, properties });
  const { devices } = await openDevices();
  const expected = { ...newDevice, productId, deviceName, lastOnlineWallMs, firmwareVersion, properties, secret: null, activatedWallMs: 5 };
  expect((await devices.load()).devices).toEqual([expected]);
});
