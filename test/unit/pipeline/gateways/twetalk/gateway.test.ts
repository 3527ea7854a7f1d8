import { createServer } from 'node:net';
import mqtt from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { buildCredentials } from '../../../../../pipeline/gateways/twetalk/credentials.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import { TestDevice, TestSocket, testDevice, testGateway } from '../../../../fakes/twetalk.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function bench(options: Parameters<typeof testGateway>[0] = {}) {
  const started = await testGateway(options);
  closers.push(() => started.gateway.close());
  return started;
}
async function board(port: number, device = testDevice) {
  const connected = await TestDevice.connect(port, device);
  closers.push(() => connected.close());
  return connected;
}
async function talking(options: Parameters<typeof testGateway>[0] = {}, query = '') {
  const started = await bench(options);
  const device = await board(started.mqttPort);
  const next = started.conversations.next();
  const socket = await TestSocket.open(`${await device.webSocketUrl()}${query}`);
  closers.push(() => socket.socket.terminate());
  return { ...started, device, socket, conversation: await next };
}

describe('who gets in', () => {
  test('a device with its HMAC is online until it leaves', async () => {
    const { mqttPort, devices, observer } = await bench();
    const device = await board(mqttPort);
    expect(devices.list()[0]).toMatchObject({ isOnline: true });
    await device.close();
    await observer.until('device.offline');
    expect(devices.list()[0]).toMatchObject({ isOnline: false });
  });

  test('a wrong password and an unknown device are refused and told', async () => {
    const { mqttPort, observer } = await bench();
    await expect(TestDevice.connect(mqttPort, { ...testDevice, secret: 'AAAAAAAAAAAAAAAAAAAAAA==' })).rejects.toMatchObject({ code: 4 });
    await expect(TestDevice.connect(mqttPort, { ...testDevice, deviceName: 'stranger' })).rejects.toMatchObject({ code: 5 });
    expect(observer.of('device.refused')).toMatchObject([
      { deviceName: 'dev01', reason: 'bad-password' },
      { productId: 'ABCDEFGHIJ', deviceName: 'stranger', reason: 'unknown-device' },
    ]);
    // On its wire too, without the digest.
    const connects = observer.of('wire.message').filter(({ name }) => name === 'CONNECT');
    expect(connects).toMatchObject([
      { deviceId: 'ABCDEFGHIJ_dev01', direction: 'up', note: 'refused: bad-password' },
      { deviceId: 'ABCDEFGHIJ_stranger', note: 'refused: unknown-device' },
    ]);
    expect(JSON.parse(connects[0]?.text ?? '')).toMatchObject({
      clientId: 'ABCDEFGHIJdev01',
      username: expect.stringContaining('ABCDEFGHIJdev01;'),
      password: expect.stringMatching(/^\[redacted\];hmacsha(1|256)$/),
    });
  });

  test('an unknown device is let in and listed where the settings say so, a known one still needs its password', async () => {
    const { mqttPort, devices } = await bench({ settings: { devices: { unknownDevices: 'accept' } } });
    await board(mqttPort, { ...testDevice, deviceName: 'stranger' });
    expect(devices.list()).toContainEqual(expect.objectContaining({ deviceName: 'stranger', hasSecret: false, isOnline: true }));
    await expect(TestDevice.connect(mqttPort, { ...testDevice, secret: 'AAAAAAAAAAAAAAAAAAAAAA==' })).rejects.toMatchObject({ code: 4 });
  });

  test('the same client id again closes the older connection, and the device stays online', async () => {
    const { mqttPort, devices } = await bench();
    const first = await board(mqttPort);
    const gone = new Promise((resolve) => first.client.once('close', () => resolve(undefined)));
    await board(mqttPort);
    await gone;
    expect(devices.list()[0]).toMatchObject({ isOnline: true });
  });

  test('nobody pushes a device off with its client id and other credentials', async () => {
    const { mqttPort, devices, observer } = await bench();
    await devices.put(testDevice.productId, 'dev02', testDevice.secret);
    const victim = await board(mqttPort, { ...testDevice, deviceName: 'dev02' });
    const { username, password } = buildCredentials(testDevice);
    const session = { clientId: 'ABCDEFGHIJdev02', username, password, protocolVersion: 4 as const, reconnectPeriod: 0 };
    await expect(mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, session, false)).rejects.toMatchObject({ code: 5 });
    expect(observer.of('device.refused')).toMatchObject([{ deviceName: 'dev01', reason: 'client-id-of-another' }]);
    expect(victim.client.connected).toBe(true);
  });

  test('a device sees and sends its own topics only, and what it asked for is on record', async () => {
    const { mqttPort, observer } = await bench();
    const device = await board(mqttPort);
    for (const topic of ['#', '$thing/down/property/ABCDEFGHIJ/+', '$thing/down/property/ABCDEFGHIJ/dev02', '$thing/#']) {
      await expect(device.client.subscribeAsync(topic), topic).rejects.toThrow();
    }
    expect(observer.of('wire.message').filter((event) => event.note === 'SUBSCRIBE')).toHaveLength(7);
    expect(observer.of('wire.message').filter((event) => event.note === 'SUBSCRIBE, refused')).toHaveLength(4);
    const gone = new Promise((resolve) => device.client.once('close', () => resolve(undefined)));
    device.client.publish('$thing/up/property/ABCDEFGHIJ/dev02', '{}');
    await gone;
  });
});

