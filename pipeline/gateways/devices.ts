/**
 * What gateways need to know of the lab's devices. The core's registry implements it; lookups are synchronous because a
 * broker decides about a CONNECT inside its packet loop.
 */
export interface DeviceRegistry {
  find(productId: string, deviceName: string): KnownDevice | undefined;
  /** MQTT client ids are product and device name run together, so only the registry can take one apart. */
  findByClientId(clientId: string): KnownDevice | undefined;
  /** Adds one that nobody registered and that the settings let in, without a secret. */
  adopt(productId: string, deviceName: string): KnownDevice;
  setOnline(productId: string, deviceName: string, isOnline: boolean): void;
  /** Merges reported thing-model properties into the last known ones. */
  report(productId: string, deviceName: string, properties: Record<string, unknown>): void;
  setFirmwareVersion(productId: string, deviceName: string, version: string): void;
}

export interface KnownDevice {
  readonly productId: string;
  readonly deviceName: string;
  /** Base64; null for a device that was let in unregistered. Never leaves the core. */
  readonly secret: string | null;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A device by name, as topics and URLs give it. */
export interface DeviceName {
  productId: string;
  deviceName: string;
}

/** `P_D`, the vendors' id of a device: the first underscore splits, the device name may hold more. */
export function deviceId(device: DeviceName): string {
  return `${device.productId}_${device.deviceName}`;
}
