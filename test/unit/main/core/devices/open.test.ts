import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { createPortOpener, parseAddress } from '../../../../../main/core/devices/open.ts';
import type { BytePort } from '../../../../../main/core/devices/port.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { portOptions } from '../../../../../preload/contract/ports.ts';
import { openPtyPair, type PtyPair } from '../../../../fakes/pty-pair.ts';
import { startRfc2217Server } from '../../../../fakes/rfc2217-server.ts';

const open = createPortOpener({ clock: systemClock, virtualBoards: new Map() });
const options = portOptions.parse({});
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function opened(port: BytePort): BytePort {
  cleanups.push(() => port.close());
  return port;
}

/** Collects a port's bytes; resolves once there are `count`. */
function collect(port: BytePort) {
  let all = Buffer.alloc(0);
  const times: number[] = [];
  let wake: () => void = () => {};
  port.onData((data, atUs) => {
    all = Buffer.concat([all, data]);
    times.push(atUs);
    wake();
  });
  return {
    times,
    async bytes(count: number): Promise<Buffer> {
      while (all.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return all;
    },
  };
}

function closing(port: BytePort): Promise<Error | null> {
  return new Promise((resolve) => port.onClose(resolve));
}

const everyByte = Uint8Array.from({ length: 512 }, (_, index) => index & 255);

describe('addresses', () => {
  test('name the kind of port', () => {
    expect(parseAddress('/dev/ttyUSB0')).toEqual({ kind: 'serial', path: '/dev/ttyUSB0' });
    expect(parseAddress('COM7')).toEqual({ kind: 'serial', path: 'COM7' });
    expect(parseAddress('socket://lab-3:5555')).toEqual({ kind: 'socket', peer: { host: 'lab-3', port: 5555 } });
    expect(parseAddress('RFC2217://[::1]:2217')).toEqual({ kind: 'rfc2217', peer: { host: '::1', port: 2217 } });
    expect(parseAddress('virtual://board-1')).toEqual({ kind: 'virtual', name: 'board-1' });
    expect(parseAddress('command://lab.gateway')).toEqual({ kind: 'command', name: 'lab.gateway' });
  });

  test.each([
    '',
    ' ',
    'http://x:1',
    'socket://x',
    'socket://x:0',
    'socket://x:70000',
    'socket://:80',
    'virtual://',
    'virtual://a/b',
    '/dev/\0',
  ])('%j is refused', (address) => {
    expect(() => parseAddress(address)).toThrow(expect.objectContaining({ code: 'port/bad-address' }));
  });
});

describe.skipIf(process.platform === 'win32')('a serial port', () => {
  async function pty(): Promise<PtyPair> {
    const pair = await openPtyPair();
    cleanups.push(() => pair.unplug());
    return pair;
  }

  test('carries every byte value both ways and stamps what it receives', async () => {
    const pair = await pty();
    const port = opened(await open(pair.path, options));
    const seen = collect(port);
    const beforeUs = systemClock.nowUs();
    await port.write(everyByte);
    expect(await pair.receivedBytes(512)).toEqual(Buffer.from(everyByte));
    await pair.send(everyByte);
    expect(await seen.bytes(512)).toEqual(Buffer.from(everyByte));
    for (const atUs of seen.times) expect(atUs).toBeGreaterThanOrEqual(beforeUs);
    expect(seen.times.every(Number.isInteger)).toBe(true);
  });

  test('hands out arrays that the next read does not overwrite', async () => {
    const pair = await pty();
    const port = opened(await open(pair.path, options));
    const chunks: Uint8Array[] = [];
    let wake: () => void = () => {};
    port.onData((data) => {
      chunks.push(data);
      wake();
    });
    for (const text of ['first', 'other']) {
      await pair.send(Buffer.from(text));
      while (Buffer.concat(chunks).length < 5 * (text === 'first' ? 1 : 2)) await new Promise<void>((resolve) => (wake = resolve));
    }
    expect(Buffer.concat(chunks).toString()).toBe('firstother');
  });

  test('keeps writes in order and whole under back-pressure', async () => {
    const pair = await pty();
    const port = opened(await open(pair.path, options));
    const blocks = Array.from({ length: 40 }, (_, index) => Buffer.alloc(4096, index));
    await Promise.all(blocks.map((block) => port.write(block)));
    expect((await pair.receivedBytes(40 * 4096)).equals(Buffer.concat(blocks))).toBe(true);
  });

  test('says that a PTY has no control lines, and still takes another baud rate', async () => {
    const port = opened(await open((await pty()).path, options));
    expect(await port.setSignals({ dtr: true, rts: false })).toBe(false);
    await port.setBaudRate(921600);
  });

  test.each([1_234_567, 31_250, 4_000_000])('takes any baud rate, %i among them', async (baudRate) => {
    const port = opened(await open((await pty()).path, { ...options, baudRate }));
    await port.setBaudRate(baudRate + 1000);
  });

  test.each(['rtscts', 'xonxoff'] as const)('with flow control %s carries text', async (flowControl) => {
    const pair = await pty();
    const port = opened(await open(pair.path, { ...options, flowControl }));
    await port.write(Buffer.from('hello'));
    expect(await pair.receivedBytes(5)).toEqual(Buffer.from('hello'));
  });

  test('is busy for a second opener', async () => {
    const pair = await pty();
    opened(await open(pair.path, options));
    await expect(open(pair.path, options)).rejects.toMatchObject({ code: 'port/busy', value: { data: { address: pair.path } } });
    // Who it is is found where /proc tells.
    if (process.platform === 'linux') {
      await expect(open(pair.path, options)).rejects.toMatchObject({ value: { data: { owner: `Talkbench, ${process.pid}` } } });
    }
  });

  test('that vanishes says so once, and later writes fail', async () => {
    const pair = await pty();
    const port = opened(await open(pair.path, options));
    const ends: (Error | null)[] = [];
    const ended = new Promise<void>((resolve) =>
      port.onClose((error) => {
        ends.push(error);
        resolve();
      }),
    );
    port.onData(() => {});
    await pair.unplug();
    await ended;
    await port.close();
    expect(ends).toEqual([expect.objectContaining({ code: 'port/lost' })]);
    await expect(port.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'port/closed' });
  });

  test('closes twice without complaint, tells null, and lets the next one open', async () => {
    const pair = await pty();
    const port = await open(pair.path, options);
    port.onData(() => {});
    const end = closing(port);
    await Promise.all([port.close(), port.close()]);
    expect(await end).toBeNull();
    opened(await open(pair.path, options));
  });

  test.each([
    ['/dev/no-such-port', 'port/not-found'],
    ['/dev/null', 'port/bad-address'],
    [tmpdir(), 'port/bad-address'],
  ])('%s fails with %s', async (path, code) => {
    await expect(open(path, options)).rejects.toMatchObject({ code });
  });

  test('refuses framing the system cannot do', async () => {
    await expect(open((await pty()).path, { ...options, parity: 'mark' })).rejects.toMatchObject({ code: 'port/unsupported' });
    await expect(open((await pty()).path, { ...options, stopBits: 1.5 })).rejects.toMatchObject({ code: 'port/unsupported' });
  });
});

