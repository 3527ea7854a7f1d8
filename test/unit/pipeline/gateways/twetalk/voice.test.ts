import { afterEach, describe, expect, test } from 'vitest';
import { createTwetalkFirmware } from '../../../../../pipeline/boards/twetalk/firmware.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { silence } from '../../../../../pipeline/gateways/twetalk/calls/sounds.ts';
import type { Frame } from '../../../../../pipeline/gateways/twetalk/frames.ts';
import { TestDevice, TestSocket, testDevice, testGateway } from '../../../../fakes/twetalk.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function bench(options: Parameters<typeof testGateway>[0] = {}) {
  const started = await testGateway(options);
  closers.push(() => started.gateway.close());
  const device = await TestDevice.connect(started.mqttPort);
  closers.push(() => device.close());
  return { ...started, device };
}

async function open(url: string) {
  const socket = await TestSocket.open(url);
  closers.push(() => socket.socket.terminate());
  return socket;
}

async function talking(options: Parameters<typeof testGateway>[0] = {}, change: (url: string) => string = (url) => url) {
  const started = await bench(options);
  const next = started.conversations.next();
  const socket = await open(change(await started.device.webSocketUrl()));
  return { ...started, socket, conversation: await next };
}

const say = (message: object): Frame => ({ kind: 'message', data: JSON.stringify({ label: 'rtvi-ai', ...message }) });
const client = (t: string, d: object): Frame => say({ type: 'client-message', id: '1', data: { t, d } });
/** What was sent before this one has been read once its answer is there. */
async function settled(socket: TestSocket) {
  socket.send(say({ type: 'client-ready', id: 'last' }));
  await socket.message('bot-ready');
}

test('push-to-talk is the board’s choice, and its button the conversation’s', async () => {
  const { socket, conversation } = await talking({}, (url) => `${url}&userTurnMode=push_to_talk`);
  expect(conversation.options.settings().turns.input).toBe('push-to-talk');
  for (const action of ['start', 'end', 'interrupt']) socket.send(client('ptt', { action }));
  await settled(socket);
  expect(conversation.listens).toEqual(['start', 'stop']);
  expect(conversation.interruptions).toEqual(['board']);
});

test('a button held too long is let go of, and the board is told why', async () => {
  const clock = new VirtualClock();
  const { socket, conversation } = await talking(
    { clock, settings: { turns: { longestUtteranceMs: 5000 } } },
    (url) => `${url}&userTurnMode=ptt`,
  );
  socket.send(client('ptt', { action: 'start' }));
  await settled(socket);
  await clock.advance(5_000_000);
  expect((await socket.message('server-message')).data).toEqual({
    type: 'ptt-force-stop',
    reason: 'segment-too-long',
    max_duration_secs: 5,
  });
  expect(conversation.listens).toEqual(['start', 'stop']);
});

test('idle detection is the board’s to switch', async () => {
  const { socket, conversation } = await talking();
  socket.send(client('enable-idle-detect', { enable: false }));
  socket.send(client('enable-idle-detect', { enable: true }));
  await settled(socket);
  expect(conversation.idleDetections).toEqual([false, true]);
});

test('idle detection that the board switched off stays off after a call, and one switched during it waits for the end', async () => {
  const { gateway, socket, conversation } = await talking();
  const call = async (during: () => void) => {
    const { callId, roomId } = gateway.calls.ring(testDevice, { name: '妈妈', openId: 'o1' }, silence(systemClock));
    socket.send(client('device-answer', { room_id: roomId }));
    during();
    socket.frames.length = 0;
    await settled(socket);
    gateway.calls.hangUp(callId);
  };
  socket.send(client('enable-idle-detect', { enable: false }));
  await call(() => {});
  expect(conversation.idleDetections).toEqual([false, false, false]);
  await call(() => socket.send(client('enable-idle-detect', { enable: true })));
  expect(conversation.idleDetections.slice(3)).toEqual([false, true]);
});

test('a device that is removed has no voice connection any more, nor a token for another', async () => {
  const { devices, device, socket, conversation } = await talking();
  const url = await device.webSocketUrl();
  await devices.remove(testDevice.productId, testDevice.deviceName);
  expect(await socket.closed).toEqual({ code: 1008, reason: 'revoked' });
  expect(conversation.closeReason).toBe('revoked');
  await expect(TestSocket.open(url)).rejects.toThrow('401');
});