describe('MQTT services', () => {
  test('a report is answered under its token, kept, and told as an event', async () => {
    const { mqttPort, devices, observer } = await bench();
    const device = await board(mqttPort);
    const reply = await device.ask('property', { method: 'report', params: { battery: 100, volume: 80 }, clientToken: 'clear-control-6' });
    expect(reply).toEqual({ method: 'report_reply', clientToken: 'clear-control-6', code: 0, status: 'success' });
    expect(devices.list()[0]?.properties).toEqual({ battery: 100, volume: 80 });
    expect(observer.of('device.property')).toMatchObject([{ properties: { battery: 100, volume: 80 } }]);
    const status = await device.ask('property', { method: 'get_status', clientToken: 'clear-control-7' });
    expect(status.data).toEqual({ reported: { battery: 100, volume: 80 }, control: {} });
  });

  test('a board that reported more than it can take itself is answered all the same, with what it is to be set to', async () => {
    const { mqttPort, devices, observer } = await bench();
    const device = await board(mqttPort);
    const { productId, deviceName } = testDevice;
    for (let index = 0; index < 9; index++) devices.report(productId, deviceName, { [`p${index}`]: 'x'.repeat(1000) });
    const status = await device.ask('property', { method: 'get_status', clientToken: 'status-1' });
    expect(status.data).toEqual({ reported: {}, control: {} });
    expect(observer.of('wire.message').find(({ text }) => text?.includes('get_status'))?.note).toContain('reported left out');
  });

  test('the firmware version is kept', async () => {
    const { mqttPort, devices } = await bench();
    const device = await board(mqttPort);
    await device.send('ota', { type: 'report_version', report: { version: 'esp32s3_v1.1.8' } });
    expect((await device.until((body) => body.type === 'report_version_rsp')).body).toMatchObject({ result_code: 0 });
    expect(devices.list()[0]?.firmwareVersion).toBe('esp32s3_v1.1.8');
  });

  test('the SDK’s malformed event gets its reply', async () => {
    const { mqttPort, observer } = await bench();
    const device = await board(mqttPort);
    await device.send('event', '{"method":"event_post","clientToken":"event-123"","eventId":"x","type":"info","params":{"a":1}}');
    expect((await device.until((body) => body.method === 'event_reply')).body).toMatchObject({ clientToken: 'event-123', code: 0 });
    expect(observer.of('wire.message').find((event) => event.name.includes('/up/event/'))).toMatchObject({
      note: expect.stringContaining('malformed'),
    });
  });

  test('what no service knows is recorded whole and answered with nothing', async () => {
    const { mqttPort, observer } = await bench();
    const device = await board(mqttPort);
    await device.send('property', { method: 'sing', clientToken: '1' });
    await device.send('property', 'not json');
    await device.client.publishAsync('custom/ABCDEFGHIJ/dev01', Buffer.from([0xff, 0x00]), { qos: 1 });
    await device.ask('property', { method: 'clear_control', clientToken: 'last' });
    expect(device.received.map((message) => message.body.clientToken)).toEqual(['last']);
    expect(observer.of('wire.message').filter((event) => event.isUnknown)).toMatchObject([
      { text: '{"method":"sing","clientToken":"1"}', direction: 'up', channel: 'mqtt', deviceId: 'ABCDEFGHIJ_dev01' },
      { text: 'not json', note: 'malformed JSON' },
      { name: 'custom/ABCDEFGHIJ/dev01', bytes: Uint8Array.of(0xff, 0) },
    ]);
  });

  test('the WebSocket is named where the board reached us, and its token stays out of the record', async () => {
    const { mqttPort, gatewayPort, observer } = await bench();
    const device = await board(mqttPort);
    const reply = await device.ask('twecall', { method: 'query_websocket_url', clientToken: 'ws-4', params: {} });
    expect(reply).toMatchObject({ code: 0, status: '', params: { websocket_url: 'ws://127.0.0.1/ws', websocket_port: gatewayPort } });
    const { token } = reply.params as { token: string };
    expect(token).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.stringify(observer.events)).not.toContain(token);
  });

  test('an advertised host is named instead', async () => {
    const { mqttPort } = await bench({ settings: { listeners: { advertisedHost: 'bench.lab' } } });
    const device = await board(mqttPort);
    const reply = await device.ask('twecall', { method: 'query_websocket_url', clientToken: 'ws-1', params: {} });
    expect(reply.params).toMatchObject({ websocket_url: 'ws://bench.lab/ws' });
  });

  test('while the gateway listener is down the board is told there is no service', async () => {
    const taken = await bench();
    const { mqttPort } = await bench({ settings: { listeners: { gatewayPort: taken.gatewayPort } } });
    const device = await board(mqttPort);
    const reply = await device.ask('twecall', { method: 'query_websocket_url', clientToken: 'ws-1', params: {} });
    expect(reply).toMatchObject({ code: 1, params: {} });
  });

  test('time is told in seconds and milliseconds', async () => {
    const { mqttPort } = await bench();
    const device = await board(mqttPort);
    await device.send('time', { type: 'get', resource: ['time'] });
    const { body } = await device.until((message) => message.type === 'get');
    expect(Number(body.ntptime1)).toBeGreaterThan(1_700_000_000_000);
    expect(body.time).toBe(Math.floor(Number(body.ntptime1) / 1000));
  });
});

