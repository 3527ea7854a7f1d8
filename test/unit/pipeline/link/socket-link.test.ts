import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { seededRandom } from '../../../../pipeline/link/random.ts';
import { SocketLink } from '../../../../pipeline/link/socket-link.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

const bad = { delayMs: 200, jitterMs: 100, lossPercent: 20, rateKbitS: null, isStalled: false };
const clock = new VirtualClock();
const random = (direction: string) => seededRandom(direction);
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Virtual time goes on as long as the promise has not settled; real sockets take their own. */
async function whileTimePasses<Value>(work: Promise<Value>): Promise<Value> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  work.then(end, end);
  while (!isOver) await clock.advance(20_000);
  return work;
}

async function pair(): Promise<{ bench: Socket; board: Socket }> {
  const server = createTcpServer({ allowHalfOpen: true });
  const port = await listening(server);
  const board = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [bench] = (await once(server, 'connection')) as [Socket];
  await (board.connecting ? once(board, 'connect') : undefined);
  closers.push(
    () => board.destroy(),
    () => bench.destroy(),
  );
  return { bench, board };
}

async function readAll(socket: Socket): Promise<string> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  await once(socket, 'end');
  return Buffer.concat(parts).toString('latin1');
}

describe('a bad link in an open socket', () => {
  it('carries every byte both ways and the end of each, while the link changes', async () => {
    const { bench, board } = await pair();
    const link = new SocketLink(bench, { clock, random });
    const up = Array.from({ length: 300 }, (_, index) => `up ${index};`.repeat(100)).join('');
    const down = Array.from({ length: 300 }, (_, index) => `down ${index};`.repeat(100)).join('');
    link.set(bad);
    const heard = Promise.all([readAll(bench), readAll(board)]);
    board.end(up);
    for (let at = 0; at < down.length; at += 7777) bench.write(down.slice(at, at + 7777), 'latin1');
    link.set({ ...bad, rateKbitS: 4000 });
    bench.end();
    const [atBench, atBoard] = await whileTimePasses(heard);
    expect([atBench === up, atBoard === down]).toEqual([true, true]);
  });

  it('holds the peer back once it holds as much as it may, and goes on after', async () => {
    const { bench, board } = await pair();
    const link = new SocketLink(bench, { clock, random });
    link.set({ ...bad, isStalled: true });
    const all = 'x'.repeat(20_000_000);
    const heard = readAll(bench);
    board.end(all);
    while (link.heldBytes < 64 * 1024) await setImmediate();
    // More would come now, if anybody read it.
    for (let turn = 0; turn < 100; turn++) await setImmediate();
    expect(link.heldBytes).toBeLessThan(64 * 1024 + 2 * 65_536);
    link.set({ ...bad, lossPercent: 0, delayMs: 1, jitterMs: 0 });
    expect((await whileTimePasses(heard)).length).toBe(all.length);
  });

  it('is out of the way once it has been taken off', async () => {
    const { bench, board } = await pair();
    const before = { push: bench.push, write: bench._write };
    const link = new SocketLink(bench, { clock, random });
    link.set(bad);
    expect(bench.push).not.toBe(before.push);
    bench.write('late');
    link.set(null);
    const [heard] = await whileTimePasses(once(board, 'data'));
    expect(String(heard)).toBe('late');
    await clock.advance(0);
    expect(bench.push).toBe(before.push);
    expect(bench._write).toBe(before.write);
    board.write('at once');
    expect(String((await once(bench, 'data'))[0])).toBe('at once');
  });

  it('works below a WebSocket that is open already', async () => {
    const server = createServer();
    const sockets = new WebSocketServer({ noServer: true });
    let stream: Duplex | null = null;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      stream = socket;
      sockets.handleUpgrade(request, socket, head, (webSocket) => webSocket.on('message', (data) => webSocket.send(`heard ${data}`)));
    });
    const board = new WebSocket(`ws://127.0.0.1:${await listening(server)}/`);
    closers.push(() => board.terminate());
    await once(board, 'open');
    if (stream === null) throw new Error('no upgrade');
    new SocketLink(stream, { clock, random }).set({ ...bad, lossPercent: 0, jitterMs: 0 });
    const fromUs = clock.nowUs();
    board.send('hello');
    const [data] = await whileTimePasses(once(board, 'message'));
    expect(String(data)).toBe('heard hello');
    expect(clock.nowUs() - fromUs).toBeGreaterThanOrEqual(400_000);
    board.close();
    await whileTimePasses(once(board, 'close'));
  });
});