test('a message that fails on our side costs its board the conversation, and nobody else anything', async () => {
  const { socket, conversation, faults } = await talking();
  conversation.text = () => {
    throw new Error('a bug');
  };
  socket.send(say({ type: 'send-text', data: { content: '嗨' } }));
  expect(await socket.closed).toMatchObject({ code: 1011 });
  expect(faults).toHaveLength(1);
});

test('a flood of refused connections is told of by its first ones', async () => {
  const { observer, gatewayPort } = await bench({ clock: new VirtualClock() });
  for (let index = 0; index < 40; index++)
    await expect(TestSocket.open(`ws://127.0.0.1:${gatewayPort}/ws?token=${index}&productId=${'x'.repeat(500)}`)).rejects.toThrow('401');
  expect(observer.of('device.refused')).toHaveLength(20);
  expect(observer.of('device.refused')[0]?.productId).toHaveLength(64);
  expect(observer.of('wire.message').filter(({ channel }) => channel === 'websocket')).toHaveLength(20);
});

test('reminders, music and errors go out in the table’s shapes', async () => {
  const { socket, conversation } = await talking();
  conversation.peer.tell({ kind: 'idle', retry: 2 });
  expect((await socket.message('server-message')).data).toEqual({ type: 'idle-detection', retry_count: 2 });
  conversation.peer.tell({ kind: 'intent', intent: { kind: 'music', query: '青花瓷' } });
  await socket.frame((frame) => frame.kind === 'message' && frame.data.includes('"play-music"') && frame.data.includes('青花瓷'));
  const error = { code: 'engine/timeout', data: {}, retryable: true } as const;
  conversation.peer.tell({ kind: 'error', error, productCode: 30202, roundId: 3 });
  const data = { error: 'engine/timeout', fatal: false, code: 30202, round_id: 3, task_id: conversation.options.conversationId };
  expect((await socket.message('error')).data).toEqual(data);
});

test('a virtual board’s SDK says all of it in shapes that are understood', async () => {
  const started = await testGateway();
  closers.push(() => started.gateway.close());
  const board = createTwetalkFirmware({
    ...{ clock: systemClock, ...testDevice, language: 'en', audioType: 'pcm', audioInterval: 60 },
    ...{ isPushToTalk: true, isMultimodal: true, miniProgram: { appId: 'wx1', modelId: 'm1' } },
    broker: { host: '127.0.0.1', port: started.mqttPort },
    print: () => {},
    onState: () => {},
    onPlayout: () => {},
  });
  closers.push(() => board.stop());
  const next = started.conversations.next();
  await board.start();
  const conversation = await next;
  await board.pushToTalk('start');
  await board.pushToTalk('end');
  await board.enableIdleDetect(false);
  await board.sendImage(Uint8Array.from([0xff, 0xd8, 0xff, ...new Uint8Array(60)]));
  await started.observer.until('wire.message', ({ note }) => note === 'image/jpeg, 63 bytes');
  expect(conversation.options.language).toBe('en');
  expect(conversation.listens).toEqual(['start', 'stop']);
  expect(conversation.idleDetections).toEqual([false]);
  expect(conversation.images).toHaveLength(1);
  expect(started.observer.of('wire.message').filter(({ gateway, isUnknown }) => gateway === 'twetalk' && isUnknown === true)).toEqual([]);
});

