import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { readHello } from '../../../pipeline/gateways/xiaozhi/hello.ts';
import { readBoardMessage } from '../../../pipeline/gateways/xiaozhi/messages.ts';
import { readOtaRequest } from '../../../pipeline/gateways/xiaozhi/ota.ts';
import { openPacket, readUdpHeader, writeUdpHeader } from '../../../pipeline/gateways/xiaozhi/packets.ts';
import { registered, type TestXiaozhi, testXiaozhi } from '../../fakes/xiaozhi-gateway.ts';

/** How many messages in all; a million by hand. */
const MESSAGES = Number(process.env.TALKBENCH_FUZZ ?? 4000);
/** The gateway closes a peer that sends more in a second. */
const PER_CONNECTION = 400;

/** The same everywhere: mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function maker(seed: number) {
  const next = random(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
  const bytes = (length: number) => Uint8Array.from({ length }, () => below(256));
  const values: readonly (() => unknown)[] = [
    () => null,
    () => below(1000) - 500,
    () => 1e308 * 10,
    () => '',
    () => 'x'.repeat(below(3000)),
    () => '\u0000\ud800',
    () => [],
    () => ({}),
    () => JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as unknown,
    () => ({ ['__proto__']: 1, constructor: 2 }),
  ];
  const words = ['hello', 'listen', 'abort', 'mcp', 'goodbye', 'iot', 'tts', 'start', 'stop', 'detect', 'auto', 'manual', 'realtime', ''];
  const value = () => (next() < 0.5 ? pick(words) : pick(values)());
  const fields = ['type', 'state', 'mode', 'text', 'reason', 'payload', 'session_id', 'version', 'features', 'audio_params', 'transport'];

  function message(): string {
    const body: Record<string, unknown> = { type: pick(words) };
    for (let count = below(6); count > 0; count--) body[pick(fields)] = value();
    if (next() < 0.3) {
      body.payload = {
        jsonrpc: pick(['2.0', 2, null]),
        id: pick([1, 2, 3, '1', null, -1, 1.5]),
        result: value(),
        error: pick([undefined, value(), { message: value() }]),
      };
    }
    const text = JSON.stringify(body);
    // Cut, doubled, or with a byte turned.
    const damage = below(6);
    if (damage === 0) return text.slice(0, below(text.length + 1));
    if (damage === 1) return text + text;
    if (damage === 2) return text.replace(/./u, String.fromCharCode(below(65_536)));
    return text;
  }

  /** A header that may be right, may lie, and may be cut. */
  function binary(): Uint8Array {
    const payload = bytes(below(80));
    const header = bytes(pick([0, 4, 16]));
    if (header.length === 16 && next() < 0.7)
      header.set([0, 2, 0, below(2), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, payload.length + below(3) - 1]);
    if (header.length === 4 && next() < 0.7) header.set([below(2), 0, 0, payload.length + below(3) - 1]);
    return Buffer.concat([header, payload]);
  }
  return { next, below, pick, bytes, message, binary };
}

let bench: TestXiaozhi;

beforeAll(async () => {
  bench = await testXiaozhi({ settings: { xiaozhi: { isTokenRequired: false, transport: 'mqtt' } } });
});
afterAll(async () => bench.close());

/** Whatever was sent before: a sound board still talks. */
async function stillServes(): Promise<void> {
  const board = bench.board(
    { kind: 'websocket', url: bench.url('v1').replace('http', 'ws'), token: '', version: 1 },
    { clientId: 'sound' },
  );
  const started = bench.conversations.next();
  await board.wake('auto');
  await started;
  await board.close();
  expect(bench.faults).toEqual([]);
}

async function answeredOrClosed(socket: WebSocket): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.once('pong', () => resolve());
    socket.once('close', () => resolve());
    if (socket.readyState === WebSocket.OPEN) socket.ping();
    else resolve();
  });
}

