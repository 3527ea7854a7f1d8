import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Behaviour } from '../../contract/engines/guarder.ts';
import { createWaiting } from './waiting.ts';

/** A request as the fake of a service sees it. */
export interface Exchange {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  /** Written one after the other; what a real service would flush at once is one piece. */
  pieces: readonly (string | Uint8Array)[];
}

export interface FakeHttpServiceOptions {
  /** What the service does with a request that is right. Strict: throws ServiceRefusal for one the real service would refuse. */
  answer(exchange: Exchange): Answer;
  inBandError(exchange: Exchange): Answer;
  rateLimited(exchange: Exchange): Answer;
  /** With the key in it, as bad services do. */
  wrongKey(exchange: Exchange): Answer;
  /** Requests besides the one that matters: cancelling, stopping. They are answered, and not counted. */
  isAside?(exchange: Exchange): boolean;
}

export interface FakeHttpService extends AsyncDisposable {
  readonly origin: string;
  readonly exchanges: readonly Exchange[];
  readonly asides: readonly Exchange[];
  behave(behaviour: Behaviour): void;
  requests(): number;
  /** TCP connections made to it so far. */
  connections(): number;
  /** The same, as the guarder asks for it. */
  handshakes(): number;
  /** Resolves when it has seen so many of them. */
  connected(count: number): Promise<void>;
  /** Ends the connections that no request is on, as services do after a while. */
  dropIdle(): Promise<void>;
  seen(count: number): Promise<void>;
  idle(): Promise<void>;
  vanish(): Promise<void>;
  close(): Promise<void>;
}

/** The real service would have refused this request. */
export class ServiceRefusal extends Error {
  readonly answer: Answer;
  constructor(status: number, body: unknown) {
    super(`refused with ${status}`);
    this.answer = { status, headers: { 'content-type': 'application/json' }, pieces: [JSON.stringify(body)] };
  }
}

const SLOW_MS = 3;

/** A service on HTTP that can be told to misbehave (the guarder's behaviours). */
export async function fakeHttpService(options: FakeHttpServiceOptions): Promise<FakeHttpService> {
  let behaviour: Behaviour = 'normal';
  const exchanges: Exchange[] = [];
  const asides: Exchange[] = [];
  const busy = new Set<ServerResponse>();
  const { until, changed } = createWaiting();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'OPTIONS') {
      // Asked only for its connection: no service needs to be told a key for that.
      const isTold = ['authorization', 'xi-api-key', 'ocp-apim-subscription-key'].some((name) => request.headers[name] !== undefined);
      response.writeHead(isTold ? 500 : 404).end('no such path');
      return;
    }
    busy.add(response);
    response.on('close', () => {
      busy.delete(response);
      changed();
    });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const url = new URL(request.url ?? '/', 'http://fake');
    const exchange: Exchange = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers as Exchange['headers'],
      body: Buffer.concat(parts).toString('utf8'),
    };
    const isAside = options.isAside?.(exchange) === true;
    (isAside ? asides : exchanges).push(exchange);
    changed();
    if (isAside) return write(response, answerTo(exchange), 'normal');
    if (behaviour === 'silent') return;
    if (behaviour === 'rate-limited') return write(response, options.rateLimited(exchange), 'normal');
    if (behaviour === 'wrong-key') return write(response, options.wrongKey(exchange), 'normal');
    if (behaviour === 'in-band-error') return write(response, options.inBandError(exchange), 'normal');
    return write(response, answerTo(exchange), behaviour);
  }

  function answerTo(exchange: Exchange): Answer {
    try {
      return options.answer(exchange);
    } catch (error) {
      if (error instanceof ServiceRefusal) return error.answer;
      throw error;
    }
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  let connections = 0;
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    connections += 1;
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      changed();
    });
    changed();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  async function vanish(): Promise<void> {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  return {
    origin: `http://127.0.0.1:${port}`,
    exchanges,
    asides,
    behave: (next) => {
      behaviour = next;
    },
    requests: () => exchanges.length,
    connections: () => connections,
    handshakes: () => connections,
    connected: (count) => until(() => connections >= count),
    async dropIdle() {
      await until(() => busy.size === 0);
      for (const socket of open) socket.end();
      await until(() => open.size === 0);
    },
    seen: (count) => until(() => exchanges.length >= count),
    idle: () => until(() => busy.size === 0),
    vanish,
    close: vanish,
    [Symbol.asyncDispose]: vanish,
  };
}

/** The file of a multipart body, its content as text, and the fields beside it. Throws for what is no multipart with a file. */
export function filePart({ headers, body }: Exchange): { fileName: string; type: string; text: string; fields: Record<string, string> } {
  const boundary = /^multipart\/form-data; boundary=(\S+)$/u.exec(headers['content-type'] ?? '')?.[1];
  if (boundary === undefined || !body.trimEnd().endsWith(`--${boundary}--`)) throw new ServiceRefusal(400, { message: 'no multipart' });
  const fields: Record<string, string> = {};
  let file: { fileName: string; type: string; text: string } | undefined;
  for (const part of body.split(`--${boundary}`).slice(1, -1)) {
    const [head = '', text = ''] = part.slice(2, -2).split('\r\n\r\n');
    const name = / name="([^"]+)"/u.exec(head)?.[1];
    const fileName = / filename="([^"]+)"/u.exec(head)?.[1];
    const type = /^content-type: (\S+)$/imu.exec(head)?.[1] ?? '';
    if (name === 'file' && fileName !== undefined) file = { fileName, type, text };
    else if (name !== undefined) fields[name] = text;
  }
  if (file === undefined) throw new ServiceRefusal(400, { message: 'no file' });
  return { ...file, fields };
}

async function write(response: ServerResponse, answer: Answer, behaviour: Behaviour): Promise<void> {
  response.writeHead(answer.status ?? 200, {
    ...(answer.headers?.['content-length'] === undefined && { 'transfer-encoding': 'chunked' }),
    ...answer.headers,
  });
  response.flushHeaders();
  const pieces = behaviour === 'odd-chunks' ? inOddChunks(answer.pieces) : answer.pieces;
  const shown = behaviour === 'hang' || behaviour === 'cut' ? Math.ceil(pieces.length / 2) : pieces.length;
  for (const piece of pieces.slice(0, shown)) {
    if (response.destroyed) return;
    await new Promise((resolve) => response.write(piece, resolve));
    await new Promise((resolve) => (behaviour === 'slow' ? setTimeout(resolve, SLOW_MS) : setImmediate(resolve)));
  }
  if (behaviour === 'hang') return;
  if (behaviour === 'cut') response.destroy();
  else response.end();
}

/** One byte, then three, and so on: characters, samples and lines are cut anywhere. */
function inOddChunks(pieces: readonly (string | Uint8Array)[]): Uint8Array[] {
  const whole = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
  const chunks: Uint8Array[] = [];
  for (let at = 0, length = 1; at < whole.length; at += length, length = chunks.length % 2 === 0 ? 1 : 3)
    chunks.push(whole.subarray(at, at + length));
  return chunks;
}
