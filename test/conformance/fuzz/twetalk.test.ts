import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { builtInThingModel } from '../../../pipeline/agent/thing-model/built-in.ts';
import { systemClock } from '../../../pipeline/clock.ts';
import { encodeForBoard } from '../../../pipeline/gateways/twetalk/board-text.ts';
import { DeviceRequests } from '../../../pipeline/gateways/twetalk/device-requests.ts';
import { decodeFrame, encodeFrame, type Frame } from '../../../pipeline/gateways/twetalk/frames.ts';
import { createTwetalkMemory } from '../../../pipeline/gateways/twetalk/memory.ts';
import { handleMessage, type ServiceDeps } from '../../../pipeline/gateways/twetalk/services.ts';
import { Tokens } from '../../../pipeline/gateways/twetalk/tokens.ts';
import { parseTopic } from '../../../pipeline/gateways/twetalk/topics.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import { TestDevice, TestSocket, testDevice, testGateway } from '../../fakes/twetalk.ts';

/** Seeded: a failure names its round, and `TALKBENCH_FUZZ=1000000` is the same one at length. */
const ROUNDS = Number(process.env.TALKBENCH_FUZZ ?? 3000);

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Mulberry32. */
function randomness(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
  const below = (count: number) => Math.floor(next() * count);
  return { below, pick: <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item };
}
type Random = ReturnType<typeof randomness>;

const methods = [
  'report',
  'get_status',
  'clear_control',
  'control_reply',
  'action_reply',
  'event_post',
  'query_websocket_url',
  'app_bind_token',
];
const messages = [
  'client-ready',
  'send-text',
  'client-message',
  'ptt',
  'send-image',
  'call-sync-openids',
  'device-answer',
  'twecall-basic',
  'constructor',
];
const keys = [
  'type',
  'id',
  'data',
  't',
  'd',
  'method',
  'params',
  'clientToken',
  'action',
  'content',
  'openids',
  '__proto__',
  'report',
  'progress',
  'state',
  'percent',
  'result_code',
  'toString',
  'valueOf',
];
const words = [
  ...methods,
  ...messages,
  'start',
  'downloading',
  '9'.repeat(40),
  '"',
  '{',
  '\\',
  '妈妈',
  '\u0000',
  '',
  'data:image/png;base64,iVBOR',
];

function anyJson(random: Random, levels = 4): unknown {
  const kind = random.below(levels === 0 ? 4 : 6);
  if (kind === 0) return random.pick(words);
  if (kind === 1) return random.pick([0, -1, 1e300, 0.1, 2 ** 53, Number.MAX_VALUE]);
  if (kind === 2) return random.pick([true, false, null]);
  if (kind === 3) return random.pick(methods);
  const count = random.below(5);
  if (kind === 4) return Array.from({ length: count }, () => anyJson(random, levels - 1));
  return Object.fromEntries(Array.from({ length: count }, () => [random.pick(keys), anyJson(random, levels - 1)]));
}

function anyText(random: Random): string {
  const message = { [random.pick(['type', 'method'])]: random.pick(words), data: anyJson(random), params: anyJson(random) };
  const text = JSON.stringify(random.below(3) === 0 ? anyJson(random) : message);
  // Half of them broken: cut, or with a character put in.
  const at = random.below(text.length + 1);
  return random.pick([text, text.slice(0, at), `${text.slice(0, at)}${random.pick(words)}${text.slice(at)}`, text]);
}

function anyBytes(random: Random): Uint8Array {
  const kind = random.below(4);
  if (kind === 0) return Uint8Array.from({ length: random.below(200) }, () => random.below(256));
  const frame: Frame =
    kind === 1
      ? {
          kind: 'audio',
          id: BigInt(random.below(9)),
          name: '',
          audio: new Uint8Array(random.below(400)),
          sampleRate: random.below(99_999),
          channels: random.below(9),
        }
      : { kind: 'message', data: anyText(random) };
  const bytes = encodeFrame(frame);
  for (let flips = random.below(4); flips > 0 && bytes.length > 0; flips--) bytes[random.below(bytes.length)] = random.below(256);
  return bytes.subarray(0, random.below(5) === 0 ? random.below(bytes.length + 1) : bytes.length);
}

test('frames: decoded or a typed refusal', () => {
  const random = randomness(1);
  for (let round = 0; round < ROUNDS; round++) {
    try {
      decodeFrame(anyBytes(random));
    } catch (error) {
      if (!(error instanceof TalkError)) throw new Error(`round ${round}`, { cause: error });
      expect(error.code).toBe('gateway/malformed');
    }
  }
});

