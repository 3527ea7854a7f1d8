import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ListenerState } from '../../preload/contract/core.ts';
import { listen } from './listen.ts';

/** What a vendor's gateway mounts on the shared listener. Paths are matched by prefix, the longest first. */
export interface GatewayRoute {
  prefix: string;
  onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Takes over the socket of a protocol upgrade. */
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/**
 * The device-facing HTTP listener that all vendors' gateways share, so that a board needs one port. It never serves the
 * application's own interface.
 */
export interface GatewayServer {
  readonly listener: ListenerState;
  /** Returns the removal of the route. */
  mount(route: GatewayRoute): () => void;
  close(): Promise<void>;
}

export async function createGatewayServer(options: { host: string; port: number }): Promise<GatewayServer> {
  const routes: GatewayRoute[] = [];
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 60_000, maxHeaderSize: 16 * 1024 });

  function find(request: IncomingMessage, kind: 'onRequest' | 'onUpgrade'): GatewayRoute | undefined {
    const path = pathOf(request);
    return routes.find((route) => route[kind] !== undefined && path.startsWith(route.prefix));
  }

  server.on('request', (request, response) => {
    const route = find(request, 'onRequest');
    if (route?.onRequest) route.onRequest(request, response);
    else response.writeHead(find(request, 'onUpgrade') ? 426 : 404, { 'content-length': 0 }).end();
  });
  server.on('upgrade', (request, socket, head) => {
    // The socket is ours from here on: without a listener its reset would be an uncaught exception.
    socket.on('error', () => socket.destroy());
    const route = find(request, 'onUpgrade');
    if (route?.onUpgrade) route.onUpgrade(request, socket, head);
    else refuseUpgrade(socket, 404);
  });

  const listener = await listen(server, 'gateway', options.host, options.port);
  return {
    listener,
    mount(route) {
      routes.push(route);
      routes.sort((a, b) => b.prefix.length - a.prefix.length);
      return () => void routes.splice(routes.indexOf(route), 1);
    },
    close() {
      return new Promise((resolve) => {
        if (!server.listening) return resolve();
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
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
