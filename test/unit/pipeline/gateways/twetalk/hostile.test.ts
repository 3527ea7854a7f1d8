import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { intents } from '../../../../../pipeline/engines/llm/intents.ts';
import { decodeFrame } from '../../../../../pipeline/gateways/twetalk/frames.ts';
import { imageInProtobuf } from '../../../../../pipeline/gateways/twetalk/images.ts';
import { messageTable } from '../../../../../pipeline/gateways/twetalk/messages/table.ts';
import { readQuery } from '../../../../../pipeline/gateways/twetalk/query.ts';
import { readRtvi } from '../../../../../pipeline/gateways/twetalk/rtvi.ts';
import { TestDevice, testGateway } from '../../../../fakes/twetalk.ts';

type Bench = Awaited<ReturnType<typeof testGateway>>;
const cleanups: (() => Promise<void>)[] = [];

async function openBench(): Promise<Bench> {
  const bench = await testGateway();
  cleanups.push(() => bench.gateway.close());
  return bench;
}

async function openBoard(bench: Bench): Promise<TestDevice> {
  const board = await TestDevice.connect(bench.mqttPort);
  cleanups.push(() => board.close());
  return board;
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('what a hostile or broken peer sends', () => {
  // Each of these once ended the whole process: they throw in a listener, where nobody catches.
  test('custom parameters nested thousands deep are noted, not walked', async () => {
    const target = `/ws?customParams={"a":${nested(7900)}}`;
    expect(readQuery(target)).toMatchObject({ variables: {}, notes: ['customParams: not a JSON object'] });
    const bench = await openBench();
    const upgrade = request({
      port: bench.gatewayPort,
      path: target,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      },
    });
    upgrade.end();
    const [response] = (await once(upgrade, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(401);
  });

  test.each([
    ['a key with a brace', '{"a{b":1}'],
    ['a number that does not fit', '{"x":1e300}'],
  ])('reported properties that cannot be written back (%s) are left out of the answer', async (_what, params) => {
    const bench = await openBench();
    const board = await openBoard(bench);
    await board.send('property', `{"method":"report","params":${params},"clientToken":"t-1"}`);
    const status = await board.ask('property', { method: 'get_status', clientToken: 't-2' });
    expect(status).toMatchObject({ code: 0, data: { reported: {}, control: {} } });
    expect(bench.observer.events.filter(({ kind }) => kind === 'dropped')).toHaveLength(0);
  });

  test('a report nested thousands deep is malformed', async () => {
    const bench = await openBench();
    const board = await openBoard(bench);
    await board.send('property', `{"method":"report","params":{"x":${nested(20_000)}},"clientToken":"t-1"}`);
    const status = await board.ask('property', { method: 'get_status', clientToken: 't-2' });
    expect(status.data).toEqual({ reported: {}, control: {} });
  });

  test.each(['percent', 'result_code', 'state', 'result_msg'])(
    'progress whose %s is an object with a toString of its own',
    async (name) => {
      const bench = await openBench();
      const board = await openBoard(bench);
      const progress = { state: 'downloading', percent: '10', result_code: '0', [name]: { toString: 1, valueOf: 1 } };
      await board.send('ota', { type: 'report_progress', report: { version: '1', progress } });
      expect((await board.ask('property', { method: 'get_status', clientToken: 't-1' })).code).toBe(0);
      expect(bench.faults).toEqual([]);
    },
  );

  test('a megabyte of tiny fields is not read to its end: every other board would wait', () => {
    const tiny = new Uint8Array(1_000_000).map((_, index) => (index % 2 === 0 ? 0x0a : 0));
    const inAudio = new Uint8Array(1_000_004).map((_, index) => (index % 2 === 0 ? 0x08 : 1));
    inAudio.set([0x12, 0xc0, 0x84, 0x3d]);
    for (const message of [tiny, inAudio]) expect(() => decodeFrame(message)).toThrow('gateway/malformed');
    const file = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);
    const late = Uint8Array.of(...tiny.subarray(0, 200), 0x0a, file.length, ...file);
    expect([imageInProtobuf(tiny), imageInProtobuf(late)]).toEqual([null, null]);
    expect(imageInProtobuf(Uint8Array.of(...tiny.subarray(0, 20), 0x0a, file.length, ...file))?.mediaType).toBe('image/jpeg');
  });

  test('a packet that announces 256 MiB is cut off at its header, before CONNECT too', async () => {
    const bench = await openBench();
    const socket = connect(bench.mqttPort, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f));
    await once(socket, 'close');
    expect(bench.observer.events).toContainEqual(expect.objectContaining({ kind: 'dropped', what: 'mqtt-packet-too-large' }));
  });

  test('a text longer than anybody says is not put through the language model', () => {
    const message = (content: string) =>
      readRtvi(JSON.stringify({ label: 'rtvi-ai', type: 'send-text', data: { content } }), messageTable({ spoken: {}, heard: {} }));
    expect(message('a'.repeat(4096)).kind).toBe('send-text');
    expect(message('a'.repeat(4097))).toMatchObject({ kind: 'unknown', type: 'send-text' });
  });

  test('no intent looks at a character more than a few times', () => {
    // With patterns that try every way to part the text, these take minutes and hold everything else up.
    const textOf = { repeat: `say ${' '.repeat(200_000)}\nx`, alarm: `alarm ${'一'.repeat(200_000)}` };
    const repeat = intents.find(({ name }) => name === 'repeat');
    expect(repeat?.pattern.exec(textOf.repeat)).toBeNull();
    const alarm = intents.find(({ name }) => name === 'alarm');
    const match = alarm?.pattern.exec(textOf.alarm);
    if (!alarm || !match) throw new Error('an alarm is an alarm');
    expect(alarm.answer({ text: textOf.alarm, match, language: 'zh', nowMs: 0 })).toHaveProperty('call.0.name', 'set_alarm_clock');
  });
});
