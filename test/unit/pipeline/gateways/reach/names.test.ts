import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { isPrivate, matches, startNames } from '../../../../../pipeline/gateways/reach/names.ts';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function server(options: { address?: string; names?: string[]; wallMs?: () => number } = {}) {
  const asked: { name: string; answer: string | null }[] = [];
  const names = await startNames({
    ...{ host: '127.0.0.1', port: 0, wallMs: options.wallMs ?? Date.now },
    names: () => options.names ?? ['*.iotcloud.tencentdevices.com', 'api.tenclass.net'],
    address: () => options.address ?? '',
    onQuery: ({ name, answer }) => asked.push({ name, answer }),
  });
  opened.push(names.close);
  const { port } = names.listener;
  // c-ares, which many devices' resolvers descend from.
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  return { asked, port, resolver };
}

describe('name server', () => {
  it('answers names of the list with our address in the asker’s network, whatever their case', async () => {
    const { resolver, asked } = await server();
    expect(await resolver.resolve4('VI5C901SKI.iotcloud.TencentDevices.com')).toEqual(['127.0.0.1']);
    expect(await resolver.resolve4('api.tenclass.net', { ttl: true })).toEqual([{ address: '127.0.0.1', ttl: 30 }]);
    expect(asked.map(({ answer }) => answer)).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('with the address the settings name', async () => {
    const { resolver } = await server({ address: '192.168.7.9' });
    expect(await resolver.resolve4('api.tenclass.net')).toEqual(['192.168.7.9']);
  });

  it('refuses every other name: it is no resolver', async () => {
    const { resolver, asked } = await server();
    for (const name of ['example.com', 'iotcloud.tencentdevices.com', 'evil-iotcloud.tencentdevices.com', 'api.tenclass.net.evil.com']) {
      await expect(resolver.resolve4(name)).rejects.toMatchObject({ code: 'EREFUSED' });
    }
    expect(asked.every(({ answer }) => answer === null)).toBe(true);
  });

  it('has no IPv6 for its names, and says so at once', async () => {
    const { resolver } = await server();
    await expect(resolver.resolve6('api.tenclass.net')).rejects.toMatchObject({ code: 'ENODATA' });
  });

  it('answers one asker no more often than a board asks', async () => {
    const { resolver, asked } = await server({ wallMs: () => 1000 });
    const results = await Promise.allSettled(Array.from({ length: 80 }, () => resolver.resolve4('api.tenclass.net')));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    expect(asked).toHaveLength(50);
  });

  it('lives on after whatever else comes', async () => {
    const { resolver, port } = await server();
    const socket = createSocket('udp4');
    const send = (datagram: Uint8Array) => new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve));
    const random = fc.sample(fc.uint8Array({ maxLength: 200 }), { numRuns: 500, seed: 7 });
    for (const datagram of random) await send(datagram);
    // A name that points at itself, and a header that promises questions it has not.
    await send(Buffer.from('000101000001000000000000c00c00010001', 'hex'));
    await send(Buffer.from('00010100ffffffffffffffff', 'hex'));
    socket.close();
    // The limit of questions a second is the socket's address, which the resolver shares: ask until the second is over.
    await expect.poll(() => resolver.resolve4('api.tenclass.net').catch(() => null), { timeout: 5000 }).toEqual(['127.0.0.1']);
  });

  it('says why it cannot open', async () => {
    const { port } = await server();
    const second = await startNames({ host: '127.0.0.1', port, names: () => [], address: () => '', wallMs: Date.now, onQuery: () => {} });
    expect(second.listener).toMatchObject({ state: 'failed', error: { code: 'listen/in-use' } });
    await second.close();
  });
});

it('a wildcard stands for at least one label', () => {
  expect(matches('a.b.com', '*.b.com')).toBe(true);
  expect(matches('x.a.b.com', '*.b.com')).toBe(true);
  expect(matches('.b.com', '*.b.com')).toBe(false);
  expect(matches('b.com', '*.b.com')).toBe(false);
});

it('only private networks are answered', () => {
  expect(['10.1.2.3', '172.16.0.1', '172.31.9.9', '192.168.1.1', '169.254.1.1', '127.0.0.1'].every(isPrivate)).toBe(true);
  expect(['8.8.8.8', '172.32.0.1', '192.169.0.1', '11.0.0.1', '100.64.0.1'].some(isPrivate)).toBe(false);
});
