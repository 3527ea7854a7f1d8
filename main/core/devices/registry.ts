import { randomBytes } from 'node:crypto';
import { type DeviceName, type DeviceRegistry, type KnownDevice, keptProperties } from '../../../pipeline/gateways/devices.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { DeviceChange, DeviceConnection, DeviceRecord, ProductAuthentication } from '../../../preload/contract/pipeline.ts';
import { Topic } from '../endpoint/topic.ts';
import { type DeviceStore, deviceKey, newDevice, type StoredDevice } from './device-store.ts';
import { Products } from './products.ts';

export { type DeviceStore, memoryDeviceStore, type StoredDevice } from './device-store.ts';

const SECRET_BYTES = 16;
/** Without a secret: whoever connects may invent names. */
const MOST_ADOPTED = 1000;
const MOST_VERSION_CHARACTERS = 64;

type Device = StoredDevice & { isOnline: boolean; topics: readonly string[] };

interface DevicesDeps {
  store: DeviceStore;
  wallMs: () => number;
  onStoreFault: (error: unknown) => void;
}

/**
 * The lab's devices: who they are, their secrets, whether they are online and what they last reported. The whole list is
 * in memory; the store follows. A secret leaves it only towards the check of a device's password.
 */
export class Devices implements DeviceRegistry {
  readonly #store: DeviceStore;
  readonly #wallMs: () => number;
  readonly #onStoreFault: (error: unknown) => void;
  readonly #devices = new Map<string, Device>();
  readonly #byClientId = new Map<string, Device>();
  readonly #perProduct = new Map<string, number>();
  readonly #revoked = new Set<(device: DeviceName) => void>();
  /** Writes one after the other, so that the last state of a device is the one that stays. */
  #writes: Promise<void> = Promise.resolve();

  /** A delta is one device's new record; a removed one is in no later snapshot. */
  readonly topic: Topic<DeviceRecord[], DeviceChange>;
  readonly products: Products;

  private constructor(deps: DevicesDeps, stored: Awaited<ReturnType<DeviceStore['load']>>) {
    this.#store = deps.store;
    this.#wallMs = deps.wallMs;
    this.#onStoreFault = deps.onStoreFault;
    this.topic = new Topic({ snapshot: () => this.list() });
    for (const device of stored.devices) this.#keep({ ...device, isOnline: false, topics: [] });
    this.products = new Products({ ...deps, stored: stored.products, ofDevices: () => this.#perProduct.keys() });
  }

  static async open(deps: DevicesDeps): Promise<Devices> {
    return new Devices(deps, await deps.store.load());
  }

  list(): DeviceRecord[] {
    return [...this.#devices.values()].map(record);
  }

  find(productId: string, deviceName: string): (KnownDevice & { readonly firmwareVersion: string | null }) | undefined {
    return this.#devices.get(deviceKey({ productId, deviceName }));
  }

  findByClientId(clientId: string): KnownDevice | undefined {
    return this.#byClientId.get(clientId);
  }

  authenticationOf(productId: string): ProductAuthentication {
    return this.products.get(productId).authentication;
  }

  productSecret(productId: string): { secret: string; isOpen: boolean } | undefined {
    return this.products.secret(productId);
  }

  /**
   * Registers a device or replaces its secret; without `secret` one is generated and returned this once. Throws TalkError
   * 'device/duplicate' when another device has the same MQTT client id (product AB device C, product A device BC), and
   * 'bad-request' for a secret that is not base64.
   */
  async put(productId: string, deviceName: string, secret?: string): Promise<{ device: DeviceRecord; generatedSecret?: string }> {
    this.#requireApart({ productId, deviceName });
    if (secret !== undefined) requireBase64(secret);
    const generatedSecret = secret === undefined ? newSecret() : undefined;
    const device = this.#add(productId, deviceName, secret ?? generatedSecret ?? null);
    this.#changed(device);
    await this.#writes;
    return { device: record(device), ...(generatedSecret === undefined ? {} : { generatedSecret }) };
  }

  /** All of them or, where one cannot be, none. Throws as `put`. */
  async putAll(triples: readonly (DeviceName & { secret: string })[]): Promise<void> {
    for (const triple of triples) {
      this.#requireApart(triple);
      requireBase64(triple.secret);
    }
    const added = triples.map(({ productId, deviceName, secret }) => this.#add(productId, deviceName, secret));
    for (const device of added) this.topic.publish(record(device));
    await this.#write(() => this.#store.saveAll(added.map(stored)));
  }

  /** Throws TalkError 'not-found'. */
  async remove(productId: string, deviceName: string): Promise<void> {
    const device = this.#devices.get(deviceKey({ productId, deviceName }));
    if (device === undefined) throw new TalkError('not-found', { what: 'device', id: deviceKey({ productId, deviceName }) });
    await this.#removeAll([device]);
  }

  /** A product; `withDevices`: and its devices, so many. Throws TalkError 'not-found' | 'product/in-use'. */
  async removeProduct(productId: string, withDevices: boolean): Promise<number> {
    const devices = [...this.#devices.values()].filter((device) => device.productId === productId);
    if (devices.length > 0 && !withDevices) throw new TalkError('product/in-use', { productId, devices: devices.length });
    await this.products.remove(productId);
    await this.#removeAll(devices);
    return devices.length;
  }

  /** The certificate that is let in from now on. Throws TalkError 'not-found'. */
  async setCertificate(productId: string, deviceName: string, fingerprint: string): Promise<DeviceRecord> {
    const device = this.#devices.get(deviceKey({ productId, deviceName }));
    if (device === undefined) throw new TalkError('not-found', { what: 'device', id: deviceKey({ productId, deviceName }) });
    device.certificateFingerprint = fingerprint;
    if (this.authenticationOf(productId) === 'certificate') this.#revoke(device);
    this.#changed(device);
    await this.#writes;
    return record(device);
  }

  register(productId: string, deviceName: string): KnownDevice & { readonly secret: string } {
    this.#requireApart({ productId, deviceName });
    const secret = this.find(productId, deviceName)?.secret ?? newSecret();
    const device = this.#add(productId, deviceName, secret);
    this.#changed(device);
    return { ...device, secret };
  }

  adopt(productId: string, deviceName: string): KnownDevice {
    const device = this.#devices.get(deviceKey({ productId, deviceName })) ?? this.#add(productId, deviceName, null);
    this.#changed(device);
    return device;
  }

  hasRoomToAdopt(): boolean {
    let adopted = 0;
    for (const { secret } of this.#devices.values()) if (secret === null) adopted++;
    return adopted < MOST_ADOPTED;
  }

  setOnline(productId: string, deviceName: string, isOnline: boolean, connection?: DeviceConnection): void {
    this.#update(productId, deviceName, (device) => {
      device.isOnline = isOnline;
      if (!isOnline) {
        device.topics = [];
        return;
      }
      device.lastOnlineWallMs = this.#wallMs();
      device.activatedWallMs ??= device.lastOnlineWallMs;
      if (connection === undefined) return;
      device.connection = connection;
      device.connectionCount++;
    });
  }

  setTopics(productId: string, deviceName: string, topics: readonly string[]): void {
    const device = this.#devices.get(deviceKey({ productId, deviceName }));
    if (device === undefined) return;
    device.topics = topics;
    this.topic.publish(record(device)); // of this connection: nothing to be stored
  }

  report(productId: string, deviceName: string, properties: Record<string, unknown>): void {
    this.#update(productId, deviceName, (device) => {
      device.properties = keptProperties(device.properties, properties);
    });
  }

  setFirmwareVersion(productId: string, deviceName: string, version: string): void {
    this.#update(productId, deviceName, (device) => {
      device.firmwareVersion = version.slice(0, MOST_VERSION_CHARACTERS);
    });
  }

