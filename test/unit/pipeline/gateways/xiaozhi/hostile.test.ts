import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import { openAuthority } from '../../../../../main/core/cloud/authority.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { BoardMemory } from '../../../../../pipeline/gateways/xiaozhi/board-memory.ts';
import { silentLog } from '../../../../fakes/store.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';
import { registered, stranger, type TestXiaozhi, testXiaozhi } from '../../../../fakes/xiaozhi-gateway.ts';

/** On a slow machine too. */
const soon = <Value>(read: () => Value) => expect.poll(read, { timeout: 20_000, interval: 10 });
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function bench(options: Parameters<typeof testXiaozhi>[0] = {}): Promise<TestXiaozhi> {
  const made = await testXiaozhi(options);
  cleanups.push(made.close);
  return made;
}

async function talking(on: TestXiaozhi) {
  const board = on.board(await on.server());
  const started = on.conversations.next();
  await board.wake('auto');
  return { board, conversation: await started };
}

describe.each(['websocket', 'mqtt'] as const)('over %s', (transport) => {
  test('a board that is removed from the registry is hung up on, and stays out', async () => {
    const on = await bench({ settings: { xiaozhi: { transport } } });
    const { board, conversation } = await talking(on);
    await on.devices.remove('XIAOZHI', registered);
    await soon(() => board.state).toBe('idle');
    expect(conversation.closeReason).toBe('its registration is another one now');
    expect(on.gateway.boards()).toEqual([]);
    await expect(board.wake('auto')).rejects.toMatchObject({ code: 'talk/refused' });
  });

  test('a bug of ours ends that board’s connection and nothing else', async () => {
    const on = await bench({ settings: { xiaozhi: { transport } } });
    const { board, conversation } = await talking(on);
    conversation.interrupt = () => {
      throw new TypeError('a bug');
    };
    board.send({ type: 'abort' });
    await soon(() => on.faults.length).toBe(1);
    await soon(() => board.state).toBe('idle');
    const again = on.conversations.next();
    await on.board(await on.server()).wake('auto');
    await again;
  });
});

describe('what outlives the listeners', () => {
  test('the code that a board shows is good after they were opened anew, and its language is known', async () => {
    const memory = new BoardMemory(systemClock);
    const settings = { xiaozhi: { activation: 'code' } };
    const before = await testXiaozhi({ settings, memory });
    const answer = (await (await before.ota(stranger, { body: '{"language":"en-US"}' })).json()) as { activation: { code: string } };
    await before.close();
    const after = await bench({ settings, memory });
    expect(after.gateway.activate(answer.activation.code)).toBe(stranger);
    expect(memory.languageOf(stranger)).toBe('en');
  });

  test.each(['websocket', 'mqtt'] as const)(
    'opened anew while a board talks over %s: it hears the end, and the same ports are free',
    async (transport) => {
      const memory = new BoardMemory(systemClock);
      const before = await bench({ settings: { xiaozhi: { transport } }, memory });
      const { board, conversation } = await talking(before);
      await before.gateway.close();
      expect(conversation.closeReason).toBe('the bench is closing');
      await soon(() => board.state).toBe('idle');
      expect(before.devices.list()[0]?.isOnline).toBe(false);
      const [mqttPort, udpPort] = ['xiaozhi-mqtt', 'xiaozhi-udp'].map(
        (name) => before.gateway.listeners.find((one) => one.name === name)?.port,
      );
      const after = await bench({ settings: { xiaozhi: { transport, mqttPort, udpPort } }, memory });
      expect(after.gateway.listeners.map(({ state }) => state)).toEqual(['listening', 'listening']);
      await talking(after);
      expect([before.faults, after.faults]).toEqual([[], []]);
    },
  );

  test('names that peers make up fill nothing', () => {
    const memory = new BoardMemory(new VirtualClock());
    for (let number = 0; number < 5000; number++) {
      memory.rememberLanguage(`board-${number}`, 'en');
      memory.activations.accept(`board-${number}`);
      memory.activations.section(`waiting-${number}`, 'zh', true);
    }
    expect([memory.languageOf('board-0'), memory.languageOf('board-4999')]).toEqual([undefined, 'en']);
    expect([memory.activations.isActivated('board-0'), memory.activations.isActivated('board-4999')]).toEqual([false, true]);
    expect(memory.activations.list().length).toBeLessThan(100);
  });
});

describe('MQTT within TLS', () => {
  test('a board connects under the bench’s authority; a peer that never ends its handshake is closed with the bench', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'talkbench-xiaozhi-tls-'));
    cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
    const names = () => ['127.0.0.1', 'localhost'];
    const authority = await openAuthority({ directory, kind: 'ecdsa', names, clock: systemClock, log: silentLog });
    const on = await bench({ settings: { xiaozhi: { transport: 'mqtt' } }, tls: authority.identity });
    const listener = on.gateway.listeners.find(({ name }) => name === 'xiaozhi-mqtt-tls');
    expect(listener).toMatchObject({ state: 'listening' });
    const silent = connect(listener?.port ?? 0, '127.0.0.1');
    silent.on('error', () => {});
    const server = await on.server();
    if (server.kind !== 'mqtt') throw new Error('no MQTT');
    const { client_id: clientId, username, password } = server.mqtt;
    const client = await mqtt.connectAsync(`mqtts://127.0.0.1:${listener?.port}`, {
      ...{ clientId, username, password, protocolVersion: 4, reconnectPeriod: 0 },
      ca: authority.state().pem,
    });
    const answered = new Promise<string>((resolve) => client.on('message', (_topic, payload) => resolve(payload.toString())));
    client.publish('device-server', JSON.stringify({ type: 'hello', version: 3, transport: 'udp', features: {} }));
    expect(JSON.parse(await answered)).toMatchObject({ type: 'hello', transport: 'udp', udp: { server: '127.0.0.1' } });
    await client.endAsync(true);
    const closed = new Promise<void>((resolve) => silent.once('close', () => resolve()));
    await on.close();
    await closed;
  });

  test('there is none where TLS is off', async () => {
    const on = await bench();
    expect(on.gateway.listeners.map(({ name }) => name)).toEqual(['xiaozhi-mqtt', 'xiaozhi-udp']);
  });
});
