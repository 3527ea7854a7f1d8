import type { EventEmitter } from 'node:events';
import { createServer, Socket } from 'node:net';
import { Aedes, type Client } from 'aedes';
import type { ListenerState } from '../../../preload/contract/core.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Observer } from '../../observer.ts';
import { type DeviceName, type DeviceRegistry, deviceId, type KnownDevice } from '../devices.ts';
import { listen } from '../listen.ts';

import { isPasswordRight, parseUsername } from './credentials.ts';
import { createPacketLengthWatch } from './packet-length.ts';
import { parseTopic } from './topics.ts';

/** A board takes a whole MQTT packet into this buffer and drops a larger one (reference/twetalk.md §3.1). */
const BOARD_RECEIVE_BYTES = 8192;
/** The broker's parser holds a packet until it is whole and would take the 256 MiB MQTT allows, before CONNECT too. */
const MAX_PACKET_BYTES = 128 * 1024;
const DRAIN_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** MQTT 3.1.1 CONNACK return codes. */
const BAD_USERNAME_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;
/** MQTT 3.1.1 SUBACK return code. */
const SUBSCRIPTION_REFUSED = 0x80;

export interface MqttMessage {
  device: DeviceName;
  topic: string;
  payload: Uint8Array;
  /** Address of ours that the connection came in on: what the board can reach. */
  localAddress: string;
}

export interface MqttSubscription {
  device: DeviceName;
  topic: string;
  isRefused: boolean;
}

export interface MqttBroker {
  readonly listener: ListenerState;
  isOnline(device: DeviceName): boolean;
  /** Resolves once handed to the device's connections. Throws TalkError 'too-large' when the board's buffer cannot hold it. */
  publish(topic: string, payload: string, qos: 0 | 1): Promise<void>;
  close(): Promise<void>;
}

/** Who is behind an MQTT connection. */
interface Identity {
  device: KnownDevice;
  /**
   * Whether this is the board itself. A tool that has the device's credentials but another client id (`mosquitto_sub` beside
   * a live board) may see and send what the device may, without pushing the board off the broker or counting as it.
   */
  isBoard: boolean;
}

/**
 * The embedded MQTT 3.1.1 broker: devices get in with their HMAC, and see and send only their own topics. A second
 * connection with the same client id closes the first. What a device publishes comes to `onMessage`, in order.
 */