describe('pictures', () => {
  const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 80 }, (_, index) => index)]);
  const base64 = Buffer.from(jpeg).toString('base64');
  const unknown: Frame = { kind: 'unknown', field: 5, raw: Uint8Array.from([0x2a, jpeg.length + 2, 0x1a, jpeg.length, ...jpeg]) };
  const shapes: [string, Frame][] = [
    ['a field of an unknown frame', unknown],
    ['the file itself', { kind: 'unknown', field: null, raw: jpeg }],
    ['base64 in the SDK’s message as guessed', client('send-image', { image: base64, text: '这是什么' })],
    ['base64 in a message nobody knows', say({ type: 'vision-frame', payload: { jpg: `data:image/jpeg;base64,${base64}` } })],
    ['base64 in a text frame', { kind: 'text', id: 0n, name: '', text: base64 }],
  ];

  test.each(shapes)('%s', async (_shape, frame) => {
    const { socket, conversation } = await talking({}, (url) => url.replace('/ws?', '/ws_vl?'));
    socket.send(frame);
    await settled(socket);
    expect(conversation.images).toMatchObject([{ mediaType: 'image/jpeg' }]);
    expect(conversation.images[0]?.data).toEqual(jpeg);
  });

  test('are not looked for where the settings say no', async () => {
    const { socket, conversation, observer } = await talking({ settings: { twetalk: { imageShapes: [] } } });
    socket.send(unknown);
    await settled(socket);
    expect(conversation.images).toEqual([]);
    expect(observer.of('wire.message')).toContainEqual(expect.objectContaining({ name: 'frame case 5', isUnknown: true }));
  });

  test('are asked for when the user wants something looked at', async () => {
    const { socket, conversation } = await talking({}, (url) => url.replace('/ws?', '/ws_vl?'));
    conversation.peer.tell({ kind: 'user-turn', text: '你看看这个' });
    expect((await socket.message('server-message')).data).toEqual({ type: 'request-image', transcription: '你看看这个' });
  });
});

describe('who is refused', () => {
  const params = (url: string) => `${url}&customParams=${encodeURIComponent('{"user_name": 张三}')}`;

  test('custom parameters that are no JSON object (seed 000: the connection fails)', async () => {
    const { device, observer, conversations } = await bench();
    await expect(TestSocket.open(params(await device.webSocketUrl()))).rejects.toThrow('400');
    expect(observer.of('device.refused')).toMatchObject([{ deviceName: 'dev01', reason: 'bad-custom-params' }]);
    expect(conversations.started).toEqual([]);
  });

  test('or not, where the settings take them as they are', async () => {
    const { conversation } = await talking({ settings: { twetalk: { areCustomParamsChecked: false } } }, params);
    expect(conversation.options.variables).toEqual({});
  });

  test('with a message and a close code, where the settings say so', async () => {
    const { device } = await bench({ settings: { twetalk: { refusal: 'close' } } });
    const socket = await open(params(await device.webSocketUrl()));
    expect((await socket.message('error')).data).toEqual({ error: 'bad-custom-params', fatal: true });
    expect(await socket.closed).toEqual({ code: 1008, reason: 'bad-custom-params' });
  });

  test('a token the second time, where it is for one connection', async () => {
    const { device } = await bench({ settings: { twetalk: { isTokenSingleUse: true } } });
    const url = await device.webSocketUrl();
    await open(url);
    await expect(TestSocket.open(url)).rejects.toThrow('401');
  });

  test('a second connection, where the first one stays', async () => {
    const { device, socket } = await talking({ settings: { twetalk: { secondConnection: 'refuse' } } });
    await expect(TestSocket.open(await device.webSocketUrl())).rejects.toThrow('409');
    await settled(socket);
  });

  test('a board in a loop of connecting', async () => {
    const { device, gateway } = await bench({ settings: { twetalk: { connectionsPerMinute: 2 } } });
    const url = await device.webSocketUrl();
    await open(url);
    await open(url);
    await expect(TestSocket.open(url)).rejects.toThrow('429');
    expect(gateway.conversationOf(testDevice)).toBeDefined();
  });
});

test('a message is sent again, down as it was and up as if the board had', async () => {
  const { gateway, socket, conversation, device } = await talking();
  const where = { conversationId: conversation.options.conversationId, name: 'x' } as const;
  await gateway.resend({ ...where, channel: 'websocket', direction: 'down', text: '{"type":"again"}' });
  await socket.message('again');
  const text = '{"type":"send-text","data":{"content":"嗨"}}';
  await gateway.resend({ ...where, channel: 'websocket', direction: 'up', text });
  expect(conversation.texts).toMatchObject([{ text: '嗨' }]);
  const topic = '$thing/down/property/ABCDEFGHIJ/dev01';
  await gateway.resend({ channel: 'mqtt', direction: 'down', name: topic, text: '{"method":"again"}' });
  await device.until((body) => body.method === 'again');
  await expect(gateway.resend({ channel: 'udp', direction: 'up', name: 'x' })).rejects.toMatchObject({ value: { code: 'unsupported' } });
});