test('MQTT payloads and topics: every reply can be written for the board, or is refused as it should be', () => {
  const random = randomness(2);
  const clock = systemClock;
  const memory = createTwetalkMemory({ clock, observer: { event: () => {}, packet: () => {} }, onChange: () => {} });
  const known = { ...testDevice, properties: {} };
  const devices = { find: () => known, report: () => {}, setFirmwareVersion: () => {} } as unknown as ServiceDeps['devices'];
  const deps: ServiceDeps = {
    ...{ clock, devices, ...memory, thingModelOf: () => builtInThingModel },
    tokens: new Tokens(clock, () => ({ tokenLifetimeS: 300, isTokenSingleUse: false })),
    requests: new DeviceRequests({ clock, publish: async () => {}, mustBeHeard: () => {} }),
    webSocketEndpoint: () => ({ host: '127.0.0.1', port: 1 }),
    urlReply: () => ({ code: 0, status: '' }),
  };
  const prefixes = [
    '$thing/up/property',
    '$thing/up/action',
    '$thing/up/event',
    '$thing/up/service',
    '$twecall/up/service',
    '$ota/report',
    '$sys/operation',
  ];
  for (let round = 0; round < ROUNDS; round++) {
    const topic = random.below(4) === 0 ? anyText(random) : `${random.pick(prefixes)}/ABCDEFGHIJ/dev01`;
    parseTopic(topic);
    const payload = random.below(8) === 0 ? anyBytes(random) : Buffer.from(anyText(random));
    const { replies } = handleMessage({ device: testDevice, topic, payload, localAddress: '127.0.0.1' }, deps);
    for (const reply of replies) {
      try {
        expect(JSON.parse(encodeForBoard(reply.body))).toBeTypeOf('object');
      } catch (error) {
        if (!(error instanceof TalkError)) throw new Error(`round ${round}: ${topic}`, { cause: error });
      }
    }
  }
  // What a board says over and over does not grow without end.
  const shadow = memory.shadows.of(testDevice);
  expect(Object.keys(shadow.properties).length).toBeLessThanOrEqual(256);
  expect(shadow.events.length).toBeLessThanOrEqual(50);
});

test('a voice connection full of nonsense: the same board and the other one are still served', async () => {
  const bench = await testGateway({ settings: { twetalk: { connectionsPerMinute: 0 } } });
  closers.push(() => bench.gateway.close());
  await bench.devices.put('ABCDEFGHIJ', 'dev02', testDevice.secret);
  const board = await TestDevice.connect(bench.mqttPort);
  const other = await TestDevice.connect(bench.mqttPort, { ...testDevice, deviceName: 'dev02' });
  closers.push(
    () => board.close(),
    () => other.close(),
  );
  const random = randomness(3);
  let socket = await TestSocket.open(await board.webSocketUrl());
  for (let round = 0; round < Math.min(ROUNDS, 20_000); round++) {
    // Some of them are good and end the connection.
    if (socket.socket.readyState !== 1) socket = await TestSocket.open(await board.webSocketUrl());
    if (random.below(20) === 0) socket.socket.send(anyText(random));
    else socket.socket.send(anyBytes(random), { binary: true });
  }
  const fresh = await TestSocket.open(await board.webSocketUrl());
  fresh.send({ kind: 'message', data: '{"type":"client-ready","id":"still"}' });
  expect(await fresh.message('bot-ready')).toMatchObject({ id: 'still' });
  expect((await other.ask('property', { method: 'get_status', clientToken: 't-1' })).code).toBe(0);
  expect(bench.faults).toEqual([]);
  fresh.socket.terminate();
});

test('sockets full of noise at the MQTT port and at the gateway’s: both end them and go on', async () => {
  const bench = await testGateway();
  closers.push(() => bench.gateway.close());
  const random = randomness(4);
  for (let round = 0; round < 60; round++) {
    const socket = connect(random.pick([bench.mqttPort, bench.gatewayPort]), '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = once(socket, 'close');
    const head = random.pick([
      '',
      'GET /ws?token=x HTTP/1.1\r\n',
      'GET /ota/../../x HTTP/1.1\r\n\r\n',
      'POST /device/register HTTP/1.1\r\ncontent-length: 9\r\n\r\n',
    ]);
    const noise = Buffer.concat([Buffer.from(head), ...Array.from({ length: 5 }, () => anyBytes(random))]);
    socket.end(noise);
    socket.resume();
    await closed;
  }
  const board = await TestDevice.connect(bench.mqttPort);
  closers.push(() => board.close());
  expect((await board.ask('property', { method: 'get_status', clientToken: 't-1' })).code).toBe(0);
  expect(bench.faults).toEqual([]);
});