describe('tools on the board', () => {
  test('a call goes down as an action and ends with its response', async () => {
    const { device, conversation } = await talking();
    const result = conversation.peer.callTool('control_volume', { action: 'set', volume: 50 }, new AbortController().signal);
    const action = await device.until((body) => body.method === 'action');
    expect(action.body).toMatchObject({ actionId: 'control_volume', params: { action: 'set', volume: 50 } });
    await device.send('action', { method: 'action_reply', clientToken: action.body.clientToken, code: 0, response: { volume: 50 } });
    expect(await result).toEqual({ volume: 50 });
  });

  test('a board that answers nothing, or an error, is a typed failure; a late reply is noted', async () => {
    const { device, conversation, observer } = await talking({ settings: { agent: { toolTimeoutMs: 500 } } });
    await expect(conversation.peer.callTool('get_battery', {}, new AbortController().signal)).rejects.toMatchObject({
      code: 'tool/timeout',
    });
    const { body } = await device.until((message) => message.method === 'action');
    await device.send('action', { method: 'action_reply', clientToken: body.clientToken, code: 0, response: {} });
    await observer.until('wire.message', (event) => event.note?.includes('nobody waits') === true);
    const failing = expect(conversation.peer.callTool('set_alarm_clock', {}, new AbortController().signal)).rejects.toMatchObject({
      value: { code: 'tool/failed', data: { name: 'set_alarm_clock', code: 3, status: 'no clock' } },
    });
    const second = await device.until((message) => message.actionId === 'set_alarm_clock');
    await device.send('action', { method: 'action_reply', clientToken: second.body.clientToken, code: 3, status: 'no clock' });
    await failing;
  });

  test('an abort ends the wait', async () => {
    const { conversation } = await talking();
    const controller = new AbortController();
    const result = conversation.peer.callTool('get_battery', {}, controller.signal);
    controller.abort(new Error('interrupted'));
    await expect(result).rejects.toThrow('interrupted');
  });

  test('arguments too large for the board’s buffer fail at once', async () => {
    const { conversation } = await talking();
    const result = conversation.peer.callTool('control_volume', { text: 'x'.repeat(9000) }, new AbortController().signal);
    await expect(result).rejects.toMatchObject({ value: { code: 'tool/failed', data: { status: 'too-large' } } });
  });
});

