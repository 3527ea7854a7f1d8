import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { shareByAddress } from '../../../../pipeline/gateways/address-share.ts';
import { createGatewayServer } from '../../../../pipeline/gateways/http.ts';
import { listen } from '../../../../pipeline/gateways/listen.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  closers.push(() => socket.destroy());
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'connect');
  return socket;
}

/** Whether the server took it: those it did are told so. */
async function isTaken(socket: Socket): Promise<boolean> {
  return Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)]);
}

async function greeter(most: number): Promise<{ port: number; refused: string[]; server: Server; left: () => Promise<void> }> {
  const refused: string[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((socket) => {
    if (socket.destroyed) return;
    socket.on('error', () => {});
    socket.on('close', () => waiting.shift()?.());
    socket.write('welcome');
  });
  shareByAddress(server, 'greeter', { most: () => most, onRefused: (listener, address) => refused.push(`${listener} ${address}`) });
  const { port } = await listen(server, 'greeter', '127.0.0.1', 0);
  closers.push(() => server.close());
  return { port, refused, server, left: () => new Promise((resolve) => waiting.push(resolve)) };
}

test('one address gets its share, is told once, and keeps nobody else out', async () => {
  const { port, refused } = await greeter(2);
  for (const expected of [true, true, false, false]) expect(await isTaken(await open(port))).toBe(expected);
  expect(refused).toEqual(['greeter 127.0.0.1']);
  if (process.platform === 'linux') expect(await isTaken(await open(port, '127.0.0.2'))).toBe(true);
});

test('what it lets go of it may have again', async () => {
  const { port, refused, left } = await greeter(1);
  const first = await open(port);
  expect(await isTaken(first)).toBe(true);
  expect(await isTaken(await open(port))).toBe(false);
  const gone = left();
  first.destroy();
  await gone;
  expect(await isTaken(await open(port))).toBe(true);
  expect(refused).toHaveLength(1);
});

test('over HTTP it is said: 503, and no route is asked', async () => {
  const asked: string[] = [];
  const http = await createGatewayServer({ host: '127.0.0.1', port: 0, perAddress: { most: () => 1, onRefused: () => {} } });
  closers.push(() => http.close());
  http.mount({ prefix: '/ws', onUpgrade: (request) => void asked.push(String(request.url)) });
  await open(http.listener.port);
  const second = connect({ host: '127.0.0.1', port: http.listener.port });
  closers.push(() => second.destroy());
  let text = '';
  second.on('data', (data) => (text += data.toString()));
  second.on('error', () => {});
  second.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await once(second, 'close');
  expect(text).toMatch(/^HTTP\/1\.1 503 /u);
  expect(asked).toEqual([]);
});
