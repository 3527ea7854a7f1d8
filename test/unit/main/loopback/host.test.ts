import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { attach } from '../../../../main/loopback/attach.ts';
import { type LoopbackHost, type LoopbackHostOptions, startLoopbackHost } from '../../../../main/loopback/host.ts';
import { createClient } from '../../../../preload/contract/client.ts';
import { createReconnectingClient } from '../../../../preload/contract/reconnecting.ts';
import { silentLog, testEndpoint } from '../../../conformance/harness.ts';

let staticDirectory = '';
beforeAll(async () => {
  staticDirectory = await mkdtemp(join(tmpdir(), 'talkbench-static-'));
  await writeFile(join(staticDirectory, 'index.html'), '<p>page</p>');
});
afterAll(() => rm(staticDirectory, { recursive: true }));

async function started(
  options: Partial<LoopbackHostOptions> = {},
): Promise<LoopbackHost & AsyncDisposable & { endpoint: LoopbackHostOptions['endpoint'] }> {
  const endpoint = testEndpoint({ calls: { 'boards.list': async () => ({ boards: [] }), 'sessions.import': async () => ({ id: 'x' }) } });
  const host = await startLoopbackHost({ endpoint, staticDirectory, port: 0, log: silentLog, ...options });
  return { ...host, endpoint, [Symbol.asyncDispose]: () => host.close() };
}

/** A request with the headers a browser would not let a page set. */
function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
  });
}

