import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Behaviour } from '../../contract/engines/guarder.ts';
import { createWaiting } from './waiting.ts';

type Message = string | Uint8Array;

export interface Handshake {
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string | undefined>>;
}

/** One connection as the fake of a service sees it. */
export interface Connection extends Handshake {
  /** What it has said so far. */
  readonly heard: readonly Message[];
  /** Ends the connection as the service does. */
  close(code?: number, reason?: string): void;
}

export interface Refusal {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface FakeSocketServiceOptions {
  /** An HTTP status in place of a connection; null takes it. */
  refuse?(handshake: Handshake, behaviour: Behaviour): Refusal | null;
  /** Said when the connection is there. */
  greet?(connection: Connection, behaviour: Behaviour): readonly Message[];
  /** Said to a message; nothing for most. These are what 'hang', 'cut', 'slow' and 'odd-chunks' are done to. */
  answer(message: Message, connection: Connection, behaviour: Behaviour): readonly Message[];
  /** One message in pieces that cut samples and characters; binary ones are cut into ones and threes by default. */
  split?(message: Message): readonly Message[];
  /** For services with many requests on one connection; without it a connection is a request. */
  shared?: {
    /** The request that the client's message begins. */
    begun(message: Message): string | null;
    /** The request that a message ends: the client's, which cancels it, or the service's own. */
    ended(message: Message): string | null;
  };
}

export interface FakeSocketService {
  readonly origin: string;
  readonly connections: readonly Connection[];
  behave(behaviour: Behaviour): void;
  requests(): number;
  /** Connections made to it so far, the refused ones too. */
  handshakes(): number;
  /** Resolves when it has seen so many of them. */
  connected(count: number): Promise<void>;
  seen(count: number): Promise<void>;
  idle(): Promise<void>;
  /** Resolves when it has no connection left. */
  alone(): Promise<void>;
  /** Ends its connections as services do that nobody has said anything to for a while. */
  dropIdle(): Promise<void>;
  vanish(): Promise<void>;
  close(): Promise<void>;
}

const SLOW_MS = 3;

/** A service on a WebSocket that can be told to misbehave (the guarder's behaviours). */
export async function fakeSocketService(options: FakeSocketServiceOptions): Promise<FakeSocketService> {
  let behaviour: Behaviour = 'normal';
  const { shared } = options;
  let requestCount = 0;
  let handshakeCount = 0;
  const connections: Connection[] = [];
  const open = new Set<WebSocket>();
  /** Requests under way, of services with many on a connection. */
  const live = new Map<WebSocket, Set<string>>();
  const { until, changed } = createWaiting();
  const server = createServer((_request, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });

  server.on('upgrade', (request: IncomingMessage, stream, head) => {
    handshakeCount += 1;
    if (shared === undefined) requestCount += 1;
    changed();
    const url = new URL(request.url ?? '/', 'http://fake');
    const handshake: Handshake = { path: url.pathname, query: url.searchParams, headers: request.headers as Handshake['headers'] };
    const refusal = options.refuse?.(handshake, behaviour) ?? null;
    if (refusal !== null) {
      if (shared !== undefined) requestCount += 1;
      const body = refusal.body ?? '';
      const headers = { 'content-length': String(Buffer.byteLength(body)), connection: 'close', ...refusal.headers };
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      stream.end(`HTTP/1.1 ${refusal.status} Refused\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => serve(socket, handshake));
  });

  function serve(socket: WebSocket, handshake: Handshake): void {
    open.add(socket);
    const requests = new Set<string>();
    live.set(socket, requests);
    const heard: Message[] = [];
    const connection: Connection = { ...handshake, heard, close: (code, reason) => socket.close(code, reason) };
    connections.push(connection);
    const atFirst = behaviour;
    let talking: Promise<void> = Promise.resolve();
    const talk = (messages: readonly Message[], how: Behaviour, request: string | null) => {
      // Requests that share a connection are answered side by side.
      const before = request === null ? talking : Promise.resolve();
      talking = before.then(() => say(socket, messages, how, request)).catch(() => socket.terminate());
    };
    socket.on('close', () => {
      open.delete(socket);
      live.delete(socket);
      changed();
    });
    socket.on('error', () => socket.terminate());
    socket.on('message', (data, isBinary) => {
      const message = isBinary ? new Uint8Array(data as Buffer) : (data as Buffer).toString('utf8');
      heard.push(message);
      const present = shared === undefined ? atFirst : behaviour;
      const request = shared?.begun(message) ?? null;
      if (request !== null) {
        requestCount += 1;
        requests.add(request);
      }
      requests.delete(shared?.ended(message) ?? '');
      changed();
      if (present !== 'silent') talk(options.answer(message, connection, present), present, request);
    });
    if (atFirst !== 'silent') talk(options.greet?.(connection, atFirst) ?? [], 'normal', null);
  }

  async function say(socket: WebSocket, messages: readonly Message[], how: Behaviour, request: string | null): Promise<void> {
    if (messages.length === 0) return;
    const split = options.split ?? inOddPieces;
    const pieces = how === 'odd-chunks' ? messages.flatMap(split) : messages;
    const shown = how === 'hang' || how === 'cut' ? Math.ceil(pieces.length / 2) : pieces.length;
    for (const piece of pieces.slice(0, shown)) {
      const isWanted = request === null || live.get(socket)?.has(request) === true;
      await new Promise<void>((resolve) => socket.send(piece, () => resolve()));
      // What was on its way when it was cancelled still came.
      if (!isWanted) return;
      if (shared !== undefined) {
        live.get(socket)?.delete(shared.ended(piece) ?? '');
        changed();
      }
      await new Promise<void>((resolve) => (how === 'slow' ? setTimeout(resolve, SLOW_MS) : setImmediate(resolve)));
    }
    if (how === 'cut') socket.terminate();
  }

  async function vanish(): Promise<void> {
    for (const socket of open) socket.terminate();
    sockets.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `ws://127.0.0.1:${port}`,
    connections,
    behave: (next) => {
      behaviour = next;
    },
    requests: () => requestCount,
    seen: (count) => until(() => requestCount >= count),
    handshakes: () => handshakeCount,
    connected: (count) => until(() => handshakeCount >= count),
    idle: () => until(() => (shared === undefined ? open.size === 0 : [...live.values()].every(({ size }) => size === 0))),
    alone: () => until(() => open.size === 0),
    dropIdle() {
      for (const socket of open) socket.close(1000, 'idle');
      return until(() => open.size === 0);
    },
    vanish,
    close: vanish,
  };
}

function inOddPieces(message: Message): Message[] {
  if (typeof message === 'string') return [message];
  const pieces: Uint8Array[] = [];
  for (let at = 0, length = 1; at < message.length; at += length, length = pieces.length % 2 === 0 ? 1 : 3)
    pieces.push(message.subarray(at, at + length));
  return pieces;
}
