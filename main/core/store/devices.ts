import type { DeviceStore } from '../devices/registry.ts';
import type { SecretStore } from '../settings/secrets.ts';
import type { Store } from './store.ts';

/** Devices in the `board` table, their secrets in the SecretStore. */
export function createDeviceStore(deps: { store: Store; secrets: SecretStore }): DeviceStore {
  const { store, secrets } = deps;
  return {
    async load() {
      const devices = await store.read('device.list', {});
      return Promise.all(
        devices.map(async (device) => ({ ...device, secret: await secrets.get(secretName(device.productId, device.deviceName)) })),
      );
    },
    async save({ secret, ...device }) {
      const name = secretName(device.productId, device.deviceName);
      // The secret first: a device without its secret would be let in by nobody, or by everybody.
      if (secret === null) await secrets.remove(name);
      else if ((await secrets.get(name)) !== secret) await secrets.set(name, secret);
      await store.write('device.save', device);
    },
    async remove(productId, deviceName) {
      await store.write('device.remove', { productId, deviceName });
      await secrets.remove(secretName(productId, deviceName));
    },
  };
}

function secretName(productId: string, deviceName: string): string {
  return `device/${productId}/${deviceName}`;
}
