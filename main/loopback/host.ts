import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { TalkError } from '../../preload/contract/errors.ts';
import { PAGE_HEADERS } from '../../preload/contract/page-policy.ts';
import { MAX_CALL_BYTES } from '../../preload/contract/protocol.ts';
import { CONTRACT_PATH, closeCodes, SUBPROTOCOL, serverSocketTransport } from '../../preload/contract/transports/websocket.ts';
import type { Endpoint, EndpointLog } from '../core/endpoint/endpoint.ts';
import { BadTokens, isLoopbackHost, isOwnOrigin, offeredToken, type Role, roleOf } from './admission.ts';
import { frameCodec } from './codec.ts';

const TOKEN_BYTES = 24;
const PING_INTERVAL_MS = 15_000;
/** Room for a frame's own fields and for text that takes more bytes than characters. */
const FRAME_OVERHEAD_BYTES = 16 * 1024 * 1024;
const loopbackAddresses = new Set(['127.0.0.1', '::1', 'localhost']);

export interface LoopbackHostOptions {
  endpoint: Endpoint;
  /** The built page. Served without a token: it is public; the data behind it is not. */
  staticDirectory: string;
  /** 0 takes a free one. */
  port: number;
  host?: string;
  /** Fixed for tests and scripts; otherwise 192 random bits for each start. */
  token?: string;
  /** Also makes a token that may look but not touch. */
  allowViewerToken?: boolean;
  log: EndpointLog;
  pingIntervalMs?: number;
  maxPayloadBytes?: number;
}

export interface LoopbackHost {
  /** With the token in its fragment, which never reaches a server, a log or a Referer. */
  url: string;
  port: number;
  token: string;
  viewerToken: string | null;
  close(): Promise<void>;
}

/**
 * Serves the page over HTTP and the contract over WebSocket, to this machine only (reference/desktop.md §5.3).
 * @throws TalkError `listen/refused` for an address that is not loopback (use an SSH tunnel), `listen/in-use`
 */
export async function startLoopbackHost(options: LoopbackHostOptions): Promise<LoopbackHost> {
  const host = options.host ?? '127.0.0.1';
  if (!loopbackAddresses.has(host)) throw new TalkError('listen/refused', { listener: 'ui', host, reason: 'not-loopback' });
  const tokens: Record<Role, string | null> = {
    operator: options.token ?? newToken(),
    viewer: options.allowViewerToken ? newToken() : null,
  };

  const server = await createPageServer(options.staticDirectory);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxPayloadBytes ?? MAX_CALL_BYTES + FRAME_OVERHEAD_BYTES,
    perMessageDeflate: false, // most of the bytes are audio
    handleProtocols: () => SUBPROTOCOL,
  });
  const badTokens = new BadTokens();

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const role = roleOf(offeredToken(request.headers['sec-websocket-protocol']), tokens);
    const refusal = refusalOf(request, role);
    if (refusal === null) admit(request, socket, head, role);
    else socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  function refusalOf(request: IncomingMessage, role: Role | null): string | null {
    if (URL.parse(request.url ?? '', 'http://host')?.pathname !== CONTRACT_PATH) return '404 Not Found';
    if (!isLoopbackHost(request.headers.host) || !isOwnOrigin(request.headers)) return '403 Forbidden';
    return role === null && !badTokens.note() ? '429 Too Many Requests' : null;
  }

  function admit(request: IncomingMessage, socket: Duplex, head: Buffer, role: Role | null): void {
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      // Heard here, because nobody else listens on a refused one: `ws` throws the error of a bad frame nobody listens for.
      accepted.on('error', () => accepted.terminate());
      if (role === null) {
        options.log.warn({}, 'a connection with a wrong token was refused');
        // A page cannot see the status of a refused upgrade, only a close code; with this it stops trying and says why.
        accepted.close(closeCodes.forbidden, 'forbidden');
      } else {
        keepAlive(accepted, options.pingIntervalMs ?? PING_INTERVAL_MS);
        options.endpoint.accept(serverSocketTransport(accepted, frameCodec), { role, host: 'loopback' });
      }
    });
  }
  server.server.on('upgrade', onUpgrade);

  try {
    await server.listen({ host, port: options.port });
  } catch (error) {
    await server.close();
    throw listenError(error, host, options.port);
  }
  const { port } = server.server.address() as AddressInfo;
  const token = tokens.operator ?? '';
  return {
    url: `http://${host === '::1' ? '[::1]' : host}:${port}/#token=${token}`,
    port,
    token,
    viewerToken: tokens.viewer,
    async close() {
      for (const socket of sockets.clients) socket.close(1001, 'host-stopped');
      sockets.close();
      await server.close();
      // A client that has not answered the close by now never will.
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}

/** HTTP to this machine only, GET only, with the page's policy on every answer. */
async function createPageServer(staticDirectory: string): Promise<FastifyInstance> {
  const server = fastify({ forceCloseConnections: true });
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(PAGE_HEADERS);
    if (!isLoopbackHost(request.headers.host)) await reply.code(403).send();
  });
  await server.register(fastifyStatic, { root: staticDirectory, cacheControl: false });
  server.setNotFoundHandler((_request, reply) => reply.code(404).send());
  server.setErrorHandler((_error, _request, reply) => reply.code(500).send());
  return server;
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** A peer that vanished without a FIN (a suspended laptop behind a tunnel) is found out after two intervals. */
function keepAlive(socket: WebSocket, intervalMs: number): void {
  let hasAnswered = true;
  const timer = setInterval(() => {
    if (hasAnswered) socket.ping();
    else socket.terminate();
    hasAnswered = false;
  }, intervalMs);
  socket.on('pong', () => {
    hasAnswered = true;
  });
  socket.on('close', () => clearInterval(timer));
}

function listenError(error: unknown, host: string, port: number): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') return new TalkError('listen/in-use', { listener: 'ui', host, port }, { cause: error });
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new TalkError('listen/refused', { listener: 'ui', host, port, reason: code }, { cause: error });
  }
  return error;
}
