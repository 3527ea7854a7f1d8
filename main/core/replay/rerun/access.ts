import { randomBytes, randomInt } from 'node:crypto';
import type { DeviceName } from '../../../../pipeline/gateways/devices.ts';
import { XIAOZHI_PRODUCT } from '../../../../pipeline/gateways/xiaozhi/names.ts';
import type { ListenerState } from '../../../../preload/contract/core.ts';
import type { RerunRemote } from '../../../../preload/contract/replay.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Devices } from '../../devices/registry.ts';
import type { DeviceDeps, RerunDevice } from './devices/device.ts';
import { createTrtcDevice } from './devices/trtc.ts';
import { createTuyaDevice } from './devices/tuya.ts';
import { createTwetalkDevice } from './devices/twetalk.ts';
import { createXiaozhiDevice } from './devices/xiaozhi.ts';
import type { RecordedConversation } from './recording.ts';

export interface AccessDeps {
  devices: Pick<Devices, 'find' | 'list' | 'put' | 'adopt' | 'remove'>;
  listeners: () => readonly ListenerState[];
  tuyaProductId: () => string;
  /** TRTC, of this bench. */
  sdkAppId: () => number;
  userSig: (userId: string, sdkAppId: number) => Promise<string>;
  callTrtc: (action: string, parameters: Record<string, unknown>) => Promise<Record<string, unknown>>;
}

/** A device as which the recording is spoken, let in at the far end. */
export interface Access {
  device: DeviceName;
  create(deps: DeviceDeps): RerunDevice;
  /** It is not needed any more. */
  release(): Promise<void>;
}

const ROBOT = 'talkbench-robot';
const LOCAL_KEY_CHARACTERS = 16;

/**
 * At this bench: a device of the recording's product, registered for this run and removed after it; or the recorded one itself. Rejects
 * with TalkError 'replay/no-device', 'replay/device-online', 'talk/refused' (nothing listens).
 */
export async function accessHere(recorded: RecordedConversation, isAsRecorded: boolean, deps: AccessDeps): Promise<Access> {
  const { gateway, productId, language } = recorded;
  if (isAsRecorded && deps.devices.list().some((one) => one.isOnline && isSame(one, recorded)))
    throw new TalkError('replay/device-online', { productId, deviceName: recorded.deviceName });
  const name = isAsRecorded ? recorded.deviceName : null;
  switch (gateway) {
    case 'twetalk': {
      const broker = listening('mqtt', deps);
      const device = { productId, deviceName: name ?? `rerun-${randomBytes(4).toString('hex')}` };
      const { secret, release } = await registered(device, null, deps);
      return { device, release, create: (its) => createTwetalkDevice({ ...device, broker, secret }, its) };
    }
    case 'trtc': {
      const { host, port } = listening('gateway', deps);
      const sdkAppId = deps.sdkAppId();
      const userId = name ?? `rerun-${randomBytes(4).toString('hex')}`;
      const roomId = String(randomInt(1, 4_000_000_000));
      const userSig = await deps.userSig(userId, sdkAppId);
      const begin = async () => {
        const agent = { UserId: ROBOT, UserSig: await deps.userSig(ROBOT, sdkAppId), TargetUserId: userId };
        const room = { SdkAppId: sdkAppId, RoomId: roomId, RoomIdType: 0 };
        const { TaskId } = await deps.callTrtc('StartAIConversation', { ...room, AgentConfig: agent, STTConfig: { Language: language } });
        return () => deps.callTrtc('StopAIConversation', { TaskId: String(TaskId) }).then(nothing, nothing);
      };
      const access = { gateway: `ws://${bracketed(host)}:${port}`, sdkAppId, roomId, userId, userSig, begin };
      return {
        device: { productId: String(sdkAppId), deviceName: userId },
        release: async () => {},
        create: (its) => createTrtcDevice(access, its),
      };
    }
    case 'tuya': {
      const { host, port } = listening('tuya', deps);
      const device = { productId: deps.tuyaProductId(), deviceName: name ?? `bench${randomBytes(8).toString('hex')}` };
      const key = randomBytes(LOCAL_KEY_CHARACTERS / 2).toString('hex');
      const { secret, release } = await registered(device, Buffer.from(key).toString('base64'), deps);
      const access = { host, port, isTls: false, deviceId: device.deviceName, localKey: Buffer.from(secret, 'base64') };
      return { device, release, create: (its) => createTuyaDevice(access, its) };
    }
    case 'xiaozhi': {
      const { host, port } = listening('gateway', deps);
      const device = { productId: XIAOZHI_PRODUCT, deviceName: name ?? randomMac() };
      const isStranger = deps.devices.find(device.productId, device.deviceName) === undefined;
      if (isStranger) deps.devices.adopt(device.productId, device.deviceName);
      return {
        device,
        release: async () => {
          if (isStranger) await deps.devices.remove(device.productId, device.deviceName).catch(nothing);
        },
        create: (its) =>
          createXiaozhiDevice({ deviceName: device.deviceName, server: { ota: `http://${bracketed(host)}:${port}/xiaozhi/ota/` } }, its),
      };
    }
    default:
      throw new TalkError('replay/no-device', { gateway });
  }
}

