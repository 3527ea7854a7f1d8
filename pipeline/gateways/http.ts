import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ListenerState } from '../../preload/contract/core.ts';
import { type AddressLimit, shareByAddress } from './address-share.ts';
import { listen } from './listen.ts';
import type { TlsIdentity } from './tls.ts';

/** What a vendor's gateway mounts on the shared listener. Paths are matched by prefix, the longest first. */
export interface GatewayRoute {
  prefix: string;
  onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Takes over the socket of a protocol upgrade. */
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/**
 * The device-facing HTTP listener that all vendors' gateways share, so that a board needs one port; and the same over TLS. It never
 * serves the application's own interface.
 */
export interface GatewayServer {
  /** 'gateway': plain HTTP. */
  readonly listener: ListenerState;
  /** 'gateway-tls': https and wss; null where TLS is off. */
  readonly secureListener: ListenerState | null;
  /** Returns the removal of the route. */
  mount(route: GatewayRoute): () => void;
  close(): Promise<void>;
}

const limits = { headersTimeout: 10_000, requestTimeout: 60_000, maxHeaderSize: 16 * 1024 };
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Open at once, idle ones too; a lab has tens. */
const MAX_SOCKETS = 2000;
const TOO_MANY = 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

export async function createGatewayServer(options: {
  host: string;
  port: number;
  secure?: { identity: TlsIdentity; port: number } | undefined;
  /** A route threw, which is a bug of ours: the one request fails, everything else goes on. */
  onFault?: (error: unknown) => void;
  /** Without it one address may hold all of the sockets. */
  perAddress?: AddressLimit | undefined;
}): Promise<GatewayServer> {
  const { host, port, secure } = options;
  const routes: GatewayRoute[] = [];

  function find(request: IncomingMessage, kind: 'onRequest' | 'onUpgrade'): GatewayRoute | undefined {
    const path = pathOf(request);
    return routes.find((route) => route[kind] !== undefined && path.startsWith(route.prefix));
  }

  function guard(handle: () => void, giveUp: () => void): void {
    try {
      handle();
    } catch (error) {
      options.onFault?.(error);
      giveUp();
    }
  }

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (isOver(request.socket)) return void request.socket.destroy();
    const route = find(request, 'onRequest');
    if (route?.onRequest)
      guard(
        () => route.onRequest?.(request, response),
        () => response.destroy(),
      );
    else response.writeHead(find(request, 'onUpgrade') ? 426 : 404, { 'content-length': 0 }).end();
  }

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // The socket is ours from here on: without a listener its reset would be an uncaught exception.
    socket.on('error', () => socket.destroy());
    if (isOver(socket)) return void socket.destroy();
    const route = find(request, 'onUpgrade');
    if (route?.onUpgrade)
      guard(
        () => route.onUpgrade?.(request, socket, head),
        () => socket.destroy(),
      );
    else refuseUpgrade(socket, 404);
  }

  const plain = createServer(limits);
  const overTls =
    secure &&
    createSecureServer({
      ...limits,
      ...certificateOf(secure.identity),
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      ALPNProtocols: ['http/1.1'],
    });
  const servers = overTls === undefined ? [plain] : [plain, overTls];
  const sockets = new Set<Socket>();
  const { perAddress } = options;
  const overShare = [
    ...(perAddress ? [shareByAddress(plain, 'gateway', perAddress, TOO_MANY)] : []),
    // Below TLS nothing can be said.
    ...(perAddress && overTls ? [shareByAddress(overTls, 'gateway-tls', perAddress)] : []),
  ];
  const isOver = (socket: object) => overShare.some((isRefused) => isRefused(socket));
  for (const server of servers) {
    server.on('request', onRequest);
    server.on('upgrade', onUpgrade);
    // Below TLS too, so that those which never end their handshake are among them.
    server.on('connection', (socket: Socket) => {
      if (sockets.size >= MAX_SOCKETS) return void socket.destroy();
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
  }
  const stopRenewing = secure?.identity.onRenew(() => overTls?.setSecureContext(certificateOf(secure.identity)));

  return {
    listener: await listen(plain, 'gateway', host, port),
    secureListener: secure && overTls ? await listen(overTls, 'gateway-tls', host, secure.port) : null,
    mount(route) {
      routes.push(route);
      routes.sort((a, b) => b.prefix.length - a.prefix.length);
      return () => {
        const at = routes.indexOf(route);
        if (at !== -1) routes.splice(at, 1);
      };
    },
    async close() {
      stopRenewing?.();
      const listening = servers.filter((server) => server.listening);
      const closed = listening.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      for (const server of servers) server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function certificateOf({ server: { cert, key } }: TlsIdentity) {
  return { cert, key };
}

export function pathOf(request: IncomingMessage): string {
  const target = request.url ?? '/';
  const end = target.indexOf('?');
  return end === -1 ? target : target.slice(0, end);
}

/** Answers an upgrade with an HTTP error and closes. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
