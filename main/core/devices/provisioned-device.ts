import type { NvsContents } from '../../../preload/contract/nvs.ts';

/** What a board was provisioned with, as the firmware of the virtual boards reads it. */
export interface ProvisionedDevice {
  productId: string;
  deviceName: string;
  secret: string;
  /** Null: it was given none. */
  broker: { host: string; port: number | null } | null;
  ssid: string | null;
}

/**
 * The device of an NVS partition: namespace `twetalk` (product_id, device_name, device_secret, mqtt_host, mqtt_port) and `wifi`
 * (ssid), as the 'TWeTalk' template of provisioning writes them. Null unless the three that make a device are there.
 */
export function readProvisionedDevice({ values }: Pick<NvsContents, 'values'>): ProvisionedDevice | null {
  const text = (namespace: string, key: string): string | null => {
    const found = values.find((value) => value.namespace === namespace && value.key === key)?.value;
    return found === undefined || found === null || found === '' ? null : found;
  };
  const productId = text('twetalk', 'product_id');
  const deviceName = text('twetalk', 'device_name');
  const secret = text('twetalk', 'device_secret');
  if (productId === null || deviceName === null || secret === null) return null;
  const host = text('twetalk', 'mqtt_host');
  const port = Number(text('twetalk', 'mqtt_port') ?? Number.NaN);
  return {
    productId,
    deviceName,
    secret,
    broker: host === null ? null : { host, port: Number.isInteger(port) && port > 0 && port < 65536 ? port : null },
    ssid: text('wifi', 'ssid'),
  };
}
