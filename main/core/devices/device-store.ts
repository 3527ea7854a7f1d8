import type { DeviceConnection, ProductAuthentication } from '../../../preload/contract/pipeline.ts';

/** A device as it is kept between runs. `secret` is base64, null for one that was let in without being registered. */
export interface StoredDevice {
  productId: string;
  deviceName: string;
  secret: string | null;
  activatedWallMs: number | null;
  lastOnlineWallMs: number | null;
  connectionCount: number;
  connection: DeviceConnection | null;
  certificateFingerprint: string | null;
  firmwareVersion: string | null;
  properties: Record<string, unknown>;
}

/** A product as it is kept between runs. */
export interface StoredProduct {
  productId: string;
  name: string;
  authentication: ProductAuthentication;
  isOpen: boolean;
  secret: string | null;
  createdWallMs: number;
}

/** Where devices and products are kept; their secrets go through the SecretStore. */
export interface DeviceStore {
  load(): Promise<{ devices: StoredDevice[]; products: StoredProduct[] }>;
  /** Adds or replaces. */
  save(device: StoredDevice): Promise<void>;
  saveAll(devices: readonly StoredDevice[]): Promise<void>;
  remove(devices: readonly { productId: string; deviceName: string }[]): Promise<void>;
  saveProduct(product: StoredProduct): Promise<void>;
  removeProduct(productId: string): Promise<void>;
}

/** What nothing is known of yet. */
export const newDevice: Omit<StoredDevice, 'productId' | 'deviceName' | 'secret'> = {
  activatedWallMs: null,
  lastOnlineWallMs: null,
  connectionCount: 0,
  connection: null,
  certificateFingerprint: null,
  firmwareVersion: null,
  properties: {},
};

/** For tests and for a core without a data directory. */
export function memoryDeviceStore(
  initial: readonly StoredDevice[] = [],
): DeviceStore & { readonly devices: Map<string, StoredDevice>; readonly products: Map<string, StoredProduct> } {
  const devices = new Map(initial.map((device) => [deviceKey(device), structuredClone(device)]));
  const products = new Map<string, StoredProduct>();
  const store = {
    devices,
    products,
    load: async () => structuredClone({ devices: [...devices.values()], products: [...products.values()] }),
    save: async (device: StoredDevice) => void devices.set(deviceKey(device), structuredClone(device)),
    saveAll: async (all: readonly StoredDevice[]) => {
      for (const device of all) await store.save(device);
    },
    remove: async (removed: readonly { productId: string; deviceName: string }[]) => {
      for (const device of removed) devices.delete(deviceKey(device));
    },
    saveProduct: async (product: StoredProduct) => void products.set(product.productId, structuredClone(product)),
    removeProduct: async (productId: string) => void products.delete(productId),
  };
  return store;
}

export function deviceKey(device: { productId: string; deviceName: string }): string {
  return `${device.productId}/${device.deviceName}`;
}