describe('hostile input to the xiaozhi listeners', () => {
  test('readers refuse or read whatever they get', { timeout: 600_000 }, () => {
    const { message, bytes, below, pick } = maker(1);
    for (let index = 0; index < MESSAGES; index++) {
      const text = message();
      const read = readBoardMessage(text);
      if (read?.kind === 'hello') expect([20, 40, 60]).toContain(readHello(read.body).frameMs);
      expect(readOtaRequest({ 'device-id': pick([text, registered, '']), 'user-agent': text }, text).language).toMatch(/^(zh|en)$/u);
      const datagram = pick([
        bytes(below(64)),
        Buffer.concat([writeUdpHeader({ ssrc: below(9), payloadBytes: below(9) }), bytes(below(9))]),
      ]);
      if (readUdpHeader(datagram) !== null) expect(openPacket(new Uint8Array(16), datagram).length).toBe(datagram.length - 16);
    }
  });

  test('WebSocket', { timeout: 600_000 }, async () => {
    const { message, binary, below, next, pick } = maker(2);
    const address = bench.url('v1/').replace('http', 'ws');
    for (let sent = 0; sent < MESSAGES; ) {
      const headers = { 'device-id': registered, 'protocol-version': pick(['1', '2', '3', '9', '']), 'client-id': 'fuzz' };
      const socket = new WebSocket(address, { headers });
      socket.on('error', () => {});
      await once(socket, 'open');
      if (next() < 0.9) socket.send('{"type":"hello","features":{"mcp":true}}');
      const count = Math.min(PER_CONNECTION, MESSAGES - sent);
      for (let index = 0; index < count; index++) {
        if (socket.readyState !== WebSocket.OPEN) break;
        if (below(3) === 0) socket.send(binary(), { binary: true });
        else socket.send(message());
      }
      sent += count;
      await answeredOrClosed(socket);
      if (next() < 0.5) socket.terminate();
      else socket.close();
      await new Promise<void>((resolve) => (socket.readyState === WebSocket.CLOSED ? resolve() : socket.once('close', () => resolve())));
      // What the events of all of them take is the test's own.
      bench.observer.events.length = 0;
      bench.conversations.started.length = 0;
    }
    await stillServes();
  });

  test('a flood, and a frame that is too large', { timeout: 60_000 }, async () => {
    const address = bench.url('v1/').replace('http', 'ws');
    const headers = { 'device-id': registered };
    const flood = new WebSocket(address, { headers });
    await once(flood, 'open');
    const flooded = once(flood, 'close');
    for (let index = 0; index < 2000; index++) flood.send('{"type":"listen"}');
    expect((await flooded)[0]).toBe(1008);
    const huge = new WebSocket(address, { headers });
    huge.on('error', () => {});
    await once(huge, 'open');
    const refused = once(huge, 'close');
    huge.send(new Uint8Array(100_000));
    expect((await refused)[0]).toBe(1009);
    await stillServes();
  });

  test('UDP', { timeout: 600_000 }, async () => {
    const { bytes, below, next } = maker(3);
    const port = bench.gateway.listeners.find(({ name }) => name === 'xiaozhi-udp')?.port ?? 0;
    const socket = createSocket('udp4');
    for (let index = 0; index < MESSAGES; index++) {
      const datagram =
        next() < 0.5
          ? bytes(below(200))
          : Buffer.concat([writeUdpHeader({ ssrc: below(2 ** 31), payloadBytes: 8, sequence: index }), bytes(8)]);
      await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve));
    }
    socket.close();
    const dropped = await bench.observer.until('dropped', ({ what }) => what === 'udp-datagram');
    expect(dropped.count).toBeGreaterThan(0);
    await stillServes();
  });

  test('MQTT', { timeout: 600_000 }, async () => {
    const { bytes, below, next, message, pick } = maker(4);
    const port = bench.gateway.listeners.find(({ name }) => name === 'xiaozhi-mqtt')?.port ?? 0;
    const clientId = 'GID_x@@@aa_bb_cc_dd_ee_ff@@@fuzz';
    const text = (value: string) => Buffer.concat([Uint8Array.of(0, Buffer.byteLength(value)), Buffer.from(value)]);
    const packetOf = (type: number, body: Uint8Array) => {
      const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
      return Buffer.concat([Uint8Array.of(type, ...length), body]);
    };
    const connectPacket = packetOf(
      0x10,
      Buffer.concat([text('MQTT'), Uint8Array.of(4, 0xc2, 0, 60), text(clientId), text('u'), text('p')]),
    );
    const publish = () =>
      packetOf(0x30, Buffer.concat([text(pick(['device-server', 'devices/p2p/aa', '$SYS/x', ''])), Buffer.from(message().slice(0, 8000))]));
    for (let sent = 0; sent < MESSAGES; ) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      if (next() < 0.8) socket.write(connectPacket);
      for (let count = 0; count < 40 && !socket.destroyed; count++, sent++) socket.write(next() < 0.7 ? publish() : bytes(below(60)));
      socket.end();
      const giveUp = setTimeout(() => socket.destroy(), 2000);
      await closed;
      clearTimeout(giveUp);
      bench.observer.events.length = 0;
    }
    await stillServes();
  });
});
