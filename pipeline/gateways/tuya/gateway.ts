import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { TuyaConnection as ConnectionRecord } from '../../../preload/contract/cloud/tuya.ts';
import type { ListenerState } from '../../../preload/contract/core.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import { addressLimit, shareByAddress } from '../address-share.ts';
import { deviceId } from '../devices.ts';
import type { Gateway, GatewayDeps } from '../gateway.ts';
import { listen } from '../listen.ts';
import { TuyaConnection } from './connection.ts';
import { createTokenRequests, TOKEN_PATH } from './token-request.ts';
import type { TuyaMemory } from './tuya-memory.ts';
import { statuses } from './wire/numbers.ts';

/** A lab's devices and apps with room to spare; a flood of connections takes no more. */
const MOST_CONNECTIONS = 128;
const TLS_HANDSHAKE_TIMEOUT_MS = 10_000;

export interface TuyaGatewayDeps extends GatewayDeps {
  memory: TuyaMemory;
}

export interface TuyaGateway extends Gateway {
  connections(): ConnectionRecord[];
  connection(connectionId: string): TuyaConnection | undefined;
  /** Something of `connections` has changed. */
  onChange(listener: () => void): () => void;
  /** Everything that happens on the bench: of its own conversations the gateway hears here when a turn begins and ends. */
  observe(event: PipelineEvent): void;
}

/** Tuya's AI channel: one port in clear and one within TLS, and the agent-token request on the shared HTTP listener. */
export async function startTuyaGateway(deps: TuyaGatewayDeps): Promise<TuyaGateway> {
  const { settings, tls, http, log } = deps;
  const connections = new Map<string, TuyaConnection>();
  const sockets = new Set<Socket>();
  const listeners = new Set<() => void>();
  const { port, tlsPort } = settings().tuya;
  const { host } = settings().listeners;
  let isClosing = false;
  const limit = addressLimit(deps);
  const changed = () => {
    for (const listener of listeners) listener();
  };

  function accept(socket: Socket, isTls: boolean): void {
    if (socket.destroyed) return;
    // Who has shown nothing yet makes room: else a flood of such would keep every device out.
    if (connections.size >= MOST_CONNECTIONS) {
      const stranger = [...connections.values()].find(({ isProved }) => !isProved);
      stranger?.destroy();
      if (stranger !== undefined) connections.delete(stranger.connectionId);
    }
    if (isClosing || connections.size >= MOST_CONNECTIONS) {
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    const connection = new TuyaConnection(socket, {
      ...deps,
      isTls,
      onChange: changed,
      onClosed() {
        connections.delete(connection.connectionId);
        const device = connection.device;
        const isElsewhere = device !== null && [...connections.values()].some((one) => isOf(one, deviceId(device)));
        if (device !== null && !isElsewhere) deps.devices.setOnline(device.productId, device.deviceName, false);
        changed();
      },
      onReplace(oldId, device) {
        const old = connections.get(oldId);
        if (old !== undefined && isOf(old, deviceId(device))) old.close(statuses.closedByReuse, 'replaced by a new connection');
      },
    });
    connections.set(connection.connectionId, connection);
  }

  /** Raw sockets, also those in a TLS handshake, so that closing the bench ends them. */
  function track(server: Server, name: string): void {
    shareByAddress(server, name, limit);
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.maxConnections = MOST_CONNECTIONS * 2;
  }

  const plain = createServer((socket) => accept(socket, false));
  track(plain, 'tuya');
  const secure: TlsServer | null =
    tls === null
      ? null
      : createTlsServer({ cert: tls.server.cert, key: tls.server.key, handshakeTimeout: TLS_HANDSHAKE_TIMEOUT_MS }, (socket) =>
          accept(socket, true),
        );
  if (secure !== null) {
    track(secure, 'tuya-tls');
    secure.on('tlsClientError', (error, socket) => {
      log.warn({ err: error, peer: socket.remoteAddress }, 'tuya: TLS handshake failed');
      socket.destroy();
    });
  }
  const stopRevoking = deps.devices.onRevoked((device) => {
    for (const connection of connections.values())
      if (isOf(connection, deviceId(device))) connection.close(statuses.unauthenticated, 'its registration is another one now');
  });
  const stopRenewing = tls?.onRenew(({ cert, key }) => secure?.setSecureContext({ cert, key })) ?? (() => {});

  const states: ListenerState[] = [await listen(plain, 'tuya', host, port)];
  if (secure !== null) states.push(await listen(secure, 'tuya-tls', host, tlsPort));
  const portOf = (name: string) => states.find((state) => state.name === name && state.state === 'listening')?.port ?? null;
  const unmount = http.mount({
    prefix: TOKEN_PATH,
    onRequest: createTokenRequests({ ...deps, ports: () => ({ port: portOf('tuya'), tlsPort: portOf('tuya-tls') }) }),
  });

  return {
    listeners: states,
    connections: () => [...connections.values()].flatMap((connection) => connection.record ?? []),
    connection: (connectionId) => connections.get(connectionId),
    conversation(conversationId) {
      for (const connection of connections.values()) {
        const session = connection.session(conversationId);
        if (session !== undefined) return session.conversation;
      }
      return undefined;
    },
    async resend(message) {
      const open = [...connections.values()];
      const { conversationId, deviceId: id = '' } = message;
      const own = conversationId === undefined ? undefined : open.find((one) => one.session(conversationId) !== undefined);
      const connection = own ?? open.find((one) => isOf(one, id));
      if (connection === undefined) throw new TalkError('not-found', { what: 'connection', id });
      connection.again(message);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    observe(event) {
      if (!('conversationId' in event)) return;
      for (const connection of connections.values()) connection.observe(event);
    },
    async close() {
      isClosing = true;
      unmount();
      stopRenewing();
      stopRevoking();
      const ending = [...connections.values()];
      for (const connection of ending) connection.close(statuses.ok, 'the bench is closing');
      await Promise.all(ending.map((connection) => connection.ended()));
      for (const socket of sockets) socket.destroy();
      await Promise.all(
        [plain, secure].map((server) => new Promise<void>((resolve) => (server?.listening ? server.close(() => resolve()) : resolve()))),
      );
    },
  };
}

function isOf(connection: TuyaConnection, id: string): boolean {
  return connection.device !== null && deviceId(connection.device) === id;
}
