import Database from 'better-sqlite3';
import { DeviceLists } from '../../main/core/provisioning/device-lists.ts';
import { createProvisioner, type ProvisionerDeps } from '../../main/core/provisioning/provisioner.ts';
import type { SecretStore } from '../../main/core/settings/secrets.ts';
import { migrate } from '../../main/core/store/database.ts';
import { createDeviceListChanges, createDeviceListReads } from '../../main/core/store/device-lists.ts';
import type { Store } from '../../main/core/store/store.ts';
import type { DeviceChoice, Provisioning } from '../../preload/contract/provisioning.ts';

/** Secrets in memory, with the writes a file would have had. */
export function memorySecrets(): SecretStore & { readonly names: string[]; writes: number } {
  const secrets = new Map<string, string>();
  return {
    writes: 0,
    get names() {
      return [...secrets.keys()];
    },
    get: async (name) => secrets.get(name) ?? null,
    async set(name, value) {
      this.writes++;
      secrets.set(name, value);
    },
    async remove(name) {
      this.writes++;
      secrets.delete(name);
    },
    async setAll(added) {
      this.writes++;
      for (const [name, value] of added) secrets.set(name, value);
    },
    async removeAll(names) {
      this.writes++;
      for (const name of names) secrets.delete(name);
    },
    async change(added, removed) {
      if (added.size + removed.length === 0) return;
      this.writes++;
      for (const name of removed) secrets.delete(name);
      for (const [name, value] of added) secrets.set(name, value);
    },
    all: async () => new Map(secrets),
    values: async () => [...secrets.values()],
  };
}

/** The store's own SQL on a database in memory, without its threads: what a property test can afford a thousand times. */
export function memoryListStore(): Pick<Store, 'read' | 'write'> & { database: Database.Database } {
  const database = new Database(':memory:');
  database.pragma('foreign_keys = ON');
  migrate(database, ':memory:');
  const handlers = { ...createDeviceListChanges(database), ...createDeviceListReads(database) } as unknown as Record<
    string,
    (body: unknown) => never
  >;
  const ask = async (name: string, body: unknown) => {
    const handler = handlers[name];
    if (handler === undefined) throw new Error(`no ${name} here`);
    return handler(body);
  };
  return { database, read: ask, write: ask };
}

export interface TestProvisioning {
  lists: DeviceLists;
  secrets: ReturnType<typeof memorySecrets>;
  store: ReturnType<typeof memoryListStore>;
  /** What the lab's cloud was told, by 'product/name'. */
  registered: Map<string, string>;
  provisioner(request: Partial<Provisioning> & { device?: DeviceChoice }, jobId: string): ReturnType<typeof createProvisioner>;
  /** A process that died and one that takes its place. */
  restart(): Promise<void>;
}

export async function openTestProvisioning(): Promise<TestProvisioning> {
  const secrets = memorySecrets();
  const store = memoryListStore();
  const registered = new Map<string, string>();
  const devices: ProvisionerDeps['devices'] = {
    find(productId, deviceName) {
      const secret = registered.get(`${productId}/${deviceName}`);
      return secret === undefined
        ? undefined
        : { productId, deviceName, secret, properties: {}, certificateFingerprint: null, firmwareVersion: null };
    },
    async put(productId, deviceName, secret = '') {
      registered.set(`${productId}/${deviceName}`, secret);
      const device = {
        productId,
        deviceName,
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
      };
      return { device };
    },
  };
  let wallMs = 1000;
  const open = async () => (await DeviceLists.open({ store, secrets, wallMs: () => wallMs++ })).lists;
  const bench: TestProvisioning = {
    lists: await open(),
    secrets,
    store,
    registered,
    provisioner: (request, jobId) =>
      createProvisioner(
        { lists: bench.lists, devices, benchHost: () => '192.168.1.9', onSecret: () => {} },
        { partition: 'nvs', entries: [], variables: {}, ...request },
        jobId,
      ),
    async restart() {
      bench.lists = await open();
    },
  };
  return bench;
}