  onRevoked(listener: (device: DeviceName) => void): () => void {
    this.#revoked.add(listener);
    return () => this.#revoked.delete(listener);
  }

  /** Resolves when everything so far is in the store. */
  flush(): Promise<void> {
    return this.#writes;
  }

  #requireApart({ productId, deviceName }: DeviceName): void {
    const holder = this.#byClientId.get(`${productId}${deviceName}`);
    if (holder && (holder.productId !== productId || holder.deviceName !== deviceName)) {
      throw new TalkError('device/duplicate', { productId: holder.productId, deviceName: holder.deviceName });
    }
  }

  #add(productId: string, deviceName: string, secret: string | null): Device {
    const known = this.#devices.get(deviceKey({ productId, deviceName }));
    if (known !== undefined) {
      const isOther = known.secret !== secret;
      known.secret = secret;
      if (isOther) this.#revoke(known);
      return known;
    }
    const device: Device = { ...newDevice, isOnline: false, topics: [], productId, deviceName, secret };
    this.#keep(device);
    if (this.#perProduct.get(productId) === 1) this.products.impliedChanged(productId, true);
    return device;
  }

  #keep(device: Device): void {
    this.#devices.set(deviceKey(device), device);
    this.#byClientId.set(`${device.productId}${device.deviceName}`, device);
    this.#perProduct.set(device.productId, (this.#perProduct.get(device.productId) ?? 0) + 1);
  }

  #revoke({ productId, deviceName }: Device): void {
    for (const listener of this.#revoked) listener({ productId, deviceName });
  }

  async #removeAll(devices: readonly Device[]): Promise<void> {
    for (const device of devices) {
      const { productId, deviceName } = device;
      this.#devices.delete(deviceKey(device));
      this.#byClientId.delete(`${productId}${deviceName}`);
      const left = (this.#perProduct.get(productId) ?? 1) - 1;
      if (left > 0) this.#perProduct.set(productId, left);
      else {
        this.#perProduct.delete(productId);
        this.products.impliedChanged(productId, false);
      }
      this.topic.publish({ ...record(device), isRemoved: true });
      this.#revoke(device);
    }
    const names = devices.map(({ productId, deviceName }) => ({ productId, deviceName }));
    await this.#write(() => this.#store.remove(names));
  }

  #update(productId: string, deviceName: string, change: (device: Device) => void): void {
    const device = this.#devices.get(deviceKey({ productId, deviceName }));
    if (device === undefined) return; // removed while it was connected
    change(device);
    this.#changed(device);
  }

  #changed(device: Device): void {
    this.topic.publish(record(device));
    const now = stored(device);
    void this.#write(() => this.#store.save(now));
  }

  #write(write: () => Promise<void>): Promise<void> {
    this.#writes = this.#writes.then(write).catch(this.#onStoreFault);
    return this.#writes;
  }
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64');
}

function requireBase64(secret: string): void {
  if (Buffer.from(secret, 'base64').toString('base64').replace(/=+$/, '') === secret.replace(/=+$/, '')) return;
  throw new TalkError('bad-request', { issues: [{ path: 'secret', message: 'not base64' }] });
}

function stored(device: Device): StoredDevice {
  const { isOnline: _, topics: __, ...kept } = device;
  return kept;
}

function record({ secret, topics, ...device }: Device): DeviceRecord {
  return { ...device, topics: [...topics], hasSecret: secret !== null };
}
