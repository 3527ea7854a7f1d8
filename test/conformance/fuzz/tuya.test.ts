import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attribute, attributeIds as ids } from '../../../pipeline/gateways/tuya/wire/attributes.ts';
import { encodeFrameV2, fragments } from '../../../pipeline/gateways/tuya/wire/frames.ts';
import { encodePacket, packet } from '../../../pipeline/gateways/tuya/wire/packet.ts';
import { type TuyaTestBench, tuyaTestBench } from '../../fakes/tuya.ts';

/** Messages of hostile peers; the full million is run by hand: TALKBENCH_FUZZ=1000000. */
const MESSAGES = Number(process.env.TALKBENCH_FUZZ ?? 3000);
const PER_CONNECTION = 25;

let bench: TuyaTestBench;
beforeAll(async () => {
  bench = await tuyaTestBench({ settings: { devices: { unknownDevices: 'accept' } } });
});
afterAll(() => bench.close());

/** Mulberry32: the same numbers in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const next = randomFrom(20_260_101);
const below = (limit: number) => Math.floor(next() * limit);
const junk = (length: number) => Uint8Array.from({ length }, () => below(256));
const unsigned = { key: new Uint8Array(32), level: 0 } as const;

function hello(): Uint8Array {
  const attributes = [
    attribute(ids.clientType, 1),
    attribute(ids.clientId, `fuzz-${below(8)}`),
    attribute(ids.securitySuit, Buffer.concat([Uint8Array.of(0), junk(32)])),
    attribute(ids.maxFragmentLength, below(2 ** 32)),
    attribute(ids.pingIntervalMs, below(2 ** 32)),
  ];
  return encodeFrameV2({ sequence: 1, fragment: fragments.whole }, encodePacket(2, packet(1, attributes)), unsigned);
}

/** Packets that are nearly right: known types and ids, values of any kind, lengths that lie. */
function nearly(sequence: number): Uint8Array {
  const types = [4, 7, 8, 9, 11, 12, 30, 31, 32, 33, 34, 35, below(128)];
  const values = [
    () => junk(below(40)),
    () => new TextEncoder().encode(['s', 'e', '{"chatAttributes":{"asr.enableVad":true}}', '[[[['][below(4)] ?? ''),
  ];
  const some = Array.from({ length: below(5) }, () => ({
    id: [43, 61, 111, 45, 80, 90, 100, 1002, below(65_536)][below(9)] ?? 0,
    value: values[below(2)]?.() ?? junk(1),
  }));
  const named = below(2) === 0 ? [attribute(ids.sessionId, `s-${below(30)}`), attribute(ids.eventId, `e-${below(3)}`)] : [];
  const payloads = [
    () => Uint8Array.of(0, 8, 0, 1, 0, 3, 0, 5, 0, 7, 0, 4, 0, 2, 0, 4),
    () => Uint8Array.of(0, below(8), ...junk(below(30))),
    () => Uint8Array.of(0, [1, 3, 5, 7][below(4)] ?? 1, below(256), ...junk(below(300))),
    () => junk(below(60)),
  ];
  const bytes = Buffer.from(
    encodePacket(2, packet(types[below(types.length)] ?? 35, [...named, ...some], payloads[below(4)]?.() ?? junk(1))),
  );
  if (below(6) === 0 && bytes.length > 0) bytes[below(bytes.length)] = below(256);
  const fragment = below(12) === 0 ? ([1, 2, 3][below(3)] as 1 | 2 | 3) : fragments.whole;
  const frame = Buffer.from(encodeFrameV2({ sequence: below(40) === 0 ? below(65_536) : sequence, fragment }, bytes, unsigned));
  if (below(30) === 0) frame.writeUInt16BE(below(65_536), 3);
  return frame;
}

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: bench.port });
    socket.on('error', reject);
    socket.on('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      socket.resume();
      resolve(socket);
    });
  });
}

async function hostile(count: number): Promise<void> {
  const socket = await open();
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const kind = below(4);
  const parts = Array.from({ length: count }, (_, index) => {
    if (kind === 0) return junk(1 + below(200));
    if (kind === 1 && index === 0) return Buffer.concat([Uint8Array.of(1, 0, 1, 0, 0), junk(4)]);
    return index === 0 ? hello() : nearly(index + 1);
  });
  for (const part of parts) socket.write(part);
  socket.end();
  await closed;
}

test(`${MESSAGES} messages of hostile peers: every one is hung up on or outlived, and a good device notices nothing`, {
  timeout: 60_000 + MESSAGES * 4,
}, async () => {
  const device = await bench.connect();
  const session = device.openSession();
  for (let sent = 0; sent < MESSAGES; sent += PER_CONNECTION * 4) {
    await Promise.all(Array.from({ length: 4 }, () => hostile(PER_CONNECTION)));
    // It lives: a device that says nothing for three pings is hung up on, and a million messages take longer.
    device.ping();
    bench.observer.events.length = 0;
    bench.conversations.started.splice(1);
  }
  const eventId = session.startEvent();
  session.endEvent(eventId);
  expect(await session.turns.until(eventId)).toMatchObject({ eventId });
  expect(device.violations).toEqual([]);
  expect(bench.faults).toEqual([]);
  // What a peer that never finishes holds is bounded by one frame and one packet; when it goes nothing of it stays.
  while (bench.gateway.connections().length > 1) await new Promise((resolve) => setImmediate(resolve));
});
