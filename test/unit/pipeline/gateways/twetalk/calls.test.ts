import { afterEach, describe, expect, test } from 'vitest';
import { createTwetalkFirmware } from '../../../../../pipeline/boards/twetalk/firmware.ts';
import type { FirmwareOptions } from '../../../../../pipeline/boards/twetalk/firmware-options.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { echo, recorded } from '../../../../../pipeline/gateways/twetalk/calls/sounds.ts';
import { findContact } from '../../../../../pipeline/gateways/twetalk/calls/switchboard.ts';
import type { RecordingObserver } from '../../../../fakes/observer.ts';
import { TestDevice, testDevice, testGateway } from '../../../../fakes/twetalk.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const mother = { name: '妈妈', openId: 'oOMC1' };
const tone = (samples: number) => Int16Array.from({ length: samples }, (_, index) => Math.round(8000 * Math.sin(index * 0.3)));

async function bench(
  settings: Record<string, unknown> = {},
  options: Partial<FirmwareOptions> = {},
  given?: Awaited<ReturnType<typeof testGateway>>,
) {
  const started = given ?? (await testGateway({ settings: { twetalk: settings } }));
  if (given === undefined) closers.push(() => started.gateway.close());
  let log = '';
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  const board = createTwetalkFirmware({
    ...{ clock: systemClock, ...testDevice, language: 'zh', audioType: 'opus', audioInterval: 60 },
    broker: { host: '127.0.0.1', port: started.mqttPort },
    contacts: [mother],
    miniProgram: { appId: 'wx1', modelId: 'm1' },
    print(text) {
      log += text;
      wake();
    },
    onState: wake,
    onPlayout: () => {},
    onReplyAudio: wake,
    ...options,
  });
  closers.push(() => board.stop());
  const next = started.conversations.next();
  await board.start();
  const conversation = await next;
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!condition()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { ...started, board, conversation, until, log: () => log };
}

const states = (observer: RecordingObserver) => observer.of('device.call').map(({ state, end }) => end ?? state);

