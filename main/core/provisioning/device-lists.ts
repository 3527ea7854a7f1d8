import { randomUUID } from 'node:crypto';
import type { DeviceName } from '../../../pipeline/gateways/devices.ts';
import type { DeviceList, DeviceListEntry, ListHeader } from '../../../preload/contract/provisioning.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { Topic } from '../endpoint/topic.ts';
import type { SecretStore } from '../settings/secrets.ts';
import type { Store } from '../store/store.ts';
import { parseDeviceList } from './list-csv.ts';

export interface DeviceListsDeps {
  store: Pick<Store, 'read' | 'write'>;
  secrets: SecretStore;
  wallMs: () => number;
}

/**
 * Imported lists of devices, each of which becomes one board. Names and states are in the library, secrets in the secret store. A device is
 * free, then reserved for one board while that is burned, then used by it; docs/provisioning.md has the rules.
 */
export class DeviceLists {
  readonly #store: DeviceListsDeps['store'];
  readonly #secrets: SecretStore;
  readonly #wallMs: () => number;
  #lists: DeviceList[] = [];
  /** Lists that come and go, one after the other. Never rejects. */
  #turns: Promise<unknown> = Promise.resolve();
  #refreshes: Promise<void> = Promise.resolve();

  /** Snapshot and delta: all the lists, oldest first. */
  readonly topic: Topic<DeviceList[], DeviceList[]>;

  private constructor(deps: DeviceListsDeps) {
    this.#store = deps.store;
    this.#secrets = deps.secrets;
    this.#wallMs = deps.wallMs;
    this.topic = new Topic({ snapshot: () => this.#lists });
  }

  /** `recovered`: devices that a process which died had reserved; they count as used by their boards. */
  static async open(deps: DeviceListsDeps): Promise<{ lists: DeviceLists; recovered: number }> {
    const lists = new DeviceLists(deps);
    const { changed } = await deps.store.write('deviceList.recover', { wallMs: deps.wallMs() });
    lists.#lists = await deps.store.read('deviceList.all', {});
    return { lists, recovered: changed };
  }

  /** Oldest first. */
  get all(): readonly DeviceList[] {
    return this.#lists;
  }

  /**
   * Throws TalkError 'provisioning/bad-list' {line, reason}, 'provisioning/header-unknown' {line, header} and 'provisioning/duplicate'
   * {productId, deviceName, line, listName}.
   */
  import(name: string, csv: string, header?: ListHeader): Promise<DeviceList> {
    return this.#inTurn(() => this.#import(name, csv, header));
  }

  /** A refused import, and a removal, take away secrets, which must not be those that another import has just brought. */
  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const changed = this.#turns.then(change);
    this.#turns = changed.catch(() => {});
    return changed;
  }

  async #import(name: string, csv: string, header?: ListHeader): Promise<DeviceList> {
    const parsed = parseDeviceList(csv, header);
    const devices = parsed.map(({ productId, deviceName }) => ({ productId, deviceName }));
    const [known] = await this.#store.read('deviceList.find', { devices });
    if (known !== undefined) {
      const line = parsed.find(({ productId, deviceName }) => productId === known.productId && deviceName === known.deviceName)?.line;
      throw new TalkError('provisioning/duplicate', { ...known, line });
    }
    // The secrets first: a device without its secret cannot be burned.
    const secrets = new Map(parsed.map((device) => [secretName(device), device.deviceSecret]));
    await this.#secrets.setAll(secrets);
    const listId = randomUUID();
    try {
      const { taken } = await this.#store.write('deviceList.add', { listId, name, wallMs: this.#wallMs(), devices });
      if (taken !== null) throw new TalkError('provisioning/duplicate', { ...taken });
    } catch (error) {
      await this.#secrets.removeAll([...secrets.keys()]);
      throw error;
    }
    await this.#refresh();
    return { listId, name, total: devices.length, free: devices.length, reserved: 0, used: 0 };
  }

  /** Throws TalkError 'not-found'. */
  async entries(listId: string): Promise<DeviceListEntry[]> {
    this.#requireList(listId);
    return this.#store.read('deviceList.entries', { listId });
  }

  /** Throws TalkError 'not-found', and 'provisioning/reserved' while one of its devices is being burned. */
  remove(listId: string): Promise<void> {
    return this.#inTurn(() => this.#remove(listId));
  }

  async #remove(listId: string): Promise<void> {
    const { removed } = await this.#store.write('deviceList.remove', { listId });
    if (removed === null) throw notFound(listId);
    if (removed === false) throw new TalkError('provisioning/reserved', { listId }, { retryable: true });
    await this.#secrets.removeAll(removed.map(secretName));
    await this.#refresh();
  }

  /** Throws TalkError 'not-found', and 'provisioning/reserved' while it is being burned. */
  async release(listId: string, device: DeviceName): Promise<void> {
    const { found, isBusy } = await this.#store.write('deviceList.release', { listId, ...device });
    if (!found) throw new TalkError('not-found', { what: 'device of a list', id: `${device.productId}/${device.deviceName}` });
    if (isBusy) throw new TalkError('provisioning/reserved', { listId, ...device }, { retryable: true });
    await this.#refresh();
  }

  /**
   * The device that this board had of the list before, else the next free one, reserved for the job. Throws TalkError 'not-found' and
   * 'provisioning/list-empty'.
   */
  async reserveNext(listId: string, board: { mac: string | null; jobId: string }): Promise<DeviceName> {
    const device = await this.#store.write('deviceList.reserveNext', { listId, ...board, wallMs: this.#wallMs() });
    if (device === null) {
      this.#requireList(listId);
      throw new TalkError('provisioning/list-empty', { listId });
    }
    await this.#refresh();
    return device;
  }

  /** For a device chosen by its name: what a list has is reserved, and not given to another board. Throws TalkError 'provisioning/used'. */
  async reserve(device: DeviceName, board: { mac: string | null; jobId: string }): Promise<void> {
    const { productId, deviceName } = device;
    const { outcome } = await this.#store.write('deviceList.reserve', { productId, deviceName, ...board, wallMs: this.#wallMs() });
    if (outcome === 'elsewhere') throw new TalkError('provisioning/used', { productId, deviceName });
    if (outcome === 'reserved') await this.#refresh();
  }

  async settle(jobId: string, isUsed: boolean): Promise<void> {
    await this.#store.write('deviceList.settle', { jobId, isUsed, wallMs: this.#wallMs() });
    // Also where nothing changed: when this is told again after a failure, what is shown may be of before it.
    await this.#refresh();
  }

  /** Null for a device of no list. */
  secret(device: DeviceName): Promise<string | null> {
    return this.#secrets.get(secretName(device));
  }

  async close(): Promise<void> {
    await this.#turns;
    await this.#refreshes.catch(() => {});
  }

  #requireList(listId: string): void {
    if (!this.#lists.some((list) => list.listId === listId)) throw notFound(listId);
  }

  /** In order, so that the last published state is the last there is. */
  #refresh(): Promise<void> {
    this.#refreshes = this.#refreshes
      .catch(() => {})
      .then(async () => {
        this.#lists = await this.#store.read('deviceList.all', {});
        this.topic.publish(this.#lists);
      });
    return this.#refreshes;
  }
}

function secretName({ productId, deviceName }: DeviceName): string {
  return `device-list/${productId}/${deviceName}`;
}

function notFound(listId: string): TalkError {
  return new TalkError('not-found', { what: 'list of devices', id: listId });
}