describe('a socket port', () => {
  async function server(): Promise<{ address: string; client: Promise<Socket> }> {
    const tcp = createServer().listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    cleanups.push(() => tcp.close());
    const client = once(tcp, 'connection').then(([socket]: Socket[]) => {
      if (socket === undefined) throw new Error('no connection');
      cleanups.push(() => socket.destroy());
      return socket;
    });
    const bound = tcp.address();
    if (bound === null || typeof bound === 'string') throw new Error('no TCP port');
    return { address: `socket://127.0.0.1:${bound.port}`, client };
  }

  test('carries every byte value both ways, also what came before anyone listened', async () => {
    const { address, client } = await server();
    const port = opened(await open(address, options));
    const peer = await client;
    peer.write(everyByte);
    expect(await collect(port).bytes(512)).toEqual(Buffer.from(everyByte));
    await port.write(everyByte);
    expect(await once(peer, 'data')).toEqual([Buffer.from(everyByte)]);
    expect(await port.setSignals({ dtr: true, rts: true })).toBe(false);
  });

  test('is lost when the peer ends', async () => {
    const { address, client } = await server();
    const port = opened(await open(address, options));
    port.onData(() => {});
    const end = closing(port);
    (await client).end();
    expect(await end).toMatchObject({ code: 'port/lost' });
  });

  test('holds the writer back while the peer does not read', async () => {
    const { address, client } = await server();
    const port = opened(await open(address, options));
    const peer = await client;
    peer.pause();
    let done = 0;
    const writes = Array.from({ length: 64 }, () => port.write(new Uint8Array(256 * 1024)).then(() => done++));
    await Promise.race(writes);
    expect(done).toBeLessThan(64);
    peer.resume();
    await Promise.all(writes);
  });

  test('is refused when nobody listens', async () => {
    await expect(open('socket://127.0.0.1:1', options)).rejects.toMatchObject({
      code: 'port/refused',
      value: { data: { reason: 'ECONNREFUSED' } },
    });
  });
});