describe('the mini-program calls the board', () => {
  test('which answers: sound goes both ways, the agent is silent, and speaks again afterwards', async () => {
    const { gateway, observer, board, conversation, until, log } = await bench();
    const call = gateway.calls.ring(testDevice, mother, recorded(systemClock, tone(16_000), true));
    await observer.until('device.call', ({ state }) => state === 'talking');
    expect(conversation.interruptions).toEqual(['call']);
    expect(conversation.idleDetections).toEqual([false]);
    // What the agent says meanwhile stays unsaid, what the board hears is the caller.
    conversation.peer.tell({ kind: 'bot-started-speaking' });
    conversation.peer.sendAudio(new Uint8Array(180), 0);
    const uplinkBefore = conversation.packets.length;
    const speaking = board.speak(tone(9600));
    await until(() => board.receivedAudio().packets.length >= 3);
    expect(board.receivedAudio().packets.every(({ packet }) => packet.length === 180)).toBe(true);
    await speaking;
    expect(conversation.packets.length).toBe(uplinkBefore);
    gateway.calls.hangUp(call.callId);
    expect(conversation.said).toEqual(['通话结束了，我们继续聊吧。']);
    expect(conversation.idleDetections).toEqual([false, true]);
    await until(() => log().includes('user hangup(user_to_device) called: 妈妈 openid: oOMC1'));
    expect(log()).toContain('[30] RECV_USR_CALLING');
    expect(log()).toContain(`calling roomid: ${call.roomId} caller id : oOMC1`);
    expect(log()).toContain('user answer called: 妈妈 openid: oOMC1');
    expect(log()).not.toContain('bot start speaking');
    const heard = gateway.calls.heard(call.callId);
    expect(Math.max(...heard)).toBeGreaterThan(1000);
    expect(states(observer)).toEqual(['ringing', 'talking', 'hung-up-by-user']);
    expect(gateway.calls.list()).toMatchObject([{ state: 'ended', talkingMs: expect.any(Number) }]);
  });

  test('which rejects', async () => {
    const { gateway, observer } = await bench({}, { phone: 'reject' });
    gateway.calls.ring(testDevice, mother, echo());
    await observer.until('device.call', ({ state }) => state === 'ended');
    expect(states(observer)).toEqual(['ringing', 'rejected-by-device']);
  });

  test('which does not answer in time, and is told that it is over', async () => {
    const { gateway, observer, until, log, board } = await bench({ ringTimeoutS: 1 }, { phone: 'ignore' });
    const { roomId } = gateway.calls.ring(testDevice, mother, echo());
    expect(() => gateway.calls.ring(testDevice, mother, echo())).toThrow('call/busy');
    await observer.until('device.call', ({ state }) => state === 'ended');
    expect(states(observer)).toEqual(['ringing', 'timeout']);
    await until(() => log().includes(`usr cancel. roomid: ${roomId}`));
    expect(board.phone.state).toBe('idle');
  });

  test('and thinks better of it', async () => {
    const { gateway, observer, until, log } = await bench({}, { phone: 'ask' });
    const { callId } = gateway.calls.ring(testDevice, mother, echo());
    await until(() => log().includes('calling roomid'));
    expect(gateway.calls.hangUp(callId)).toMatchObject({ end: 'cancelled' });
    await until(() => log().includes('usr cancel'));
    expect(() => gateway.calls.hangUp(callId)).toThrow('call/over');
    expect(states(observer)).toEqual(['ringing', 'cancelled']);
  });

  test('which hangs up itself', async () => {
    const { gateway, observer, board, until, log } = await bench();
    gateway.calls.ring(testDevice, mother, echo());
    await until(() => log().includes('user answer called'));
    board.phone.hangUp();
    await observer.until('device.call', ({ state }) => state === 'ended');
    expect(states(observer)).toEqual(['ringing', 'talking', 'hung-up-by-device']);
  });

  test('which has no voice connection and makes one for the call: the bot does not greet', async () => {
    const { gateway, observer, board, until, log, conversation, conversations } = await bench({}, { phone: 'ask' });
    conversation.peer.close('idle');
    await until(() => board.state === 'connected');
    const next = conversations.next();
    gateway.calls.ring(testDevice, mother, echo());
    await until(() => log().includes('calling roomid'));
    board.phone.answer();
    const voice = await next;
    expect(voice.options.settings().agent).toMatchObject({ greetingZh: '', greetingEn: '' });
    await observer.until('device.call', ({ state }) => state === 'talking');
    expect(observer.of('wire.message').map(({ name }) => name)).toContain('/ws_voip');
  });

  test('which is away, or does not listen', async () => {
    const started = await testGateway();
    closers.push(() => started.gateway.close());
    expect(() => started.gateway.calls.ring(testDevice, mother, echo())).toThrow('device/offline');
    expect(started.gateway.calls.list()).toEqual([]);
  });
});

