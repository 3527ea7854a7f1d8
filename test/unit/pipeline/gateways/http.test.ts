import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createGatewayServer, type GatewayServer } from '../../../../pipeline/gateways/http.ts';

const open: GatewayServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});
async function server(options: Partial<Parameters<typeof createGatewayServer>[0]> = {}) {
  const created = await createGatewayServer({ host: '127.0.0.1', port: 0, ...options });
  open.push(created);
  return { created, base: `http://127.0.0.1:${created.listener.port}` };
}

test('a request goes to the longest prefix mounted, and to nobody once that is gone', async () => {
  const { created, base } = await server();
  created.mount({ prefix: '/a', onRequest: (_request, response) => response.end('short') });
  const unmount = created.mount({ prefix: '/a/b', onRequest: (_request, response) => response.end('long') });
  expect(await (await fetch(`${base}/a/b/c?x=1`)).text()).toBe('long');
  expect(await (await fetch(`${base}/a/c`)).text()).toBe('short');
  unmount();
  expect(await (await fetch(`${base}/a/b`)).text()).toBe('short');
  expect((await fetch(`${base}/other`)).status).toBe(404);
});

test('a route that is removed twice takes no other with it', async () => {
  const { created, base } = await server();
  created.mount({ prefix: '/a', onRequest: (_request, response) => response.end('stays') });
  const unmount = created.mount({ prefix: '/b', onRequest: (_request, response) => response.end('goes') });
  unmount();
  unmount();
  expect(await (await fetch(`${base}/a`)).text()).toBe('stays');
});

test('a plain request where an upgrade belongs is told so', async () => {
  const { created, base } = await server();
  created.mount({ prefix: '/ws', onUpgrade: (_request, socket) => socket.destroy() });
  expect((await fetch(`${base}/ws`)).status).toBe(426);
});

test('a refused upgrade ends even when the peer keeps its half open', async () => {
  const { created } = await server();
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port: created.listener.port, allowHalfOpen: true }, () => {
      socket.write('GET /nope HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
    socket.on('data', (data) => (text += data.toString()));
    socket.on('end', () => resolve(text));
    socket.on('error', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  await created.close();
});

test('a taken port and a foreign address are states, not exceptions', async () => {
  const { created } = await server();
  const { port } = created.listener;
  const taken = await server({ port });
  expect(taken.created.listener).toEqual({
    name: 'gateway',
    host: '127.0.0.1',
    port,
    state: 'failed',
    error: { code: 'listen/in-use', data: { listener: 'gateway', port }, retryable: true },
  });
  const foreign = await server({ host: '192.0.2.1' });
  expect(foreign.created.listener).toMatchObject({ state: 'failed', error: { code: 'listen/refused', data: { reason: 'EADDRNOTAVAIL' } } });
});