describe('an RFC 2217 port', () => {
  test('sets framing, and touches no control line until asked', async () => {
    const server = await startRfc2217Server();
    cleanups.push(() => server.close());
    const port = opened(await open(`rfc2217://127.0.0.1:${server.port}`, { ...options, parity: 'even', stopBits: 2, dataBits: 7 }));
    expect(server.log).toEqual(['baud 115200', 'data 7', 'parity 3', 'stop 2']);
    expect(await port.setSignals({ dtr: false, rts: true })).toBe(true);
    await port.setBaudRate(0xffff);
    expect(server.log.slice(4)).toEqual(['dtr off', 'rts on', 'purge 1', 'baud 65535']);
    expect(server.faults).toEqual([]);
  });

  test('carries every byte value both ways, 255 among them', async () => {
    const server = await startRfc2217Server();
    cleanups.push(() => server.close());
    const port = opened(await open(`rfc2217://127.0.0.1:${server.port}`, options));
    await port.write(everyByte);
    expect(await server.receivedBytes(512)).toEqual(Buffer.from(everyByte));
    const seen = collect(port);
    server.sendRaw([...everyByte].flatMap((byte) => (byte === 255 ? [255, 255] : [byte])));
    expect(await seen.bytes(512)).toEqual(Buffer.from(everyByte));
    expect(server.faults).toEqual([]);
  });

  test('is refused by a telnet server without the option', async () => {
    const server = await startRfc2217Server({ refuse: true });
    cleanups.push(() => server.close());
    await expect(open(`rfc2217://127.0.0.1:${server.port}`, options)).rejects.toMatchObject({
      code: 'port/refused',
      value: { data: { reason: 'no-com-port-option' } },
    });
  });

  test('says when the far end gives another baud rate than asked', async () => {
    const server = await startRfc2217Server({ highestBaudRate: 460800 });
    cleanups.push(() => server.close());
    const port = opened(await open(`rfc2217://127.0.0.1:${server.port}`, options));
    await expect(port.setBaudRate(921600)).rejects.toMatchObject({ code: 'port/unsupported' });
  });

  test('is lost when the server hangs up', async () => {
    const server = await startRfc2217Server();
    cleanups.push(() => server.close());
    const port = opened(await open(`rfc2217://127.0.0.1:${server.port}`, options));
    port.onData(() => {});
    const end = closing(port);
    server.hangUp();
    expect(await end).toMatchObject({ code: 'port/lost' });
  });
});
