import { randomBytes } from 'node:crypto';
import type { DeviceRegistry, KnownDevice } from '../../../pipeline/gateways/devices.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { DeviceChange, DeviceRecord } from '../../../preload/contract/pipeline.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';

/** A device as it is kept between runs. `secret` is base64, null for one that was let in without being registered. */
export interface StoredDevice {
  productId: string;
  deviceName: string;
  secret: string | null;
  lastOnlineWallMs: number | null;
  firmwareVersion: string | null;
  properties: Record<string, unknown>;
}

/** Where devices are kept; their secrets go through the SecretStore. */
export interface DeviceStore {
  load(): Promise<StoredDevice[]>;
  /** Adds or replaces. */
  save(device: StoredDevice): Promise<void>;
  remove(productId: string, deviceName: string): Promise<void>;
}

const SECRET_BYTES = 16;

/**
 * The lab's devices: who they are, their secrets, whether they are online and what they last reported. The whole list is
 * in memory; the store follows. A secret leaves it only towards the check of a device's password.
 */
export class Devices implements DeviceRegistry {
  readonly #store: DeviceStore;
  readonly #wallMs: () => number;
  readonly #onStoreFault: (error: unknown) => void;
  readonly #devices = new Map<string, StoredDevice & { isOnline: boolean }>();
  /** Writes one after the other, so that the last state of a device is the one that stays. */
  #writes: Promise<void> = Promise.resolve();

  /** A delta is one device's new record; a removed one is in no later snapshot. */
  readonly topic: Topic<DeviceRecord[], DeviceChange>;

  private constructor(deps: { store: DeviceStore; wallMs: () => number; onStoreFault: (error: unknown) => void }) {
    this.#store = deps.store;
    this.#wallMs = deps.wallMs;
    this.#onStoreFault = deps.onStoreFault;
    this.topic = new Topic({ snapshot: () => this.list() });
  }

  static async open(deps: { store: DeviceStore; wallMs: () => number; onStoreFault: (error: unknown) => void }): Promise<Devices> {
    const devices = new Devices(deps);
    for (const device of await deps.store.load()) {
      devices.#devices.set(key(device.productId, device.deviceName), { ...device, isOnline: false });
    }
    return devices;
  }

  list(): DeviceRecord[] {
    return [...this.#devices.values()].map(record);
  }

  find(productId: string, deviceName: string): KnownDevice | undefined {
    return this.#devices.get(key(productId, deviceName));
  }

  findByClientId(clientId: string): KnownDevice | undefined {
    for (const device of this.#devices.values()) if (`${device.productId}${device.deviceName}` === clientId) return device;
    return undefined;
  }

  /**
   * Registers a device or replaces its secret; without `secret` one is generated and returned this once. Throws TalkError
   * 'device/duplicate' when another device has the same MQTT client id (product AB device C, product A device BC), and
   * 'bad-request' for a secret that is not base64.
   */
  async put(productId: string, deviceName: string, secret?: string): Promise<{ device: DeviceRecord; generatedSecret?: string }> {
    const holder = this.findByClientId(`${productId}${deviceName}`);
    if (holder && (holder.productId !== productId || holder.deviceName !== deviceName)) {
      throw new TalkError('device/duplicate', { productId: holder.productId, deviceName: holder.deviceName });
    }
    if (secret !== undefined && Buffer.from(secret, 'base64').toString('base64').replace(/=+$/, '') !== secret.replace(/=+$/, '')) {
      throw new TalkError('bad-request', { issues: [{ path: 'secret', message: 'not base64' }] });
    }
    const generatedSecret = secret === undefined ? randomBytes(SECRET_BYTES).toString('base64') : undefined;
    const device = this.#add(productId, deviceName, secret ?? generatedSecret ?? null);
    this.#changed(device);
    await this.#writes;
    return { device: record(device), ...(generatedSecret === undefined ? {} : { generatedSecret }) };
  }

  /** Throws TalkError 'not-found'. */
  async remove(productId: string, deviceName: string): Promise<void> {
    const device = this.#devices.get(key(productId, deviceName));
    if (device === undefined) throw new TalkError('not-found', { what: 'device', id: key(productId, deviceName) });
    this.#devices.delete(key(productId, deviceName));
    this.topic.publish({ ...record(device), isRemoved: true });
    await this.#write(() => this.#store.remove(productId, deviceName));
  }

  adopt(productId: string, deviceName: string): KnownDevice {
    const device = this.#devices.get(key(productId, deviceName)) ?? this.#add(productId, deviceName, null);
    this.#changed(device);
    return device;
  }

  setOnline(productId: string, deviceName: string, isOnline: boolean): void {
    this.#update(productId, deviceName, (device) => {
      device.isOnline = isOnline;
      if (isOnline) device.lastOnlineWallMs = this.#wallMs();
    });
  }

