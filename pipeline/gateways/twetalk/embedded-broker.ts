import type { EventEmitter } from 'node:events';
import { createServer, Socket } from 'node:net';
import { Aedes, type Client } from 'aedes';
import type { ListenerState } from '../../../preload/contract/core.ts';
import { addressLimit, shareByAddress } from '../address-share.ts';
import { type DeviceName, deviceId } from '../devices.ts';
import { listen, plainAddress } from '../listen.ts';
import { refusedConnect } from '../refused-connect.ts';
import { type Admitted, createAdmission, toldOf } from './admission.ts';
import type { MqttBroker, MqttBrokerDeps } from './broker.ts';
import { createPacketLengthWatch } from './packet-length.ts';
import { requireBoardSize } from './packet-size.ts';
import { Allowance, Pace } from './rate.ts';
import { createTlsServer, proofOf } from './tls-server.ts';
import { parseTopic } from './topics.ts';

/** The broker's parser holds a packet until it is whole and would take the 256 MiB MQTT allows, before CONNECT too. */
const MAX_PACKET_BYTES = 128 * 1024;
/** Open at once, CONNECT or not; a lab has tens. */
const MAX_SOCKETS = 2000;
const DRAIN_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Of one connection, the tools beside a board too. */
const MAX_TOPICS = 64;
/** QoS 2 messages of one connection that wait for its PUBREL, each up to MAX_PACKET_BYTES; boards never send any. */
const MAX_UNRELEASED = 16;
/** MQTT 3.1.1 SUBACK return code. */
const SUBSCRIPTION_REFUSED = 0x80;
/** A flood of refused connections is told of by its first ones. */
const REFUSALS_TOLD_PER_SECOND = 20;

/**
 * The embedded MQTT 3.1.1 broker: devices get in with what their product says, and see and send only their own topics. A second
 * connection with the same client id closes the first. What a device publishes comes to `onMessage`, in order.
 */