describe('the board calls a contact', () => {
  const dial = async (settings: Record<string, unknown>, contact = '妈妈') => {
    const started = await bench(settings);
    await started.observer.until('wire.message', ({ name, direction }) => name === 'call-contacts' && direction === 'up');
    started.conversation.peer.tell({ kind: 'intent', intent: { kind: 'call', contact } });
    return started;
  };

  test('who answers when the operator does, and sound goes both ways', async () => {
    const { gateway, observer, board, until, log } = await dial({});
    const [call] = gateway.calls.list();
    await until(() => log().includes('start call: 妈妈'));
    gateway.calls.answer(call?.callId ?? '', echo());
    await until(() => log().includes('user answer called'));
    await board.speak(tone(9600));
    await until(() => board.receivedAudio().packets.length > 3);
    gateway.calls.hangUp(call?.callId ?? '');
    await until(() => log().includes('user hangup(device_to_user) called: 妈妈 openid: oOMC1'));
    expect(log()).toContain('[20] RECV_START_CALL');
    expect(states(observer)).toEqual(['ringing', 'talking', 'hung-up-by-user']);
  });

  test.each([
    ['reject', 'user reject called: 妈妈', 'rejected-by-user'],
    ['busy', 'call busy: 妈妈', 'busy'],
    ['error', 'user error code : 103', 'error'],
  ])('who does not: %s', async (phone, line, end) => {
    const { observer, until, log } = await dial({ phone, phoneErrorCode: 103 });
    await until(() => log().includes(line));
    expect(states(observer)).toEqual(['ringing', end]);
  });

  test('who does not hear it', async () => {
    const { observer, until, log } = await dial({ ringTimeoutS: 1, phone: 'timeout' });
    await until(() => log().includes('call timeout: 妈妈'));
    expect(states(observer)).toEqual(['ringing', 'timeout']);
  });

  test('because its agent was asked to: calling is what a board with contacts can do', async () => {
    const { gateway, observer, conversation, until, log } = await bench();
    const { peer } = conversation;
    await observer.until('wire.message', ({ name, direction }) => name === 'call-contacts' && direction === 'up');
    expect(peer.tools().find(({ name }) => name === 'make_call')?.description).toContain('妈妈');
    const { signal } = new AbortController();
    expect(await peer.callTool('make_call', { contact: '奶奶' }, signal)).toEqual({ status: 'unknown-contact' });
    expect(await peer.callTool('make_call', { contact: '妈妈' }, signal)).toEqual({ status: 'ringing' });
    await until(() => log().includes('start call: 妈妈'));
    expect(await peer.callTool('make_call', { contact: '妈妈' }, signal)).toEqual({ status: 'busy' });
    gateway.calls.refuse(gateway.calls.list()[0]?.callId ?? '', 'reject', 0);
    expect(states(observer)).toEqual(['ringing', 'rejected-by-user']);
  });

  test('not by two tools, where the agent has its own', async () => {
    const started = await testGateway({ settings: { agent: { tools: [{ source: 'call' }] } } });
    closers.push(() => started.gateway.close());
    const { peer } = (await bench({}, {}, started)).conversation;
    await started.observer.until('wire.message', ({ name, direction }) => name === 'call-contacts' && direction === 'up');
    expect(peer.tools().map(({ name }) => name)).not.toContain('make_call');
  });

  test('whom nobody knows', async () => {
    const { gateway, until, log } = await dial({}, '奶奶');
    await until(() => log().includes('user error code : 101'));
    expect(gateway.calls.list()).toEqual([]);
  });

  test('and loses its connection: the call is over with it', async () => {
    const { board, observer } = await dial({});
    await board.stop();
    await observer.until('device.call', ({ state }) => state === 'ended');
    expect(states(observer)).toEqual(['ringing', 'disconnected']);
  });
});

test('a room nobody calls from is a bad one', async () => {
  const started = await testGateway();
  closers.push(() => started.gateway.close());
  const device = await TestDevice.connect(started.mqttPort);
  closers.push(() => device.close());
  const told: unknown[] = [];
  const line = {
    device: testDevice,
    conversationId: 'c',
    language: 'zh',
    audio: { codec: 'pcm', sampleRate: 16000, frameMs: 60 },
  } as const;
  const acts = { putThrough: () => {}, send: () => {}, release: () => {} };
  started.gateway.calls.boardAnswered({ ...line, ...acts, tell: (event, values) => told.push([event, values.code]) }, 'room-x');
  expect(told).toEqual([['user_error', 105]]);
});

test('an answer that comes to no call closes the microphone it came with', async () => {
  const started = await testGateway();
  closers.push(() => started.gateway.close());
  let closed = 0;
  const sound = { listen: () => {}, play: () => {}, close: () => closed++ };
  expect(() => started.gateway.calls.answer('no-such-call', sound)).toThrow('not-found');
  expect(closed).toBe(1);
});

test('a contact is found as it is written, and within what was said', () => {
  const contacts = [mother, { name: '小明', openId: 'o2' }];
  expect(findContact(contacts, '妈妈')).toBe(mother);
  expect(findContact(contacts, '我的小明')?.openId).toBe('o2');
  expect(findContact(contacts, '爸爸')).toBeUndefined();
  expect(findContact([{ name: '', openId: 'x' }], 'anybody')).toBeUndefined();
});
