import { afterEach, describe, expect, test } from 'vitest';
import { createOpusDecoder, opusPacketInfo } from '../../../../../../pipeline/audio/opus.ts';
import { scanObject } from '../../../../../../pipeline/boards/twetalk/board-json.ts';
import { traitsOf } from '../../../../../../pipeline/boards/twetalk/faults/all.ts';
import { createTwetalkFirmware } from '../../../../../../pipeline/boards/twetalk/firmware.ts';
import { ThingModel } from '../../../../../../pipeline/boards/twetalk/thing-model.ts';
import { ThingService } from '../../../../../../pipeline/boards/twetalk/thing-service.ts';
import { systemClock } from '../../../../../../pipeline/clock.ts';
import type { BoardFault } from '../../../../../../preload/contract/board-faults.ts';
import type { FakeConversation } from '../../../../../fakes/conversation.ts';
import { testDevice, testGateway } from '../../../../../fakes/twetalk.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A board with these faults at a gateway of its own. */
async function boardWith(...faults: BoardFault[]) {
  const bench = await testGateway();
  closers.push(() => bench.gateway.close());
  let output = '';
  const waiting = new Set<() => void>();
  const board = createTwetalkFirmware({
    clock: systemClock,
    broker: { host: '127.0.0.1', port: bench.mqttPort },
    ...testDevice,
    language: 'zh',
    audioType: 'opus',
    audioInterval: 60,
    traits: traitsOf('board', 60, faults),
    print(text) {
      output += text;
      for (const listener of [...waiting]) listener();
    },
    onState: () => {},
    onPlayout: () => {},
    contacts: [{ name: '妈妈', openId: 'oOMC' }],
  });
  closers.push(() => board.stop());
  const printed = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve) => {
      const listener = () => {
        const found = pattern.exec(output);
        if (found === null) return;
        waiting.delete(listener);
        resolve(found);
      };
      waiting.add(listener);
      listener();
    });
  return { ...bench, board, printed, output: () => output };
}

const packetOf = (conversation: FakeConversation) =>
  new Promise<Uint8Array>((resolve) => {
    conversation.onPacket = resolve;
  });

describe('a healthy board', () => {
  test('tells of its network, the time, its memory and its stacks, and talks', async () => {
    const { board, conversations, printed } = await boardWith();
    const next = conversations.next();
    await board.start();
    await next;
    await printed(/wifi: connected with talkbench, aid = 3, channel 6/);
    await printed(/esp_netif_handlers: sta ip: [\d.]+,/);
    await printed(/The current date\/time in Shanghai is: \w{3} \w{3} [ \d]\d [\d:]{8} \d{4}/);
    const [, free, least] = await printed(/Free heap: (\d+) bytes, minimum free heap size: (\d+) bytes/);
    expect(Number(free)).toBeGreaterThan(Number(least));
    await printed(/\[INF\] created task _twetalk_recv_thread thread_id 0x\w+ stack_size : 20 Kbytes/);
  });

  test('sends a room, never digital silence', async () => {
    const { board, conversations } = await boardWith();
    const next = conversations.next();
    await board.start();
    const conversation = await next;
    const decoder = createOpusDecoder({ sampleRate: 16_000, channels: 1 });
    const packet = await packetOf(conversation);
    expect(packet).toHaveLength(180);
    expect(decoder.decode(packet).some((sample) => sample !== 0)).toBe(true);
    decoder.close();
  });
});

describe('faults on the wire', () => {
  test('packets of another length than the board says', async () => {
    const { board, conversations } = await boardWith({ name: 'wrong-frame-size' });
    const next = conversations.next();
    await board.start();
    const conversation = await next;
    expect(conversation.options.uplink.frameMs).toBe(60);
    expect(opusPacketInfo(await packetOf(conversation))).toMatchObject({ durationMs: 20 });
  });

  test('no device in its flash: it says so and does not come', async () => {
    const { board, printed, observer } = await boardWith({ name: 'missing-triple' });
    await board.start();
    await printed(/no device info/);
    expect(observer.of('device.online')).toEqual([]);
  });

  test('the secret of another device is refused', async () => {
    const { board } = await boardWith({ name: 'wrong-secret' });
    await expect(board.start()).rejects.toMatchObject({ value: { code: 'talk/refused', data: { stage: 'mqtt', reason: 'connack 4' } } });
  });

  test('a network without an address: nothing but Wi-Fi is told', async () => {
    const { board, output } = await boardWith({ name: 'no-ip' });
    await board.start();
    expect(output()).toMatch(/connected with talkbench/);
    expect(output()).not.toMatch(/sta ip|TCP server/);
  });

  test('no contacts, and idle detection switched off', async () => {
    const { board, conversations, observer } = await boardWith({ name: 'no-contacts' }, { name: 'never-idle' });
    const next = conversations.next();
    await board.start();
    const conversation = await next;
    await packetOf(conversation);
    expect(conversation.idleDetections).toEqual([false]);
    expect(observer.of('wire.message').filter(({ name }) => name === 'call-contacts')).toEqual([]);
  });
});

describe('the thing model of a faulty board', () => {
  const things = (traits: { answersActions: boolean; obeysVolume: boolean }) => {
    const published: string[] = [];
    const thing = new ThingModel();
    const publish = async (_kind: string, payload: string) => void published.push(payload);
    const service = new ThingService({ thing, traits, publish, ticksMs: () => 4000, isStopped: () => false, onAction: undefined });
    return { thing, service, published };
  };
  const members = (text: string) => scanObject(text) ?? new Map();

  test('ignores the volume and says that all is well', async () => {
    const { thing, service, published } = things({ answersActions: true, obeysVolume: false });
    await service.control('{"method":"control","params":{"volume":30}}', 'c1');
    await service.act(members('{"actionId":"control_volume","params":{"action":"set","volume":20}}'), 'c2');
    expect(thing.volume).toBe(80);
    expect(published).toEqual([
      '{"method":"report","params":{"volume":80},"clientToken":"clear-control-4"}',
      '{"method":"control_reply","clientToken":"c1","code":0}',
      '{"method":"action_reply","clientToken":"c2","code":0,"response":{"volume":20}}',
    ]);
  });

  test('answers no action', async () => {
    const { service, published } = things({ answersActions: false, obeysVolume: true });
    await service.act(members('{"actionId":"get_battery","params":{}}'), 'c1');
    expect(published).toEqual([]);
  });
});