export async function createEmbeddedBroker(deps: MqttBrokerDeps): Promise<MqttBroker> {
  const { clock, observer, devices, settings } = deps;
  const { host, mqttPort, mqttTlsPort, isTlsOn } = settings().listeners;
  const admission = createAdmission(deps);
  const told = new Allowance(clock, 1_000_000);
  const identities = new WeakMap<Client, Admitted>();
  /** Where each came in. A socket forgets it when it closes, which mosquitto_pub's does at once after what it had to say. */
  const entrances = new WeakMap<Client, string>();
  const leaveReasons = new WeakMap<Client, string>();
  const paces = new WeakMap<Client, Pace>();
  const topicsAsked = new WeakMap<Client, Set<string>>();
  const boards = new Map<string, { client: Client; topics: Set<string> }>();
  /** Of each device, tools beside the board too. */
  const clients = new Map<string, Set<Client>>();
  const timers = new Set<() => void>();

  const broker = await Aedes.createBroker({
    drainTimeout: DRAIN_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxInflightInbound: MAX_UNRELEASED,
    preConnect(client, packet, done) {
      entrances.set(client, addressOf(client, 'localAddress'));
      // The boards' SDK asks for clean sessions; one that is kept would hold messages for who never comes back, without end.
      packet.clean = true;
      done(null, true);
    },
    authenticate(client, username, password, done) {
      const shown = { clientId: client.id, username: username ?? '', password: password?.toString('utf8') ?? '' };
      const verdict = admission.admit({ ...shown, proof: proofOf(client.conn), address: addressOf(client, 'remoteAddress') });
      if ('proof' in verdict) {
        if (deps.links?.admit(verdict.device, client.conn) === false) {
          client.conn.destroy();
          return;
        }
        identities.set(client, verdict);
        // The broker ends the connection that is there when another comes as the same client.
        const before = boards.get(deviceId(verdict.device))?.client;
        if (verdict.isBoard && before !== undefined) leaveReasons.set(before, 'replaced by a new connection');
        done(null, true);
        return;
      }
      const { reason, returnCode } = verdict;
      if (told.take('refused', REFUSALS_TOLD_PER_SECOND)) {
        const atUs = clock.nowUs();
        observer.event(refusedConnect({ ...shown, ...verdict, atUs, gateway: 'twetalk' }));
        observer.event({ atUs, kind: 'device.refused', ...toldOf(verdict) });
      }
      done(Object.assign(new Error(reason), { returnCode }), false);
    },
    authorizePublish(client, packet, done) {
      const topic = parseTopic(packet.topic);
      const isAllowed = client !== null && topic !== null && topic.direction !== 'down' && isOwn(client, topic);
      // Retained messages and wills would outlive the device that sent them; the real cloud keeps neither.
      packet.retain = false;
      if (client === null || !isAllowed) return done(new Error('not the device’s own topic'));
      // Nothing more is read from it meanwhile, so a flood waits on the board's side.
      const delayUs = paceOf(client).delayUs(settings().broker.messagesPerSecond);
      if (delayUs === 0) return done(null);
      const cancel = clock.at((clock.nowUs() + delayUs) as ReturnType<typeof clock.nowUs>, () => {
        timers.delete(cancel);
        done(client.closed ? new Error('gone meanwhile') : null);
      });
      timers.add(cancel);
    },
    authorizeSubscribe(client, subscription, done) {
      const topic = parseTopic(subscription.topic);
      const asked = topicsAsked.get(client) ?? new Set();
      topicsAsked.set(client, asked);
      // All of one SUBSCRIBE are asked about before the first of them is in force.
      const isAllowed = topic !== null && isOwn(client, topic) && (asked.has(subscription.topic) || asked.size < MAX_TOPICS);
      if (isAllowed) asked.add(subscription.topic);
      // A null subscription is SUBACK 0x80: refused, the connection stays.
      done(null, isAllowed ? subscription : null);
    },
  });

  function paceOf(client: Client): Pace {
    const pace = paces.get(client) ?? new Pace(clock);
    paces.set(client, pace);
    return pace;
  }

  function isOwn(client: Client, topic: DeviceName): boolean {
    const device = identities.get(client)?.device;
    return device !== undefined && device.productId === topic.productId && device.deviceName === topic.deviceName;
  }

  function topicsOf(client: Client): Set<string> | undefined {
    const identity = identities.get(client);
    const board = identity && boards.get(deviceId(identity.device));
    return board?.client === client ? board.topics : undefined;
  }

  function topicsChanged(client: Client, change: (topics: Set<string>) => void): void {
    const topics = topicsOf(client);
    const device = identities.get(client)?.device;
    if (topics === undefined || device === undefined) return;
    change(topics);
    devices.setTopics(device.productId, device.deviceName, [...topics]);
  }

  broker.on('subscribe', (subscriptions, client) => {
    const device = identities.get(client)?.device;
    if (device === undefined) return;
    // By now `qos` is what the SUBACK granted.
    const granted = subscriptions.filter(({ qos }) => Number(qos) !== SUBSCRIPTION_REFUSED);
    if (granted.length > 0) {
      topicsChanged(client, (topics) => {
        for (const { topic } of granted) topics.add(topic);
      });
    }
    for (const { topic, qos } of subscriptions) deps.onSubscription({ device, topic, isRefused: Number(qos) === SUBSCRIPTION_REFUSED });
  });
  broker.on('unsubscribe', (unsubscribed, client) => {
    for (const topic of unsubscribed) topicsAsked.get(client)?.delete(topic);
    topicsChanged(client, (topics) => {
      for (const topic of unsubscribed) topics.delete(topic);
    });
  });
  broker.on('clientReady', (client) => {
    const identity = identities.get(client);
    if (identity === undefined) return;
    const ofDevice = clients.get(deviceId(identity.device)) ?? new Set();
    clients.set(deviceId(identity.device), ofDevice.add(client));
    if (!identity.isBoard) return;
    const { productId, deviceName } = identity.device;
    boards.set(deviceId(identity.device), { client, topics: new Set() });
    const { proof, sdkAppId } = identity;
    const address = addressOf(client, 'remoteAddress');
    devices.setOnline(productId, deviceName, true, { address, proof, isTls: 'encrypted' in client.conn, sdkAppId });
    observer.event({ atUs: clock.nowUs(), kind: 'device.online', productId, deviceName });
  });
  broker.on('keepaliveTimeout', (client) => leaveReasons.set(client, 'keepalive-timeout'));
  broker.on('clientError', (client, error) => {
    if (!leaveReasons.has(client)) leaveReasons.set(client, error.message);
  });
  broker.on('clientDisconnect', (client) => {
    const identity = identities.get(client);
    if (identity === undefined) return;
    const ofDevice = clients.get(deviceId(identity.device));
    if (ofDevice?.delete(client) === true && ofDevice.size === 0) clients.delete(deviceId(identity.device));
    if (!identity.isBoard || boards.get(deviceId(identity.device))?.client !== client) return;
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
    try {
      deps.onMessage({ device: identity.device, topic: packet.topic, payload, localAddress: entrances.get(client) ?? '' });
    } catch (error) {
      deps.onFault(error); // a bug of ours costs the one message, not the broker
    }
  });
  // A connection that fails before or during CONNECT is told by 'device.refused' where there is something to tell.
  broker.on('connectionError', () => {});
  // The package's types leave this one out.
  (broker as EventEmitter).on('error', deps.onFault);

  const stopRevoking = devices.onRevoked((device) => {
    for (const client of clients.get(deviceId(device)) ?? []) {
      leaveReasons.set(client, 'revoked');
      client.close();
    }
  });

  const sockets = new Set<Socket>();
  function take(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    broker.handle(socket);
    // After the broker, whose reading then sets the pace: this only sees what it reads.
    const isTooLong = createPacketLengthWatch(MAX_PACKET_BYTES);
    socket.on('data', (chunk: Buffer) => {
      if (socket.destroyed || !isTooLong(chunk)) return;
      observer.event({ atUs: clock.nowUs(), kind: 'dropped', what: 'mqtt-packet-too-large', count: 1 });
      socket.destroy();
    });
  }

  /** Those under TLS too, before their handshake. */
  function count(socket: Socket): void {
    if (sockets.size >= MAX_SOCKETS) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  }

  const plain = createServer((socket) => {
    if (socket.destroyed) return;
    count(socket);
    if (!socket.destroyed) take(socket);
  });
  const limit = addressLimit(deps);
  shareByAddress(plain, 'mqtt', limit);
  const listeners: ListenerState[] = [await listen(plain, 'mqtt', host, mqttPort)];
  const secure = deps.tls !== null && isTlsOn ? createTlsServer({ tls: deps.tls, devices, onConnection: take }) : null;
  if (secure !== null) {
    secure.server.on('connection', count);
    shareByAddress(secure.server, 'mqtt-tls', limit);
    secure.server.on('tlsClientError', () => {}); // a hello that is none ends its own connection
    listeners.push(await listen(secure.server, 'mqtt-tls', host, mqttTlsPort));
  }

  return {
    listeners,
    isOnline: (device) => boards.has(deviceId(device)),
    subscriptions(device) {
      const board = boards.get(deviceId(device));
      return board === undefined ? null : [...board.topics];
    },
    localAddress(device) {
      const board = boards.get(deviceId(device));
      return (board !== undefined && entrances.get(board.client)) || null;
    },
    async publish(topic, payload, qos) {
      requireBoardSize(topic, payload, qos);
      await new Promise<void>((resolve, reject) => {
        broker.publish({ cmd: 'publish', topic, payload, qos, dup: false, retain: false }, (error) => (error ? reject(error) : resolve()));
      });
    },
    async close() {
      secure?.stop();
      stopRevoking();
      for (const cancel of timers) cancel();
      const closed = [plain, ...(secure === null ? [] : [secure.server])]
        .filter((server) => server.listening)
        .map((server) => new Promise((resolve) => server.close(resolve)));
      await new Promise<void>((resolve) => broker.close(resolve));
      // Connections that never sent CONNECT are not the broker's to close.
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function addressOf(client: Client, which: 'remoteAddress' | 'localAddress'): string {
  return client.conn instanceof Socket ? plainAddress(client.conn[which] ?? '') : '';
}