/** What becomes of an upgrade: the HTTP status it was refused with, or the close code after it was accepted. */
function upgrade(port: number, options: { token?: string; path?: string; headers?: Record<string, string> }): Promise<number> {
  const protocols = ['talkbench.v1', ...(options.token === undefined ? [] : [`token.${options.token}`])];
  const socket = new WebSocket(`ws://127.0.0.1:${port}${options.path ?? '/contract'}`, protocols, { headers: options.headers ?? {} });
  return new Promise((resolve) => {
    socket.on('unexpected-response', (outgoing, response) => {
      outgoing.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => resolve(code));
    // An accepted client is greeted; hang up then.
    socket.on('open', () => socket.send(Uint8Array.of(0xc0)));
  });
}

const BAD_FRAME = 4403;
const FORBIDDEN = 4401;

describe('the page', () => {
  it('is served to this machine with its policy and no CORS', async () => {
    await using host = await started();
    const page = await get(host.port, '/');
    expect([page.status, page.body]).toEqual([200, '<p>page</p>']);
    expect(page.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("script-src 'self';"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(page.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('is not served under a foreign name (DNS rebinding), nor anything outside its folder', async () => {
    await using host = await started();
    expect((await get(host.port, '/', { host: `evil.com:${host.port}` })).status).toBe(403);
    expect((await get(host.port, '/..%2f..%2fetc/passwd')).status).toBeGreaterThanOrEqual(400);
    expect(await get(host.port, '/missing.js')).toMatchObject({ status: 404, body: '' });
  });
});

describe('the contract', () => {
  it('is served with the right token, from our own page or a program', async () => {
    await using host = await started();
    const { port, token } = host;
    expect(await upgrade(port, { token })).toBe(BAD_FRAME); // let in, and then understood enough to refuse what it said
    expect(await upgrade(port, { token, headers: { origin: `http://127.0.0.1:${port}` } })).toBe(BAD_FRAME);
  });

  it('is refused to another origin, another name, another path, and without the token', async () => {
    await using host = await started();
    const { port, token } = host;
    expect(await upgrade(port, { token, headers: { origin: 'http://evil.com' } })).toBe(403);
    expect(await upgrade(port, { token, headers: { origin: `http://localhost:${port}` } })).toBe(403);
    expect(await upgrade(port, { token, headers: { host: `evil.com:${port}` } })).toBe(403);
    expect(await upgrade(port, { token, path: '/' })).toBe(404);
    expect(await upgrade(port, {})).toBe(FORBIDDEN);
    expect(await upgrade(port, { token: token.slice(1) })).toBe(FORBIDDEN);
    expect(host.endpoint.connectionCount).toBe(0);
  });

  it('stops answering wrong tokens, and still takes the right one', async () => {
    await using host = await started();
    const outcomes: number[] = [];
    for (let i = 0; i < 11; i++) outcomes.push(await upgrade(host.port, { token: 'wrong' }));
    expect(outcomes).toEqual([...Array.from({ length: 10 }, () => FORBIDDEN), 429]);
    const client = createClient(await attach(host));
    expect((await client.welcome).host).toBe('loopback');
    client.close();
  });

  it('tells the client that its token was wrong, and a reconnecting one gives up', async () => {
    await using host = await started();
    await expect(createClient(await attach({ url: host.url, token: 'wrong' })).welcome).rejects.toMatchObject({ code: 'forbidden' });
    const client = createReconnectingClient(() => attach({ url: host.url, token: 'wrong' }));
    await new Promise<void>((resolve) => client.onState(() => resolve()));
    expect(client.state).toMatchObject({ state: 'lost', retryInMs: null, error: { code: 'forbidden' } });
    client.close();
  });

  it('outlives a bad frame from a client it has just refused', async () => {
    await using host = await started();
    const socket = connect(host.port, '127.0.0.1');
    const head = [
      'GET /contract HTTP/1.1',
      `Host: 127.0.0.1:${host.port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: talkbench.v1, token.wrong',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    await once(socket, 'data');
    // Unmasked, all reserved bits set: what `ws` calls an error.
    socket.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    await once(socket, 'close');
    expect((await get(host.port, '/')).status).toBe(200);
  });

  it('has two roles, the second only when asked for', async () => {
    await using plain = await started();
    expect(plain.viewerToken).toBeNull();
    await using host = await started({ allowViewerToken: true });
    const client = createClient(await attach({ url: host.url, token: host.viewerToken ?? '' }));
    expect((await client.welcome).role).toBe('viewer');
    client.close();
  });

  it('closes on a frame beyond its limit', async () => {
    await using host = await started({ maxPayloadBytes: 10_000 });
    const client = createClient(await attach(host));
    const closed = new Promise<string>((resolve) => client.onClose(resolve));
    const call = client.call('sessions.import', { data: new Uint8Array(20_000) });
    await expect(call).rejects.toMatchObject({ code: 'disconnected' });
    expect(await closed).toBe('too-large');
  });

  it('drops a peer that no longer answers pings', async () => {
    await using host = await started({ pingIntervalMs: 20 });
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/contract`, ['talkbench.v1', `token.${host.token}`], { autoPong: false });
    await once(socket, 'open');
    expect((await once(socket, 'close'))[0]).toBe(1006);
  });
});

describe('startLoopbackHost', () => {
  it('makes a 192-bit token for each start and puts it in the fragment', async () => {
    await using first = await started();
    await using second = await started();
    expect(Buffer.from(first.token, 'base64url')).toHaveLength(24);
    expect(first.token).not.toBe(second.token);
    expect(first.url).toBe(`http://127.0.0.1:${first.port}/#token=${first.token}`);
  });

  it.each(['0.0.0.0', '::', '192.168.1.2', 'example.com'])('refuses to listen on %s', async (host) => {
    await expect(started({ host })).rejects.toMatchObject({ value: { code: 'listen/refused', data: { host, reason: 'not-loopback' } } });
  });

  it('names a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(started({ port })).rejects.toMatchObject({ value: { code: 'listen/in-use', data: { listener: 'ui', port } } });
    other.close();
  });

  it('closes while clients are connected, and frees the port', async () => {
    const host = await started();
    const client = createClient(await attach(host));
    await client.welcome;
    const onClose = vi.fn();
    const closed = new Promise<void>((resolve) => client.onClose((reason) => resolve(onClose(reason))));
    await host.close();
    await closed;
    expect(onClose).toHaveBeenCalledWith('host-stopped');
    await expect(attach(host)).rejects.toMatchObject({ code: 'disconnected', value: { retryable: true } });
  });
});
