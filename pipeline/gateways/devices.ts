import type { DeviceConnection, ProductAuthentication } from '../../preload/contract/pipeline.ts';

/**
 * What gateways need to know of the lab's devices. The core's registry implements it; lookups are synchronous because a
 * broker decides about a CONNECT inside its packet loop.
 */
export interface DeviceRegistry {
  find(productId: string, deviceName: string): KnownDevice | undefined;
  /** MQTT client ids are product and device name run together, so only the registry can take one apart. */
  findByClientId(clientId: string): KnownDevice | undefined;
  /** How devices of a product prove who they are; 'key' for a product nobody made. */
  authenticationOf(productId: string): ProductAuthentication;
  /** For dynamic registration: the product's secret, and whether devices nobody registered may be made with it. Never leaves the core. */
  productSecret(productId: string): { secret: string; isOpen: boolean } | undefined;
  /**
   * Registers a device with a new secret, for dynamic registration; one that is there keeps its secret. Throws TalkError
   * 'device/duplicate' where another device has the same MQTT client id.
   */
  register(productId: string, deviceName: string): KnownDevice & { readonly secret: string };
  /** Adds one that nobody registered and that the settings let in, without a secret. */
  adopt(productId: string, deviceName: string): KnownDevice;
  /** Whether there are not too many of those yet: names are invented more quickly than they are kept. */
  hasRoomToAdopt(): boolean;
  setOnline(productId: string, deviceName: string, isOnline: boolean, connection?: DeviceConnection): void;
  /** What it is subscribed to now; `setOnline` false empties it. */
  setTopics(productId: string, deviceName: string, topics: readonly string[]): void;
  /** Merges reported thing-model properties into the last known ones. */
  report(productId: string, deviceName: string, properties: Record<string, unknown>): void;
  setFirmwareVersion(productId: string, deviceName: string, version: string): void;
  /** What let a device in does so no more: it was removed, or has another secret or certificate. Its connections are to end. */
  onRevoked(listener: (device: DeviceName) => void): () => void;
}

export interface KnownDevice {
  readonly productId: string;
  readonly deviceName: string;
  /** Base64; null for a device that was let in unregistered. Never leaves the core. */
  readonly secret: string | null;
  readonly properties: Readonly<Record<string, unknown>>;
  /** SHA-256 of the one certificate that is its; null without one. */
  readonly certificateFingerprint: string | null;
}

/** A device by name, as topics and URLs give it. */
export interface DeviceName {
  productId: string;
  deviceName: string;
}

/** Of one device. A real one has a few dozen properties, and a board cannot be told more of them than its 8 KiB buffer holds. */
const MOST_PROPERTIES = 256;
const MOST_PROPERTY_CHARACTERS = 8192;

/**
 * The properties that are known of a device once it has reported more: as many, and as long, as one may have. What does not fit is left out,
 * the longest unheard of first, and of a report what is too long by itself.
 */
export function keptProperties(
  known: Readonly<Record<string, unknown>>,
  reported: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const lengthOf = ([id, value]: [string, unknown]) => id.length + (JSON.stringify(value)?.length ?? 0);
  const merged = Object.entries({ ...known, ...reported });
  const characters = merged.reduce((sum, property) => sum + lengthOf(property), 0);
  if (merged.length <= MOST_PROPERTIES && characters <= MOST_PROPERTY_CHARACTERS) return Object.fromEntries(merged);
  const older = merged.filter(([id]) => !Object.hasOwn(reported, id));
  const kept: [string, unknown][] = [];
  let left = MOST_PROPERTY_CHARACTERS;
  for (const property of [...older, ...Object.entries(reported)].reverse()) {
    if (kept.length === MOST_PROPERTIES) break;
    const length = lengthOf(property);
    if (length > left) continue;
    left -= length;
    kept.push(property);
  }
  return Object.fromEntries(kept.reverse());
}

/** What products and devices may be called; whoever connects may say anything. */
export function isDeviceName({ productId, deviceName }: DeviceName): boolean {
  return /^[A-Za-z0-9]{1,10}$/.test(productId) && /^[\w:@-]{1,48}$/.test(deviceName);
}

/** `P_D`, the vendors' id of a device: the first underscore splits, the device name may hold more. */
export function deviceId(device: DeviceName): string {
  return `${device.productId}_${device.deviceName}`;
}
