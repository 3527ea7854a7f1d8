import type { EventEmitter } from 'node:events';
import { createServer, type Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes, type Client } from 'aedes';
import type { ListenerState } from '../../../preload/contract/core.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { LinkDoor } from '../../link/door.ts';
import type { Observer } from '../../observer.ts';
import { type AddressLimit, shareByAddress } from '../address-share.ts';
import type { DeviceName } from '../devices.ts';
import { listen, plainAddress } from '../listen.ts';
import type { TlsIdentity } from '../tls.ts';
import { createPacketLengthWatch } from '../twetalk/packet-length.ts';
import { createFloodGate } from './flood.ts';
import { underscored } from './names.ts';

/** A board's list of tools is 8000 bytes a page. */
const MAX_PACKET_BYTES = 64 * 1024;
const DRAIN_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Of each listener: a lab's boards with room to spare. */
const MOST_SOCKETS = 512;
/** MQTT 3.1.1 CONNACK return code. */
const NOT_AUTHORIZED = 5;

/** One board's MQTT connection. */
export interface MqttLink {
  readonly device: DeviceName;
  readonly uuid: string;
  /** Address of ours that it came in on: what the board can reach. */
  readonly localAddress: string;
  publish(text: string): void;
  close(): void;
}

export interface XiaozhiBroker {
  /** 'xiaozhi-mqtt', and 'xiaozhi-mqtt-tls' where there is TLS. */
  readonly listeners: readonly ListenerState[];
  close(): Promise<void>;
}

export interface XiaozhiBrokerDeps {
  clock: Clock;
  observer: Observer;
  host: string;
  port: number;
  /** Null: in clear only. */
  secure: { identity: TlsIdentity; port: number } | null;
  perAddress?: AddressLimit;
  /** Who it is, or why it may not come in; a refusal is told by the caller. */
  admit: (clientId: string, username: string, password: string) => { device: DeviceName; uuid: string } | null;
  links?: LinkDoor;
  onOpen: (link: MqttLink) => void;
  onMessage: (link: MqttLink, text: string) => void;
  onClose: (link: MqttLink) => void;
  /** A bug of ours or of the broker's: at most the one board's connection is lost by it. */
  onFault: (error: unknown) => void;
}

/**
 * A broker of boards that do not subscribe (reference/voice.md §4.6): what is for one is published to its connection unasked, under
 * `devices/p2p/<mac>`. Whatever topic a board publishes to, it says it to the bench, and no other board hears it.
 */
export async function openBroker(deps: XiaozhiBrokerDeps): Promise<XiaozhiBroker> {
  const { clock, observer } = deps;
  const admitted = new WeakMap<Client, { device: DeviceName; uuid: string }>();
  const links = new Map<Client, MqttLink>();
  const floods = new WeakMap<Client, () => boolean>();

  const broker = await Aedes.createBroker({
    drainTimeout: DRAIN_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    authenticate(client, username, password, done) {
      const board = deps.admit(client.id, username ?? '', password?.toString('utf8') ?? '');
      if (board === null) done(Object.assign(new Error('refused'), { returnCode: NOT_AUTHORIZED }), false);
      else if (deps.links?.admit(board.device, client.conn) === false) client.conn.destroy();
      else {
        admitted.set(client, board);
        done(null, true);
      }
    },
    authorizePublish(client, packet, done) {
      const board = client === null ? undefined : admitted.get(client);
      if (client === null || board === undefined) {
        done(new Error('nobody'));
        return;
      }
      if (floods.get(client)?.() === true) {
        observer.event({ atUs: clock.nowUs(), kind: 'dropped', what: 'flood', count: 1 });
        done(new Error('too many messages'));
        return;
      }
      // Nobody else may subscribe to it, and nothing is kept.
      packet.topic = `up/${underscored(board.device.deviceName)}`;
      packet.retain = false;
      done(null);
    },
    authorizeSubscribe(client, subscription, done) {
      const board = admitted.get(client);
      // Granted, not needed: what is for the board comes anyway. Null is SUBACK 0x80, refused.
      done(null, board !== undefined && subscription.topic === topicOf(board.device) ? subscription : null);
    },
  });

  /** Thrown out of an event of the broker's, a bug would end the bench. */
  function guard(client: Client, work: () => void): void {
    try {
      work();
    } catch (error) {
      deps.onFault(error);
      client.close();
    }
  }

  broker.on('clientReady', (client) => {
    const board = admitted.get(client);
    if (board === undefined) return;
    const { conn } = client;
    const link: MqttLink = {
      ...board,
      localAddress: plainAddress(conn instanceof Socket ? (conn.localAddress ?? '') : ''),
      publish(text) {
        if (client.closed) return;
        client.publish({ cmd: 'publish', topic: topicOf(board.device), payload: text, qos: 0, dup: false, retain: false }, () => {});
      },
      close: () => client.close(),
    };
    links.set(client, link);
    floods.set(client, createFloodGate(clock));
    guard(client, () => deps.onOpen(link));
  });
  broker.on('publish', (packet, client) => {
    const link = client === null ? undefined : links.get(client);
    if (client !== null && link !== undefined) guard(client, () => deps.onMessage(link, packet.payload.toString('utf8')));
  });
  broker.on('clientDisconnect', (client) => {
    const link = links.get(client);
    links.delete(client);
    if (link !== undefined) guard(client, () => deps.onClose(link));
  });
  broker.on('clientError', () => {});
  broker.on('connectionError', () => {});
  // The package's types leave this one out.
  (broker as EventEmitter).on('error', deps.onFault);

  const sockets = new Set<Socket>();
  /** Raw sockets, also those in a TLS handshake and those that never say CONNECT: none of them the broker's to close. */
  function track(server: Server): void {
    server.maxConnections = MOST_SOCKETS;
    server.on('connection', (socket: Socket) => {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
  }

  function take(socket: Socket): void {
    if (socket.destroyed) return;
    broker.handle(socket);
    // After the broker, whose reading then sets the pace: this only sees what it reads.
    const isTooLong = createPacketLengthWatch(MAX_PACKET_BYTES);
    socket.on('data', (chunk: Buffer) => {
      if (socket.destroyed || !isTooLong(chunk)) return;
      observer.event({ atUs: clock.nowUs(), kind: 'dropped', what: 'mqtt-packet-too-large', count: 1 });
      socket.destroy();
    });
  }

  const servers: Server[] = [createServer(take)];
  let stopRenewing = () => {};
  if (deps.secure !== null) {
    const { identity } = deps.secure;
    const certificate = { cert: identity.server.cert, key: identity.server.key };
    const secure = createTlsServer({ ...certificate, handshakeTimeout: CONNECT_TIMEOUT_MS }, take);
    secure.on('tlsClientError', (_error, socket) => socket.destroy());
    stopRenewing = identity.onRenew(({ cert, key }) => secure.setSecureContext({ cert, key }));
    servers.push(secure);
  }
  const listeners: ListenerState[] = [];
  for (const [index, server] of servers.entries()) {
    track(server);
    const name = index === 0 ? 'xiaozhi-mqtt' : 'xiaozhi-mqtt-tls';
    if (deps.perAddress) shareByAddress(server, name, deps.perAddress);
    listeners.push(await listen(server, name, deps.host, index === 0 ? deps.port : (deps.secure?.port ?? 0)));
  }

  return {
    listeners,
    async close() {
      stopRenewing();
      const closed = servers
        .filter((server) => server.listening)
        .map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      await new Promise<void>((resolve) => broker.close(resolve));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function topicOf(device: DeviceName): string {
  return `devices/p2p/${underscored(device.deviceName)}`;
}