describe('the voice connection', () => {
  test('starts a conversation with what the query says', async () => {
    const params = encodeURIComponent('{"user_name":"张三","age":7}');
    const { conversation, gateway } = await talking({}, `&audioType=pcm&audioInterval=20&language=en&customParams=${params}&botId=b1`);
    expect(conversation.options).toMatchObject({
      gateway: 'twetalk',
      productId: 'ABCDEFGHIJ',
      deviceName: 'dev01',
      language: 'en',
      uplink: { codec: 'pcm', sampleRate: 16000, frameMs: 20 },
      downlink: { codec: 'pcm', sampleRate: 16000, frameMs: 20 },
      variables: { user_name: '张三', age: '7' },
    });
    expect(conversation.options.query).toMatchObject({ botId: 'b1' });
    expect(conversation.options.query).not.toHaveProperty('token');
    expect(gateway.conversationOf(testDevice)?.conversationId).toBe(conversation.conversationId);
    expect(gateway.conversation(conversation.conversationId)?.conversation).toBe(conversation);
    expect(gateway.conversation('another')).toBeUndefined();
  });

  test('carries audio both ways as bare packets', async () => {
    const { socket, conversation } = await talking();
    conversation.isEchoing = true;
    const packet = Uint8Array.from({ length: 180 }, (_, index) => index);
    socket.send({ kind: 'audio', id: 0n, name: '', audio: packet, sampleRate: 0, channels: 0 });
    const echoed = await socket.frame((frame) => frame.kind === 'audio');
    expect(echoed).toEqual({ kind: 'audio', id: 1n, name: 'OutputAudioRawFrame#1', audio: packet, sampleRate: 16000, channels: 1 });
    expect(conversation.packets[0]?.packet.buffer.byteLength).toBe(180);
  });

  test('answers client-ready under its id and passes text on', async () => {
    const { socket, conversation } = await talking();
    socket.send({ kind: 'message', data: '{"label":"rtvi-ai","type":"client-ready","id":"c7","data":{}}' });
    expect(await socket.message('bot-ready')).toEqual({ label: 'rtvi-ai', type: 'bot-ready', id: 'c7', data: { version: '1.0.0' } });
    socket.send({
      kind: 'message',
      data: '{"label":"rtvi-ai","type":"send-text","id":"1","data":{"content":"打电话","options":{"audio_response":false}}}',
    });
    socket.send({ kind: 'message', data: '{"label":"rtvi-ai","type":"client-ready","id":"c8"}' });
    await socket.frame((frame) => frame.kind === 'message' && frame.data.includes('c8'));
    expect(conversation.texts).toEqual([{ text: '打电话', initiator: 'user-text', isSpoken: false }]);
  });

  test('says the conversation’s messages in RTVI, compact and in the order told', async () => {
    const { socket, conversation } = await talking();
    const { peer } = conversation;
    peer.tell({ kind: 'user-transcript', text: '你好', isFinal: true });
    peer.tell({ kind: 'bot-sentence', text: '好的。' });
    peer.tell({ kind: 'bot-started-speaking' });
    peer.tell({ kind: 'bot-stopped-speaking', wasInterrupted: false });
    await socket.message('bot-stopped-speaking');
    const texts = socket.frames.map((frame) => (frame.kind === 'message' ? frame.data : frame.kind));
    expect(texts[0]).toMatch(
      /^\{"label":"rtvi-ai","type":"user-transcription","data":\{"text":"你好","user_id":"ABCDEFGHIJ_dev01","timestamp":"[^"]+","final":true\}\}$/,
    );
    expect(texts.slice(1)).toEqual([
      '{"label":"rtvi-ai","type":"bot-transcription","data":{"text":"好的。"}}',
      '{"label":"rtvi-ai","type":"bot-started-speaking"}',
      '{"label":"rtvi-ai","type":"bot-stopped-speaking"}',
    ]);
  });

  test('survives text frames, broken frames, unknown cases and unknown messages, and records each', async () => {
    const { socket, conversation, observer } = await talking();
    socket.socket.send('{"state":"sentence"}');
    socket.socket.send(Uint8Array.from([0xff, 0xff]));
    socket.socket.send(Uint8Array.from([0x2a, 0x02, 0x08, 0x01]));
    socket.send({ kind: 'message', data: '{"type":"custom","data":"hello"}' });
    socket.send({ kind: 'text', id: 1n, name: '', text: 'hi' });
    socket.send({ kind: 'message', data: '{"label":"rtvi-ai","type":"client-ready","id":"end"}' });
    await socket.message('bot-ready');
    const unknown = observer.of('wire.message').filter((event) => event.isUnknown);
    expect(unknown.map((event) => event.name)).toEqual(['text message', 'malformed frame', 'frame case 5', 'custom', 'text frame']);
    expect(unknown[2]?.bytes).toEqual(Uint8Array.from([0x2a, 0x02, 0x08, 0x01]));
    expect(conversation.packets).toEqual([]);
  });

  test('is refused without a token, with another device’s, and says so', async () => {
    const { gatewayPort, mqttPort, observer } = await bench();
    const device = await board(mqttPort);
    await expect(TestSocket.open(`ws://127.0.0.1:${gatewayPort}/ws?role_id=QQ_hard`)).rejects.toThrow('401');
    const url = await device.webSocketUrl();
    await expect(TestSocket.open(url.replace('deviceName=dev01', 'deviceName=dev02'))).rejects.toThrow('401');
    await expect(TestSocket.open(`ws://127.0.0.1:${gatewayPort}/elsewhere`)).rejects.toThrow('404');
    expect(observer.of('device.refused').map((event) => event.reason)).toEqual(['token-unknown', 'token-of-another-device']);
  });

  test('takes any path that begins with /ws and negotiates no extension or subprotocol', async () => {
    const { mqttPort } = await bench();
    const device = await board(mqttPort);
    const url = (await device.webSocketUrl()).replace('/ws?', '/ws_voip?');
    const socket = new WebSocket(url, { perMessageDeflate: true });
    closers.push(() => socket.terminate());
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    expect(socket.extensions).toBe('');
  });

  test('a second one of the same device replaces the first', async () => {
    const { device, socket, conversation, conversations, gateway } = await talking();
    const next = conversations.next();
    const second = await TestSocket.open(await device.webSocketUrl());
    closers.push(() => second.socket.terminate());
    expect(await socket.closed).toMatchObject({ code: 1008 });
    expect(conversation.closeReason).toBe('replaced by a new connection');
    const fresh = await next;
    await conversation.closed;
    expect(gateway.conversations().map((voice) => voice.conversationId)).toEqual([fresh.conversationId]);
  });

  test('its end by the board ends the conversation, and hanging up ends the socket', async () => {
    const first = await talking();
    first.socket.socket.close(1000);
    await first.conversation.closed;
    expect(first.conversation.closeReason).toBe('closed by the board: 1000');
    const second = await talking();
    second.conversation.peer.close('hang-up');
    expect(await second.socket.closed).toEqual({ code: 1000, reason: 'hang-up' });
    expect(second.conversation.closeReason).toBe('hang-up');
    const third = await talking();
    third.conversation.close('idle');
    expect(await third.socket.closed).toEqual({ code: 1000, reason: 'the conversation has ended' });
  });

  test('a board that takes nothing any more is cut off, and what it lost is counted', async () => {
    const { socket, conversation, observer } = await talking();
    socket.socket.pause();
    const packet = new Uint8Array(180);
    let sent = 0;
    while (conversation.closeReason === null && sent < 200_000) {
      conversation.peer.sendAudio(packet, sent * 60_000);
      // The kernel's buffers fill only when the loop turns.
      if (++sent % 1000 === 0) await new Promise(setImmediate);
    }
    expect(conversation.closeReason).toBe('slow-socket');
    expect(conversation.peer.bufferedBytes()).toBeGreaterThan(500 * 1024);
    expect(observer.of('dropped')).toMatchObject([{ what: 'slow-socket', conversationId: conversation.conversationId }]);
  });

  test('a conversation that cannot start is told to the board and closed', async () => {
    const { mqttPort } = await bench({
      startConversation: () => {
        throw new TalkError('engine/unavailable', { stage: 'stt', engine: 'x', missing: 'y' });
      },
    });
    const device = await board(mqttPort);
    const socket = await TestSocket.open(await device.webSocketUrl());
    expect(await socket.message('error')).toMatchObject({ data: { error: 'engine/unavailable', fatal: true } });
    expect(await socket.closed).toEqual({ code: 1011, reason: 'engine/unavailable' });
  });
});

test('a taken port fails that listener alone', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => blocker.close(resolve)));
  const address = blocker.address();
  const mqttPort = typeof address === 'object' && address !== null ? address.port : 0;
  const { gateway } = await bench({ settings: { listeners: { mqttPort } } });
  expect(gateway.listeners).toMatchObject([
    { name: 'mqtt', state: 'failed', error: { code: 'listen/in-use', data: { listener: 'mqtt', port: mqttPort } } },
    { name: 'gateway', state: 'listening' },
  ]);
});

test('closing the gateway ends everything', async () => {
  const { gateway, socket, conversation, device, faults } = await talking();
  const gone = new Promise((resolve) => device.client.once('close', () => resolve(undefined)));
  closers.splice(0, 1);
  await gateway.close();
  expect(await socket.closed).toMatchObject({ code: 1001 });
  expect(conversation.closeReason).toBe('the bench is closing');
  await gone;
  expect(faults).toEqual([]);
});
