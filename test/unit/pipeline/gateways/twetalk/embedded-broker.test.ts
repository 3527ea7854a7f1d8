import { once } from 'node:events';
import { connect } from 'node:net';
import mqtt from 'mqtt';
import { afterEach, expect, test } from 'vitest';
import { buildCredentials } from '../../../../../pipeline/gateways/twetalk/credentials.ts';
import { type BrokerBench, testBroker } from '../../../../fakes/broker.ts';
import { TestDevice, testDevice } from '../../../../fakes/twetalk.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function bench(options?: Parameters<typeof testBroker>[0]): Promise<{ started: BrokerBench; board: TestDevice }> {
  const started = await testBroker(options);
  closers.push(() => started[Symbol.asyncDispose]());
  const board = await TestDevice.connect(started.port('mqtt'));
  closers.push(() => board.close());
  return { started, board };
}

test('what a board listens to and where it came from are known while it is there', async () => {
  const { started, board } = await bench();
  expect(started.broker.subscriptions(testDevice)).toHaveLength(7);
  expect(started.broker.localAddress(testDevice)).toBe('127.0.0.1');
  await board.client.unsubscribeAsync('$thing/down/action/ABCDEFGHIJ/dev01');
  expect(started.broker.subscriptions(testDevice)).not.toContain('$thing/down/action/ABCDEFGHIJ/dev01');
  expect(started.devices.list()[0]?.topics).toHaveLength(6);
  expect(started.devices.list()[0]?.connection).toMatchObject({ address: '127.0.0.1', isTls: false, proof: 'password' });
  await board.close();
  await started.observer.until('device.offline');
  expect([started.broker.subscriptions(testDevice), started.broker.localAddress(testDevice)]).toEqual([null, null]);
  expect(started.devices.list()[0]).toMatchObject({ topics: [], isOnline: false });
});

test.each([
  ['removed', ({ devices }: BrokerBench) => devices.remove('ABCDEFGHIJ', 'dev01')],
  ['given another secret', ({ devices }: BrokerBench) => devices.put('ABCDEFGHIJ', 'dev01')],
  ['removed with its product', ({ devices }: BrokerBench) => devices.removeProduct('ABCDEFGHIJ', true)],
])('a board that is %s is not connected any more', async (_what, revoke) => {
  const { started, board } = await bench();
  const closed = new Promise((resolve) => board.client.once('close', () => resolve(undefined)));
  await revoke(started);
  await closed;
  expect(await started.observer.until('device.offline')).toMatchObject({ reason: 'revoked' });
});

test('of a board that comes a second time the first connection ends, and says why', async () => {
  const { started } = await bench();
  const twin = await TestDevice.connect(started.port('mqtt'));
  closers.push(() => twin.close());
  expect(await started.observer.until('device.offline')).toMatchObject({ reason: 'replaced by a new connection' });
  expect(started.devices.list()[0]).toMatchObject({ isOnline: true });
});

test('the same secret again costs no connection', async () => {
  const { started, board } = await bench();
  await started.devices.put(testDevice.productId, testDevice.deviceName, testDevice.secret);
  await board.send('property', '{}');
  await started.message(({ topic }) => topic.includes('up/property'));
  expect(started.observer.of('device.offline')).toEqual([]);
});

test('a flood of one board is read at the pace that is set, whole and in order', async () => {
  const { started, board } = await bench({ settings: { broker: { messagesPerSecond: 200 } } });
  const count = 300;
  for (let index = 0; index < count; index++)
    void board.client.publishAsync('$thing/up/property/ABCDEFGHIJ/dev01', String(index), { qos: 0 });
  await started.message(({ payload }) => Buffer.from(payload).toString() === String(count - 1));
  expect(started.messages.map(({ payload }) => Number(Buffer.from(payload).toString()))).toEqual(
    Array.from({ length: count }, (_, index) => index),
  );
});

test('a connection without a CONNECT does not keep the broker from closing', async () => {
  const started = await testBroker();
  const socket = connect(started.port('mqtt-tls'), '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  await started[Symbol.asyncDispose]();
  await closed;
});

test('no session outlives its connection: it would hold messages for who never comes back, without end', async () => {
  const { started, board } = await bench();
  const { username, password } = buildCredentials(testDevice);
  const login = { clientId: 'desk', username, password, clean: false, reconnectPeriod: 0 };
  const desk = await mqtt.connectAsync(`mqtt://127.0.0.1:${started.port('mqtt')}`, login, false);
  await desk.subscribeAsync('notes/ABCDEFGHIJ/dev01', { qos: 1 });
  await desk.endAsync(true);
  await board.client.publishAsync('notes/ABCDEFGHIJ/dev01', 'while it was away', { qos: 1 });
  const again = mqtt.connect(`mqtt://127.0.0.1:${started.port('mqtt')}`, login);
  closers.push(() => again.endAsync(true));
  const received: string[] = [];
  again.on('message', (_topic, payload) => received.push(payload.toString()));
  const { sessionPresent } = await new Promise<{ sessionPresent: boolean }>((resolve) => again.once('connect', resolve));
  expect(sessionPresent).toBe(false);
  await again.subscribeAsync('notes/ABCDEFGHIJ/dev01', { qos: 1 });
  await board.client.publishAsync('notes/ABCDEFGHIJ/dev01', 'now', { qos: 1 });
  if (received.length === 0) await new Promise((resolve) => again.once('message', () => resolve(undefined)));
  expect(received).toEqual(['now']);
});

test.each([
  ['the board', 'ABCDEFGHIJdev01'],
  ['a tool beside it', 'desk'],
])('%s has so many topics and no more, in one SUBSCRIBE too', async (_who, clientId) => {
  const started = await testBroker();
  closers.push(() => started[Symbol.asyncDispose]());
  const { username, password } = buildCredentials(testDevice);
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${started.port('mqtt')}`, { clientId, username, password }, false);
  closers.push(() => client.endAsync(true));
  const granted = async (prefix: string, count: number) => {
    const topics = Array.from({ length: count }, (_, index) => `${prefix}${index}/ABCDEFGHIJ/dev01`);
    const { promise, resolve } = Promise.withResolvers<number>();
    client.subscribe(topics, (_error, _all, packet) => resolve((packet?.granted ?? []).filter((qos) => qos !== 0x80).length));
    return promise;
  };
  expect(await granted('a', 200)).toBe(64);
  expect(await granted('b', 10)).toBe(0);
  await client.unsubscribeAsync('a0/ABCDEFGHIJ/dev01');
  expect(await granted('c', 10)).toBe(1);
});
