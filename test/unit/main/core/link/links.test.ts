import mqtt from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { createLinks, type Links } from '../../../../../main/core/link/links.ts';
import { buildCredentials } from '../../../../../pipeline/gateways/twetalk/credentials.ts';
import type { ImpairedLink, LinkImpairment } from '../../../../../preload/contract/checks.ts';
import { testBroker } from '../../../../fakes/broker.ts';
import { TestDevice, TestSocket, testDevice, testGateway } from '../../../../fakes/twetalk.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const none: LinkImpairment = { delayMs: 0, jitterMs: 0, lossPercent: 0, rateKbitS: null, isStalled: false };
const { productId, deviceName } = testDevice;
const device = { productId, deviceName };
const call = { signal: new AbortController().signal, role: 'operator' as const };

async function bench() {
  const clock = new VirtualClock();
  const links = createLinks({ clock, isKnown: (name) => name.deviceName.startsWith('dev') });
  const started = await testGateway({ clock, links: links.door });
  closers.push(
    () => links.close(),
    () => started.gateway.close(),
  );
  await started.devices.put(productId, 'dev02', testDevice.secret);
  const board = async (name = deviceName) => {
    const connected = await TestDevice.connect(started.mqttPort, { ...testDevice, deviceName: name });
    closers.push(() => connected.close());
    return connected;
  };
  return { ...started, clock, links, board };
}

/** Virtual time goes on until that has happened over real sockets. */
async function whileTimePasses<Value>(clock: VirtualClock, work: Promise<Value>): Promise<Value> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  work.then(end, end);
  while (!isOver) await clock.advance(10_000);
  return work;
}

const state = (links: Links): ImpairedLink[] => links.streams['link.state']({}).topic.snapshot();

it('is impaired while anything of it is held back, a cut that stands included', async () => {
  const clock = new VirtualClock();
  const links = createLinks({ clock, isKnown: () => true });
  expect(links.isImpaired(device)).toBe(false);
  links.cut(device, 5000);
  expect([links.isImpaired(device), links.isImpaired({ productId, deviceName: 'dev02' })]).toEqual([true, false]);
  await clock.advance(5_000_000);
  expect(links.isImpaired(device)).toBe(false);
  links.cut(device, 5000);
  links.readmit(device);
  expect(links.isImpaired(device)).toBe(false);
  links.impair(device, none);
  expect(links.isImpaired(device)).toBe(true);
  links.impair(device, null);
  expect(links.isImpaired(device)).toBe(false);
  await links.close();
});

describe('one board’s link made bad', () => {
  it('delays what its MQTT connection, open already, asks and is answered; and nobody else’s', async () => {
    const { clock, links, board } = await bench();
    const [bad, good] = [await board(), await board('dev02')];
    await links.calls['link.impair']({ ...device, impairment: { ...none, delayMs: 300 } }, call);
    // The other one’s takes no virtual time at all.
    await good.ask('property', { method: 'get_status', clientToken: 'good' });
    const fromUs = clock.nowUs();
    await whileTimePasses(clock, bad.ask('property', { method: 'get_status', clientToken: 'bad' }));
    expect(clock.nowUs() - fromUs).toBeGreaterThanOrEqual(600_000);
    expect(state(links)).toMatchObject([{ ...device, connections: 1, impairment: { delayMs: 300 } }]);
    await links.calls['link.impair']({ ...device, impairment: null }, call);
    await bad.ask('property', { method: 'get_status', clientToken: 'again' });
    expect(state(links)).toEqual([]);
  });

  it('holds for the voice connection too, opened before or after', async () => {
    const { clock, links, board, conversations } = await bench();
    const connected = await board();
    const url = await connected.webSocketUrl();
    links.impair(device, { ...none, delayMs: 200 });
    const next = conversations.next();
    const socket = await whileTimePasses(clock, TestSocket.open(url));
    closers.push(() => socket.socket.terminate());
    const conversation = await next;
    const heard = new Promise<void>((resolve) => {
      conversation.onPacket = () => resolve();
    });
    const fromUs = clock.nowUs();
    socket.socket.send(Uint8Array.from([0x12, 0x03, 0x1a, 0x01, 0x00]));
    await whileTimePasses(clock, heard);
    expect(clock.nowUs() - fromUs).toBeGreaterThanOrEqual(200_000);
    expect(state(links)).toMatchObject([{ connections: 2 }]);
    links.impair(device, null);
  });

  it('ends its connections, and keeps new ones out as long as it is told, without a word', async () => {
    const { clock, links, board, observer, conversations } = await bench();
    const [mine, other] = [await board(), await board('dev02')];
    const url = await mine.webSocketUrl();
    const next = conversations.next();
    const socket = await TestSocket.open(url);
    await next;
    expect(await links.calls['link.cut']({ ...device, forMs: 5000 }, call)).toEqual({ connections: 2 });
    expect((await socket.closed).code).toBe(1006);
    await observer.until('device.offline');
    await expect(board()).rejects.toThrow(/connect/u);
    await expect(TestSocket.open(url)).rejects.toThrow(/hang up|reset/u);
    expect(observer.of('device.refused')).toEqual([]);
    expect(other.client.connected).toBe(true);
    await clock.advance(5_000_000);
    await board();
  });

  it('is told with what it holds back, and is as it was once the bench closes', async () => {
    const { clock, links, board } = await bench();
    const mine = await board();
    const told: ImpairedLink[][] = [];
    links.streams['link.state']({}).topic.listen((delta) => told.push(delta));
    links.impair(device, { ...none, isStalled: true });
    const asked = mine.ask('property', { method: 'get_status', clientToken: 'stalled' });
    await whileTimePasses(clock, new Promise<void>((resolve) => clock.at((clock.nowUs() + 1_500_000) as never, resolve)));
    expect(told.at(-1)?.[0]?.heldBytes).toBeGreaterThan(40);
    await links.close();
    await whileTimePasses(clock, asked);
  });

  it('is for devices there are', async () => {
    const { links } = await bench();
    await expect(links.calls['link.impair']({ productId, deviceName: 'nobody', impairment: none }, call)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('reaches a board on TLS as well', async () => {
    const clock = new VirtualClock();
    const links = createLinks({ clock, isKnown: () => true });
    const started = await testBroker({ links: links.door });
    closers.push(
      () => links.close(),
      () => started[Symbol.asyncDispose](),
    );
    const { clientId, username, password } = buildCredentials(testDevice);
    const session = { clientId, username, password, rejectUnauthorized: false, reconnectPeriod: 0, maxVersion: 'TLSv1.2' as const };
    const client = await mqtt.connectAsync(`mqtts://127.0.0.1:${started.port('mqtt-tls')}`, session, false);
    closers.push(() => client.endAsync(true));
    links.impair(device, { ...none, delayMs: 250 });
    const fromUs = clock.nowUs();
    await whileTimePasses(clock, client.publishAsync(`$thing/up/property/${productId}/${deviceName}`, '{}', { qos: 1 }));
    expect(clock.nowUs() - fromUs).toBeGreaterThanOrEqual(500_000);
    links.cut(device, 0);
    await new Promise<void>((resolve) => client.once('close', () => resolve()));
  });
});