/** At an address that the user names, with the credentials they typed. Throws TalkError 'replay/no-device', 'replay/bad-address', 'replay/credentials'. */
export function accessAt(remote: RerunRemote, recorded: RecordedConversation): Access {
  const { gateway } = recorded;
  const deviceName = remote.deviceName ?? recorded.deviceName;
  const productId = remote.productId ?? recorded.productId;
  const release = async () => {};
  const secret = (missing: string) => {
    if (remote.secret === undefined || remote.secret === '') throw new TalkError('replay/credentials', { gateway, missing });
    return remote.secret;
  };
  switch (gateway) {
    case 'twetalk': {
      const { protocol, hostname, port } = addressOf(remote.address, ['mqtt:', 'mqtts:'], gateway, 'mqtt://HOST:1883, mqtts://HOST:8883');
      const isTls = protocol === 'mqtts:';
      const device = { productId, deviceName };
      const broker = { host: plainHost(hostname), port: Number(port || (isTls ? 8883 : 1883)), isTls };
      const access = { ...device, broker, secret: secret('device secret') };
      return { device, release, create: (its) => createTwetalkDevice(access, its) };
    }
    case 'trtc': {
      const { protocol, host } = addressOf(remote.address, ['ws:', 'wss:'], gateway, 'wss://HOST:8443');
      const { sdkAppId = Number(recorded.productId), roomId } = remote;
      if (roomId === undefined) throw new TalkError('replay/credentials', { gateway, missing: 'RoomId' });
      const userId = deviceName;
      const access = { gateway: `${protocol}//${host}`, sdkAppId, roomId, userId, userSig: remote.secret ?? '', begin: null };
      return { device: { productId: String(sdkAppId), deviceName: userId }, release, create: (its) => createTrtcDevice(access, its) };
    }
    case 'tuya': {
      const { protocol, hostname, port } = addressOf(remote.address, ['tuya:', 'tuya-tls:'], gateway, 'tuya://HOST:1443');
      const isTls = protocol === 'tuya-tls:';
      const localKey = Buffer.from(secret('local key'));
      const access = { host: plainHost(hostname), port: Number(port || (isTls ? 8883 : 1443)), isTls, deviceId: deviceName, localKey };
      return { device: { productId, deviceName }, release, create: (its) => createTuyaDevice(access, its) };
    }
    case 'xiaozhi': {
      const { protocol, href } = addressOf(remote.address, ['ws:', 'wss:', 'http:', 'https:'], gateway, 'wss://HOST/xiaozhi/v1/');
      const server = protocol.startsWith('ws') ? { url: href, token: remote.secret ?? '' } : { ota: href };
      return { device: { productId, deviceName }, release, create: (its) => createXiaozhiDevice({ deviceName, server }, its) };
    }
    default:
      throw new TalkError('replay/no-device', { gateway });
  }
}

/** As it may be written down: no user, no password, nothing after the path. */
export function withoutCredentials(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url !== null && url.host !== '') return `${url.protocol}//${url.host}${url.pathname}`;
  return address.replaceAll(/[^/@]*@/gu, '').replace(/[?#].*$/u, '');
}

function addressOf(address: string, protocols: readonly string[], gateway: string, wanted: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !protocols.includes(url.protocol) || url.hostname === '')
    throw new TalkError('replay/bad-address', { address: withoutCredentials(address), gateway, wanted });
  return url;
}

function listening(name: string, { listeners }: AccessDeps): { host: string; port: number } {
  const found = listeners().find((listener) => listener.name === name && listener.state === 'listening');
  if (found === undefined) throw new TalkError('talk/refused', { stage: name, reason: 'the listeners are not open' });
  const { host, port } = found;
  return { host: host === '0.0.0.0' || host === '::' || host === '' ? '127.0.0.1' : host, port };
}

/** One that is registered stays; any other leaves no trace. */
async function registered(
  device: DeviceName,
  secret: string | null,
  { devices }: AccessDeps,
): Promise<{ secret: string; release: () => Promise<void> }> {
  const { productId, deviceName } = device;
  const known = devices.find(productId, deviceName)?.secret;
  if (known != null) return { secret: known, release: async () => {} };
  const { generatedSecret } = await devices.put(productId, deviceName, ...(secret === null ? [] : [secret]));
  return {
    secret: secret ?? generatedSecret ?? '',
    release: () => devices.remove(productId, deviceName).catch(nothing),
  };
}

function isSame(one: DeviceName, other: DeviceName): boolean {
  return one.productId === other.productId && one.deviceName === other.deviceName;
}

/** Locally administered: no maker's. */
function randomMac(): string {
  const [first = 0, ...rest] = randomBytes(6);
  return [(first & 0xfc) | 0x02, ...rest].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function plainHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/gu, '');
}

function nothing(): void {}
