import { z } from 'zod';
import { deviceRecord, productAuthentication } from '../../../preload/contract/pipeline.ts';
import { type DeviceStore, deviceKey, newDevice, type StoredDevice } from '../devices/device-store.ts';
import type { Log } from '../log.ts';
import type { SecretStore } from '../settings/secrets.ts';
import type { Store } from './store.ts';

/** What of a device has no column of its own in the `board` table: a document by its key. */
const facts = deviceRecord.pick({ activatedWallMs: true, connectionCount: true, connection: true, certificateFingerprint: true });
type Facts = z.infer<typeof facts>;

const product = z.object({
  productId: z.string(),
  name: z.string(),
  authentication: productAuthentication,
  isOpen: z.boolean(),
  createdWallMs: z.number(),
});

/** Devices in the `board` table and in documents, products in documents, the secrets of both in the SecretStore. */
export function createDeviceStore(deps: { store: Store; secrets: SecretStore; wallMs: () => number; log: Log }): DeviceStore {
  const { store, secrets, log, wallMs } = deps;
  /** As they are stored: most changes of a device are of its properties alone. */
  const storedFacts = new Map<string, string>();

  async function readFacts(): Promise<Map<string, Facts>> {
    const found = new Map<string, Facts>();
    for (const { id, body } of await store.read('document.list', { kind: 'device' })) {
      const parsed = facts.safeParse(body);
      if (!parsed.success) {
        log.error({ id }, 'what is stored of a device cannot be read');
        continue;
      }
      storedFacts.set(id, JSON.stringify(parsed.data));
      found.set(id, parsed.data);
    }
    return found;
  }

  async function saveRow(device: StoredDevice): Promise<void> {
    const { productId, deviceName, lastOnlineWallMs, firmwareVersion, properties } = device;
    await store.write('device.save', { productId, deviceName, lastOnlineWallMs, firmwareVersion, properties });
    const { activatedWallMs, connectionCount, connection, certificateFingerprint } = device;
    const body: Facts = { activatedWallMs, connectionCount, connection, certificateFingerprint };
    const id = deviceKey(device);
    const text = JSON.stringify(body);
    if (storedFacts.get(id) === text) return;
    await store.write('document.save', { kind: 'device', id, body, wallMs: wallMs() });
    storedFacts.set(id, text);
  }

  async function setSecret(name: string, secret: string | null): Promise<void> {
    if (secret === null) await secrets.remove(name);
    else if ((await secrets.get(name)) !== secret) await secrets.set(name, secret);
  }

  return {
    async load() {
      const known = await readFacts();
      const rows = await store.read('device.list', {});
      const devices = await Promise.all(
        rows.map(async (row) => ({
          ...newDevice,
          // A device of before these were kept was online at least once if it ever was.
          activatedWallMs: row.lastOnlineWallMs,
          ...row,
          ...known.get(deviceKey(row)),
          secret: await secrets.get(secretName(row)),
        })),
      );
      const products = [];
      for (const { id, body } of await store.read('document.list', { kind: 'product' })) {
        const parsed = product.safeParse(body);
        if (parsed.success) products.push({ ...parsed.data, secret: await secrets.get(productSecretName(id)) });
        else log.error({ id }, 'a stored product cannot be read');
      }
      return { devices, products };
    },
    async save(device) {
      // The secret first: a device without its secret would be let in by nobody, or by everybody.
      await setSecret(secretName(device), device.secret);
      await saveRow(device);
    },
    async saveAll(devices) {
      const added = devices.flatMap((device) => (device.secret === null ? [] : [[secretName(device), device.secret] as const]));
      await secrets.setAll(new Map(added));
      for (const device of devices) await saveRow(device);
    },
    async remove(devices) {
      for (const device of devices) {
        const { productId, deviceName } = device;
        await store.write('device.remove', { productId, deviceName });
        if (storedFacts.delete(deviceKey(device))) await store.write('document.remove', { kind: 'device', id: deviceKey(device) });
      }
      await secrets.removeAll(devices.map(secretName));
    },
    async saveProduct({ secret, ...body }) {
      await setSecret(productSecretName(body.productId), secret);
      await store.write('document.save', { kind: 'product', id: body.productId, body, wallMs: wallMs() });
    },
    async removeProduct(productId) {
      await store.write('document.remove', { kind: 'product', id: productId });
      await secrets.remove(productSecretName(productId));
    },
  };
}

function secretName({ productId, deviceName }: { productId: string; deviceName: string }): string {
  return `device/${productId}/${deviceName}`;
}

function productSecretName(productId: string): string {
  return `product/${productId}`;
}