export async function createMqttBroker(deps: {
  clock: Clock;
  observer: Observer;
  settings: () => Settings;
  devices: DeviceRegistry;
  host: string;
  port: number;
  onMessage: (message: MqttMessage) => void;
  onSubscription: (subscription: MqttSubscription) => void;
  /** Something of the broker's own that failed; no device's connection is lost by it. */
  onFault: (error: unknown) => void;
}): Promise<MqttBroker> {
  const { clock, observer, devices } = deps;
  const identities = new WeakMap<Client, Identity>();
  const leaveReasons = new WeakMap<Client, string>();
  const boards = new Map<string, Client>();

  const broker = await Aedes.createBroker({
    drainTimeout: DRAIN_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    authenticate(client, username, password, done) {
      const verdict = admit(client.id, username ?? '', password?.toString('utf8') ?? '');
      if ('identity' in verdict) {
        identities.set(client, verdict.identity);
        done(null, true);
        return;
      }
      observer.event({ atUs: clock.nowUs(), kind: 'device.refused', ...verdict.device, reason: verdict.reason });
      done(Object.assign(new Error(verdict.reason), { returnCode: verdict.returnCode }), false);
    },
    authorizePublish(client, packet, done) {
      const topic = parseTopic(packet.topic);
      const isAllowed = client !== null && topic !== null && topic.direction !== 'down' && isOwn(client, topic);
      // Retained messages and wills would outlive the device that sent them; the real cloud keeps neither.
      packet.retain = false;
      done(isAllowed ? null : new Error('not the device’s own topic'));
    },
    authorizeSubscribe(client, subscription, done) {
      const topic = parseTopic(subscription.topic);
      // A null subscription is SUBACK 0x80: refused, the connection stays.
      done(null, topic !== null && isOwn(client, topic) ? subscription : null);
    },
  });

  type Verdict = { identity: Identity } | { reason: string; returnCode: number; device: DeviceName };

  function admit(clientId: string, usernameText: string, password: string): Verdict {
    const username = parseUsername(usernameText);
    if (username === null) return refusal('malformed-username', BAD_USERNAME_OR_PASSWORD, splitClientId(clientId));
    const known = devices.findByClientId(username.clientId);
    const device = known ?? splitClientId(username.clientId);
    if (known?.secret) {
      if (!isPasswordRight(usernameText, password, known.secret)) return refusal('bad-password', BAD_USERNAME_OR_PASSWORD, device);
    } else if (deps.settings().devices.unknownDevices === 'refuse' || device.productId === '' || device.deviceName === '') {
      return refusal('unknown-device', NOT_AUTHORIZED, device);
    }
    const isBoard = clientId === username.clientId;
    // Credentials of one device under the client id of another would push that one off.
    if (!isBoard && devices.findByClientId(clientId)) return refusal('client-id-of-another', NOT_AUTHORIZED, device);
    return { identity: { device: known ?? devices.adopt(device.productId, device.deviceName), isBoard } };
  }

  function refusal(reason: string, returnCode: number, device: DeviceName): Verdict {
    return { reason, returnCode, device: { productId: device.productId, deviceName: device.deviceName } };
  }

  function isOwn(client: Client, topic: DeviceName): boolean {
    const device = identities.get(client)?.device;
    return device !== undefined && device.productId === topic.productId && device.deviceName === topic.deviceName;
  }

  broker.on('subscribe', (subscriptions, client) => {
    const device = identities.get(client)?.device;
    if (device === undefined) return;
    // By now `qos` is what the SUBACK granted.
    for (const { topic, qos } of subscriptions) deps.onSubscription({ device, topic, isRefused: Number(qos) === SUBSCRIPTION_REFUSED });
  });
  broker.on('clientReady', (client) => {
    const identity = identities.get(client);
    if (!identity?.isBoard) return;
    const { productId, deviceName } = identity.device;
    boards.set(deviceId(identity.device), client);
    devices.setOnline(productId, deviceName, true);
    observer.event({ atUs: clock.nowUs(), kind: 'device.online', productId, deviceName });
  });
  broker.on('keepaliveTimeout', (client) => leaveReasons.set(client, 'keepalive-timeout'));
  broker.on('clientError', (client, error) => {
    if (!leaveReasons.has(client)) leaveReasons.set(client, error.message);
  });
  broker.on('clientDisconnect', (client) => {
    const identity = identities.get(client);
    if (!identity?.isBoard || boards.get(deviceId(identity.device)) !== client) return;
    const { productId, deviceName } = identity.device;
    boards.delete(deviceId(identity.device));
    devices.setOnline(productId, deviceName, false);
    const reason = leaveReasons.get(client) ?? 'closed';
    observer.event({ atUs: clock.nowUs(), kind: 'device.offline', productId, deviceName, reason });
  });
  broker.on('publish', (packet, client) => {
    const identity = client === null ? undefined : identities.get(client);
    if (client === null || identity === undefined) return;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const localAddress = client.conn instanceof Socket ? (client.conn.localAddress ?? '') : '';
    deps.onMessage({ device: identity.device, topic: packet.topic, payload, localAddress: plainAddress(localAddress) });
  });
  // A connection that fails before or during CONNECT is told by 'device.refused' where there is something to tell.
  broker.on('connectionError', () => {});
  // The package's types leave this one out.
  (broker as EventEmitter).on('error', deps.onFault);

  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    broker.handle(socket);
    // After the broker, whose reading then sets the pace: this only sees what it reads.
    const isTooLong = createPacketLengthWatch(MAX_PACKET_BYTES);
    socket.on('data', (chunk: Buffer) => {
      if (socket.destroyed || !isTooLong(chunk)) return;
      observer.event({ atUs: clock.nowUs(), kind: 'dropped', what: 'mqtt-packet-too-large', count: 1 });
      socket.destroy();
    });
  });
  const listener = await listen(server, 'mqtt', deps.host, deps.port);

  return {
    listener,
    isOnline: (device) => boards.has(deviceId(device)),
    publish(topic, payload, qos) {
      const sizeBytes = packetBytes(topic, payload, qos);
      if (sizeBytes > BOARD_RECEIVE_BYTES) {
        return Promise.reject(new TalkError('too-large', { limitBytes: BOARD_RECEIVE_BYTES, sizeBytes }));
      }
      return new Promise((resolve, reject) => {
        broker.publish({ cmd: 'publish', topic, payload, qos, dup: false, retain: false }, (error) => (error ? reject(error) : resolve()));
      });
    },
    async close() {
      if (server.listening) {
        const closed = new Promise((resolve) => server.close(resolve));
        await new Promise<void>((resolve) => broker.close(resolve));
        // Connections that never sent CONNECT are not the broker's to close.
        for (const socket of sockets) socket.destroy();
        await closed;
      } else await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
}

/** Product ids are ten characters on the real cloud; shorter ones can only be told apart by the registry. */
function splitClientId(clientId: string): DeviceName {
  return { productId: clientId.slice(0, 10), deviceName: clientId.slice(10) };
}

/** `::ffff:192.168.1.5`, as a dual-stack socket says it, is the IPv4 address. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

function packetBytes(topic: string, payload: string, qos: 0 | 1): number {
  const remaining = 2 + Buffer.byteLength(topic) + (qos > 0 ? 2 : 0) + Buffer.byteLength(payload);
  const lengthBytes = remaining < 128 ? 1 : remaining < 16_384 ? 2 : remaining < 2_097_152 ? 3 : 4;
  return 1 + lengthBytes + remaining;
}
