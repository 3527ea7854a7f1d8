import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { intents } from '../../../../../pipeline/engines/llm/intents.ts';
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
  ])('reported properties that cannot be written back (%s) cost the one reply and no more', async (_what, params) => {
    const bench = await openBench();
    const board = await openBoard(bench);
    await board.send('property', `{"method":"report","params":${params},"clientToken":"t-1"}`);
    await board.send('property', { method: 'get_status', clientToken: 't-2' });
    const after = await board.ask('property', { method: 'report', params: { volume: 1 }, clientToken: 't-3' });
    expect(after.code).toBe(0);
    expect(bench.observer.events.filter(({ kind }) => kind === 'dropped')).toHaveLength(1);
  });

  test('a report nested thousands deep is malformed', async () => {
    const bench = await openBench();
    const board = await openBoard(bench);
    await board.send('property', `{"method":"report","params":{"x":${nested(20_000)}},"clientToken":"t-1"}`);
    const status = await board.ask('property', { method: 'get_status', clientToken: 't-2' });
    expect(status.data).toEqual({ reported: {}, control: {} });
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
    const message = (content: string) => readRtvi(JSON.stringify({ label: 'rtvi-ai', type: 'send-text', data: { content } }));
    expect(message('a'.repeat(4096)).kind).toBe('send-text');
    expect(message('a'.repeat(4097))).toEqual({ kind: 'unknown', type: 'send-text' });
  });

  test('no intent looks at a character more than a few times', () => {
    // With patterns that try every way to part the text, these take minutes and hold everything else up.
    const textOf = { repeat: `say ${' '.repeat(200_000)}\nx`, alarm: `alarm ${'一'.repeat(200_000)}` };
    const repeat = intents.find(({ name }) => name === 'repeat');
    expect(repeat?.pattern.exec(textOf.repeat)).toBeNull();
    const alarm = intents.find(({ name }) => name === 'alarm');
    const match = alarm?.pattern.exec(textOf.alarm);
    if (!alarm || !match) throw new Error('an alarm is an alarm');
    expect(alarm.answer({ text: textOf.alarm, match, language: 'zh', nowMs: 0 })).toHaveProperty('call.name', 'set_alarm_clock');
  });
});
