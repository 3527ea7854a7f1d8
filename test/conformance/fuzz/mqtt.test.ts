import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { buildCredentials } from '../../../pipeline/gateways/twetalk/credentials.ts';
import { type BrokerBench, testBroker } from '../../fakes/broker.ts';
import { TestDevice, testDevice } from '../../fakes/twetalk.ts';

/** Pieces that are sent; the million of the hand-run: TALKBENCH_FUZZ=1000000. */
const ITERATIONS = Number(process.env.TALKBENCH_FUZZ ?? 3000);
const SEED = Number(process.env.TALKBENCH_FUZZ_SEED ?? 20_260_101);
/** Of one connection: some last, most are ended by what they send. */
const PIECES = 20;
const AT_ONCE = 16;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Dice = ReturnType<typeof random>;
const below = (dice: Dice, limit: number) => Math.floor(dice() * limit);
const bytes = (dice: Dice, count: number) => Buffer.from(Array.from({ length: count }, () => below(dice, 256)));

const text = (value: string | Buffer) =>
  Buffer.concat([Buffer.of(Buffer.byteLength(value) >> 8, Buffer.byteLength(value) & 0xff), Buffer.from(value)]);

/** MQTT 3.1.1 §2.2: type and flags, the length in sevens, what follows. */
function packet(first: number, ...parts: (Buffer | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from([...part])));
  const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return Buffer.concat([Buffer.of(first, ...length), body]);
}

function packets(): Buffer[] {
  const { username, password } = buildCredentials(testDevice);
  const topic = '$thing/up/property/ABCDEFGHIJ/dev01';
  const head = (flags: number) => [text('MQTT'), [4, flags, 0, 60]] as const;
  // Not the live board's client id: it would rightly push that one off.
  const desk = text('desk');
  return [
    packet(0x10, ...head(0xc2), desk, text(username), text(password)),
    packet(0x10, ...head(0xc2), desk, text(username), text('no')),
    packet(0x10, ...head(0x2e), desk, text('w'), text('x')), // a will, retained, and nobody's name
    packet(0x33, text(topic), [0, 7], Buffer.from('{"method":"report"}')), // QoS 1, retained
    packet(0x30, text(topic), Buffer.alloc(4000, 0x5b)),
    packet(0x3c, text(topic), [0, 8], Buffer.from('{}')), // QoS 2, a duplicate
    packet(0x82, [0, 9], text(topic.replace('up', 'down')), [1], text('#'), [0]),
    packet(0xa2, [0, 10], text(topic)),
    packet(0x62, [0, 8]),
    packet(0xc0),
  ];
}

/** A true packet, or one that lies: about its length, its type, its contents, or by stopping in the middle. */
function broken(dice: Dice, known: readonly Buffer[]): Buffer {
  const chosen = Buffer.from(known[below(dice, known.length)] ?? []);
  switch (below(dice, 7)) {
    case 0:
      return bytes(dice, 1 + below(dice, 200));
    case 1:
      return chosen.subarray(0, 1 + below(dice, chosen.length));
    case 2:
      chosen[1] = below(dice, 256);
      return chosen;
    case 3:
      for (let count = 1 + below(dice, 4); count > 0; count--) chosen[below(dice, chosen.length)] = below(dice, 256);
      return chosen;
    case 4:
      return Buffer.concat([Buffer.of(below(dice, 256), 0xff, 0xff, 0xff, below(dice, 256)), bytes(dice, below(dice, 50))]);
    case 5:
      chosen[0] = (below(dice, 16) << 4) | below(dice, 16);
      return chosen;
    default:
      return chosen;
  }
}

/** Ends with the peer's end, an error, or ours when all was sent. */
function send(socket: Socket, pieces: readonly Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
    for (const piece of pieces) socket.write(piece);
    socket.end();
  });
}

async function bench(): Promise<{ started: BrokerBench; board: TestDevice }> {
  const started = await testBroker({ settings: { broker: { connectionsPerMinute: 10_000, messagesPerSecond: 10_000 } } });
  closers.push(() => started[Symbol.asyncDispose]());
  const board = await TestDevice.connect(started.port('mqtt'));
  closers.push(() => board.close());
  return { started, board };
}

/** The board that was there all along still is, and is heard. */
async function expectUnharmed({ started, board }: Awaited<ReturnType<typeof bench>>): Promise<void> {
  expect(board.client.connected).toBe(true);
  await board.send('property', '{"method":"report","clientToken":"after all that"}');
  await started.message(({ payload }) => Buffer.from(payload).toString().includes('after all that'));
  expect(started.faults).toEqual([]);
  expect(started.devices.list()).toMatchObject([{ deviceName: 'dev01', isOnline: true, connectionCount: 1 }]);
}

const patient = Math.max(60_000, ITERATIONS * 5);

test(
  `${ITERATIONS} broken MQTT packets (seed ${SEED}) harm nobody else`,
  async () => {
    const both = await bench();
    const dice = random(SEED);
    const known = packets();
    for (let sent = 0; sent < ITERATIONS; ) {
      const connections = Array.from({ length: AT_ONCE }, () => {
        const first = dice() < 0.7 ? [known[0] ?? Buffer.alloc(0)] : [];
        return [...first, ...Array.from({ length: PIECES }, () => broken(dice, known))];
      });
      sent += AT_ONCE * PIECES;
      await Promise.all(connections.map((pieces) => send(connectPlain(both.started.port('mqtt'), '127.0.0.1'), pieces)));
    }
    await expectUnharmed(both);
  },
  patient,
);

test(
  `broken TLS hellos, and broken MQTT under TLS (seed ${SEED}), harm nobody else`,
  async () => {
    const both = await bench();
    const dice = random(SEED + 1);
    const known = packets();
    const port = both.started.port('mqtt-tls');
    const hello = Buffer.from(
      '160301007c0100007803030000000000000000000000000000000000000000000000000000000000000000000004c02bc02f0100',
      'hex',
    );
    for (let sent = 0; sent < ITERATIONS; sent += AT_ONCE) {
      const sockets = Array.from({ length: AT_ONCE }, (_, index) => {
        if (index === 0)
          return send(
            connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }),
            Array.from({ length: PIECES }, () => broken(dice, known)),
          );
        const piece = dice() < 0.3 ? bytes(dice, 1 + below(dice, 300)) : Buffer.concat([hello, bytes(dice, below(dice, 200))]);
        if (dice() < 0.5) piece[below(dice, Math.min(48, piece.length))] = below(dice, 256);
        return send(connectPlain(port, '127.0.0.1'), [piece]);
      });
      await Promise.all(sockets);
    }
    await expectUnharmed(both);
  },
  patient,
);