  report(productId: string, deviceName: string, properties: Record<string, unknown>): void {
    this.#update(productId, deviceName, (device) => {
      device.properties = { ...device.properties, ...properties };
    });
  }

  setFirmwareVersion(productId: string, deviceName: string, version: string): void {
    this.#update(productId, deviceName, (device) => {
      device.firmwareVersion = version;
    });
  }

  /** Resolves when everything so far is in the store. */
  flush(): Promise<void> {
    return this.#writes;
  }

  #add(productId: string, deviceName: string, secret: string | null): StoredDevice & { isOnline: boolean } {
    const known = this.#devices.get(key(productId, deviceName));
    const fresh = { lastOnlineWallMs: null, firmwareVersion: null, properties: {}, isOnline: false };
    const device = { ...fresh, ...known, productId, deviceName, secret };
    this.#devices.set(key(productId, deviceName), device);
    return device;
  }

  #update(productId: string, deviceName: string, change: (device: StoredDevice & { isOnline: boolean }) => void): void {
    const device = this.#devices.get(key(productId, deviceName));
    if (device === undefined) return; // removed while it was connected
    change(device);
    this.#changed(device);
  }

  #changed(device: StoredDevice & { isOnline: boolean }): void {
    this.topic.publish(record(device));
    const { isOnline: _, ...stored } = device;
    void this.#write(() => this.#store.save(stored));
  }

  #write(write: () => Promise<void>): Promise<void> {
    this.#writes = this.#writes.then(write).catch(this.#onStoreFault);
    return this.#writes;
  }
}

/** The `devices.*` calls of the contract. */
export function deviceHandlers(devices: Devices): Pick<CallHandlers, 'devices.list' | 'devices.put' | 'devices.remove'> {
  return {
    'devices.list': async () => ({ devices: devices.list() }),
    'devices.put': ({ productId, deviceName, secret }) => devices.put(productId, deviceName, secret),
    'devices.remove': async ({ productId, deviceName }) => {
      await devices.remove(productId, deviceName);
      return {};
    },
  };
}

/** The `devices.state` stream of the contract. */
export function deviceStreams(devices: Devices): Pick<StreamHandlers, 'devices.state'> {
  return { 'devices.state': () => ({ topic: devices.topic }) };
}

/** For tests and for a core without a data directory. */
export function memoryDeviceStore(initial: readonly StoredDevice[] = []): DeviceStore & { readonly devices: Map<string, StoredDevice> } {
  const devices = new Map(initial.map((device) => [key(device.productId, device.deviceName), structuredClone(device)]));
  return {
    devices,
    load: async () => [...devices.values()].map((device) => structuredClone(device)),
    save: async (device) => void devices.set(key(device.productId, device.deviceName), structuredClone(device)),
    remove: async (productId, deviceName) => void devices.delete(key(productId, deviceName)),
  };
}

function key(productId: string, deviceName: string): string {
  return `${productId}/${deviceName}`;
}

function record(device: StoredDevice & { isOnline: boolean }): DeviceRecord {
  const { secret, ...visible } = device;
  return { ...visible, hasSecret: secret !== null };
}
