import type { RefusalReason } from '../../../preload/contract/cloud/refusals.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { DeviceRegistry, KnownDevice } from '../devices.ts';
import type { SeenOnce } from './seen-once.ts';
import { bytesOf, attributeIds as ids, numberOf, textOf, type WireVersion } from './wire/attributes.ts';
import type { Frame } from './wire/frames.ts';
import { isHelloSigned, type LinkKeys } from './wire/link.ts';
import { clientTypes } from './wire/numbers.ts';
import type { Packet } from './wire/packet.ts';
import { deriveKey, type SignLevel, securityLevels } from './wire/security.ts';

/** What a connection takes and sends before anything is known of its peer. A V1 frame is 20 KiB at most by its header file, a V2 one 64 KiB. */
export const HELLO_SIZES = { maxFrameBytes: 66 * 1024, maxPacketBytes: 1024 * 1024, maxSentFrameBytes: 4096 };

/** What peers offer: 4096 (agentic-kit, whose buffer is exactly that), 8192, 20480, 32000. */
const LEAST_FRAGMENT_BYTES = 256;
const MOST_FRAGMENT_BYTES = 32_000;
const LEAST_PING_MS = 5_000;
const MOST_PING_MS = 600_000;
const SALT_BYTES = 32;

export interface Admission {
  readonly device: KnownDevice;
  readonly isApp: boolean;
  readonly version: WireVersion;
  readonly keys: LinkKeys;
  /** For display. */
  readonly security: string;
  readonly maxFragmentBytes: number;
  readonly pingIntervalMs: number | undefined;
}

export interface Refusal {
  readonly clientId: string;
  readonly refused: RefusalReason;
  /** Something to tell it with; null where nobody could read it. */
  readonly keys: LinkKeys | null;
}

const signNames = ['unsigned', 'HMAC-SHA256, 20 bytes', 'HMAC-SHA256'] as const;

/**
 * Who a ClientHello is of, and the keys of its connection. The device is found by its client id: a Tuya device id within the product of
 * the settings, or any other device of the registry by `product_device` or both run together. V1's hello is signed; V2.1's is not, so there
 * the first packet after it is the proof; a V2.1 client that signs nothing (TuyaOpen's TLS build) proves nothing but what its token does.
 */
export function admit(
  { attributes }: Packet,
  frame: Frame,
  {
    settings,
    devices,
    hellos,
  }: { settings: Settings; devices: Pick<DeviceRegistry, 'find' | 'findByClientId' | 'adopt' | 'hasRoomToAdopt'>; hellos: SeenOnce },
): Admission | Refusal {
  const { version } = frame;
  const clientId = textOf(attributes, ids.clientId) ?? '';
  const refuse = (refused: RefusalReason, keys: LinkKeys | null = null): Refusal => ({ clientId, refused, keys });
  const salt = version === 1 ? bytesOf(attributes, ids.encryptRandom) : bytesOf(attributes, ids.securitySuit)?.subarray(1, 1 + SALT_BYTES);
  if (salt?.length !== SALT_BYTES) return refuse('no-random');
  const level = version === 1 ? undefined : bytesOf(attributes, ids.securitySuit)?.[0];
  if (level !== undefined && level !== 0 && level !== 1 && level !== 2) return refuse('sign-level');
  const isSigned = level !== 0;
  const unsigned: LinkKeys | null = isSigned ? null : { version: 2, key: new Uint8Array(SALT_BYTES), level: 0 };
  if (!/^[\w.:@-]{1,48}$/u.test(clientId)) return refuse('malformed-client-id', unsigned);
  const known = findDevice(devices, clientId, settings.tuya.productId);
  if (known === undefined && (isSigned || settings.devices.unknownDevices === 'refuse')) return refuse('unknown-device', unsigned);
  if (known === undefined && !devices.hasRoomToAdopt()) return refuse('too-many-unknown', unsigned);
  const device = known ?? devices.adopt(settings.tuya.productId, clientId);
  // Let in without a key, it stays without one: signing with nothing would be no signature.
  if (device.secret === null && isSigned) return refuse('no-secret');
  const localKey = Buffer.from(device.secret ?? '', 'base64');
  const keys = version === 1 ? keysV1(localKey, salt, bytesOf(attributes, ids.signRandom)) : keysV2(localKey, salt, level ?? 0);
  if (keys === null) return refuse('no-random');
  if (keys.version === 1 && !isHelloSigned(frame, keys.signKey)) return refuse('bad-signature');
  // All keys of a connection follow from its hello, so one that was recorded would be as good a second time.
  const isAgain = isSigned && hellos.isAgain(`${clientId}\n${Buffer.from(salt).toString('hex')}`);
  if (isAgain && settings.tuya.isReplayRefused) return refuse('replayed-hello');
  const ping = numberOf(attributes, ids.pingIntervalMs);
  const offered = numberOf(attributes, ids.maxFragmentLength) ?? (version === 1 ? 8192 : 4096);
  return {
    device,
    isApp: numberOf(attributes, ids.clientType) === clientTypes.app,
    version,
    keys,
    security: keys.version === 1 ? 'own encryption' : (signNames[keys.level] ?? ''),
    maxFragmentBytes: Math.min(MOST_FRAGMENT_BYTES, Math.max(LEAST_FRAGMENT_BYTES, offered)),
    pingIntervalMs: ping === undefined || ping === 0 ? undefined : Math.min(MOST_PING_MS, Math.max(LEAST_PING_MS, ping)),
  };
}

function keysV1(localKey: Uint8Array, salt: Uint8Array, signSalt: Uint8Array | undefined): LinkKeys | null {
  if (signSalt?.length !== SALT_BYTES) return null;
  // The level is the device's own and told by its next frame.
  return { version: 1, cryptKey: deriveKey(localKey, salt), signKey: deriveKey(localKey, signSalt), level: securityLevels.aesGcm };
}

function keysV2(localKey: Uint8Array, salt: Uint8Array, level: SignLevel): LinkKeys {
  return { version: 2, key: deriveKey(localKey, salt), level };
}

function findDevice(
  devices: Pick<DeviceRegistry, 'find' | 'findByClientId'>,
  clientId: string,
  productId: string,
): KnownDevice | undefined {
  const own = devices.find(productId, clientId);
  if (own !== undefined) return own;
  const split = clientId.indexOf('_');
  const named = split > 0 ? devices.find(clientId.slice(0, split), clientId.slice(split + 1)) : undefined;
  return named ?? devices.findByClientId(clientId);
}
