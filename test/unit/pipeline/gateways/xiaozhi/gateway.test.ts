import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createOpusEncoder } from '../../../../../pipeline/audio/opus.ts';
import type { ServerAddress } from '../../../../../pipeline/boards/xiaozhi/board.ts';
import { askConfiguration } from '../../../../../pipeline/boards/xiaozhi/ota-client.ts';
import { writeUdpHeader } from '../../../../../pipeline/gateways/xiaozhi/packets.ts';
import { speechPcm } from '../../../../fakes/engines.ts';
import { registered, registeredSecret, stranger, type TestXiaozhi, testXiaozhi } from '../../../../fakes/xiaozhi-gateway.ts';

/** On a slow machine too. */
const soon = <Value>(read: () => Value) => expect.poll(read, { timeout: 20_000, interval: 10 });
const cleanups: (() => Promise<void>)[] = [];
const packet = createOpusEncoder({ sampleRate: 16000, channels: 1, bitrate: 24000, frameMs: 60, isCbr: false }).encode(speechPcm(60));

async function bench(options: Parameters<typeof testXiaozhi>[0] = {}): Promise<TestXiaozhi> {
  const made = await testXiaozhi(options);
  cleanups.push(made.close);
  return made;
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Answer = Record<string, Record<string, unknown>>;
const json = async (response: Promise<Response>): Promise<Answer> => (await (await response).json()) as Answer;

describe('OTA (reference/voice.md §4.1)', () => {
  test('with and without the slash, POST and GET, a known board is told where to go', async () => {
    const { url, observer, gateway } = await bench();
    const headers = { 'device-id': registered.toUpperCase(), 'client-id': 'uuid-1' };
    for (const [path, init] of [
      ['ota/', { method: 'POST', body: '{"application":{"version":"1.9.0"}}', headers }],
      ['ota', { headers }],
    ] as const) {
      const response = await fetch(url(path), init);
      expect(response.status).toBe(200);
      const answer = (await response.json()) as Answer;
      expect(answer.websocket).toEqual({
        url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/xiaozhi\/v1\/$/),
        token: expect.any(String),
        version: 1,
      });
      expect(answer.server_time).toEqual({ timestamp: expect.any(Number), timezone_offset: expect.any(Number) });
      expect(answer).not.toHaveProperty('mqtt');
      expect(answer).not.toHaveProperty('activation');
    }
    expect(JSON.stringify(observer.events)).not.toContain((await json(fetch(url('ota'), { headers }))).websocket?.token);
    expect(gateway.boards()).toEqual([]);
  });

  test('a board is told its own version, which is no upgrade, or the firmware that is offered', async () => {
    const body = '{"application":{"version":"1.9.0"}}';
    expect((await json((await bench()).ota(registered, { body }))).firmware).toEqual({ version: '1.9.0', url: '' });
    const offering = await bench({ settings: { xiaozhi: { firmwareVersion: '2.1.0', firmwareUrl: 'http://bench/fw.bin' } } });
    expect((await json(offering.ota(registered, { body }))).firmware).toEqual({ version: '2.1.0', url: 'http://bench/fw.bin' });
    expect(offering.devices.list()[0]?.firmwareVersion).toBe('1.9.0');
  });

  test.each([
    ['not JSON', '{"application":{"version":"1'],
    ['nothing', ''],
    ['an array', '[1]'],
    ['nested thousands deep', `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ])('a body that is %s is no error', async (_what, body) => {
    const response = await (await bench()).ota(registered, { body });
    expect(response.status).toBe(200);
    expect(await response.json()).toHaveProperty('websocket.url');
  });

  test('a board that says its name only in the body is found by it', async () => {
    const { url } = await bench();
    const answer = await json(fetch(url('ota/'), { method: 'POST', body: JSON.stringify({ mac_address: registered }) }));
    expect(answer).toHaveProperty('websocket.url');
  });

  test('a body without end is cut off', async () => {
    const { ota } = await bench();
    expect((await ota(registered, { body: 'x'.repeat(200_000) })).status).toBe(413);
  });

  test('a board nobody registered is let in or not, as the setting for all says', async () => {
    const strict = await bench();
    const refused = await json(strict.ota(stranger));
    expect(refused).not.toHaveProperty('websocket');
    expect(refused).toHaveProperty('server_time');
    expect(strict.observer.of('device.refused')).toMatchObject([{ deviceName: stranger, reason: 'unknown-device' }]);
    const open = await bench({ settings: { devices: { unknownDevices: 'accept' } } });
    expect(await json(open.ota(stranger))).toHaveProperty('websocket.url');
    expect(open.devices.find('XIAOZHI', stranger)).toBeDefined();
  });

  test('MQTT where it is chosen, with credentials of strings and numbers only', async () => {
    const { mqtt, ...others } = await json((await bench({ settings: { xiaozhi: { transport: 'mqtt' } } })).ota());
    expect(others).not.toHaveProperty('websocket');
    expect(mqtt).toMatchObject({
      endpoint: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      client_id: 'GID_talkbench@@@aa_bb_cc_dd_ee_ff@@@uuid-1',
      publish_topic: 'device-server',
      subscribe_topic: 'null',
    });
    const userData = JSON.parse(Buffer.from(String(mqtt?.username), 'base64').toString()) as unknown;
    expect(userData).toEqual({ device: registered });
    // The convention of xiaozhi-mqtt-gateway: over client id and username.
    expect(mqtt?.password).toBe(
      createHmac('sha256', new Uint8Array(32).fill(7)).update(`${mqtt?.client_id}|${mqtt?.username}`).digest('base64'),
    );
  });

  test('a code that is typed here lets a board in', async () => {
    const { ota, url, gateway, devices } = await bench({ settings: { xiaozhi: { activation: 'code' } } });
    const activate = () => fetch(url('ota/activate'), { method: 'POST', body: '{}', headers: { 'device-id': stranger } });
    const { activation, ...others } = await json(ota(stranger));
    expect(others).not.toHaveProperty('websocket');
    expect(activation).toMatchObject({
      code: expect.stringMatching(/^\d{6}$/),
      challenge: expect.any(String),
      timeout_ms: expect.any(Number),
    });
    expect(String(activation?.message)).toContain(String(activation?.code));
    expect((await activate()).status).toBe(202);
    expect(gateway.activate('nonsense')).toBeUndefined();
    expect(gateway.activations()).toMatchObject([{ deviceName: stranger, code: activation?.code }]);
    expect(gateway.activate(String(activation?.code))).toBe(stranger);
    expect((await activate()).status).toBe(200);
    expect(devices.find('XIAOZHI', stranger)).toBeDefined();
    const after = await json(ota(stranger));
    expect(after).toHaveProperty('websocket.url');
    expect(after).not.toHaveProperty('activation');
  });

  test('a challenge is answered with the board’s own secret', async () => {
    const { ota, url, observer } = await bench({ settings: { xiaozhi: { activation: 'automatic' } } });
    const activate = (body: object) =>
      fetch(url('ota/activate'), {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'device-id': registered, 'activation-version': '2' },
      });
    const { activation } = await json(ota());
    expect(activation).not.toHaveProperty('code');
    const challenge = String(activation?.challenge);
    const hmac = createHmac('sha256', Buffer.from(registeredSecret, 'base64')).update(challenge).digest('hex');
    const body = { algorithm: 'hmac-sha256', serial_number: 'SN', challenge };
    expect((await activate({ ...body, hmac: hmac.replaceAll('0', '1') })).status).toBe(401);
    expect(observer.of('device.refused')).toMatchObject([{ reason: 'bad-activation' }]);
    expect((await activate({ ...body, hmac })).status).toBe(200);
    expect(await json(ota())).toHaveProperty('websocket.url');
    expect(JSON.stringify(observer.events)).not.toContain(challenge);
  });
});

describe('WebSocket (reference/voice.md §4.2)', () => {
  const deadline = { timeout: 30_000 };

  test.each([1, 2, 3] as const)('a board of version %i talks', deadline, async (protocolVersion) => {
    const one = await bench({ settings: { xiaozhi: { protocolVersion, sampleRate: 24000 } } });
    const server = await one.server();
    expect(server).toMatchObject({ kind: 'websocket', version: protocolVersion });
    const said: Record<string, unknown>[] = [];
    const board = one.board(server, { onMessage: (direction, message) => void (direction === 'down' && said.push(message)) });
    const started = one.conversations.next();
    await board.wake('auto');
    expect(board.sampleRate).toBe(24000);
    const conversation = await started;
    expect(conversation.options).toMatchObject({
      gateway: 'xiaozhi',
      productId: 'XIAOZHI',
      deviceName: registered,
      conversationId: board.sessionId,
      uplink: { codec: 'opus', sampleRate: 16000, frameMs: 60 },
      query: { protocolVersion: String(protocolVersion) },
    });
    const heard = new Promise<Uint8Array>((resolve) => {
      conversation.onPacket = resolve;
    });
    board.sendAudio(packet);
    expect((await heard).length).toBeGreaterThan(0);
    conversation.peer.tell({ kind: 'user-turn', text: '你好' });
    conversation.peer.tell({ kind: 'bot-sentence', text: '你也好' });
    conversation.peer.tell({ kind: 'bot-voice-started' });
    conversation.peer.tell({ kind: 'bot-started-speaking' });
    conversation.peer.sendAudio(packet, 60_000);
    await soon(() => board.receivedAudio().packets.length).toBe(1);
    expect(board.receivedAudio().packets[0]?.packet).toEqual(packet);
    expect(said.filter(({ type }) => type !== 'mcp')).toEqual([
      { session_id: board.sessionId, type: 'stt', text: '你好' },
      { session_id: board.sessionId, type: 'llm', emotion: 'neutral', text: '😶' },
      { session_id: board.sessionId, type: 'tts', state: 'start' },
      { session_id: board.sessionId, type: 'tts', state: 'sentence_start', text: '你也好' },
    ]);
    expect(one.faults).toEqual([]);
  });

  test('a page’s hello, its name and token in the query, its answers as a browser’s', async () => {
    const one = await bench();
    const server = (await one.server()) as Extract<ServerAddress, { kind: 'websocket' }>;
    const address = new URL(server.url);
    address.search = new URLSearchParams({
      'device-id': registered,
      'client-id': 'web',
      authorization: `Bearer ${server.token}`,
    }).toString();
    const socket = new WebSocket(address);
    await once(socket, 'open');
    const answered = once(socket, 'message');
    socket.send(JSON.stringify({ type: 'hello', device_id: registered, token: 'x', features: { mcp: false } }));
    const hello = JSON.parse(String((await answered)[0])) as Record<string, unknown>;
    expect(hello).toEqual({
      type: 'hello',
      transport: 'websocket',
      session_id: expect.any(String),
      audio_params: { format: 'opus', sample_rate: 16000, channels: 1, frame_duration: 60 },
    });
    const started = one.conversations.next();
    socket.send(JSON.stringify({ type: 'listen', state: 'detect', text: '讲个笑话' }));
    expect((await started).texts).toEqual([{ text: '讲个笑话', initiator: 'user-text', isSpoken: true }]);
    const preflight = await fetch(one.url('ota/'), { method: 'OPTIONS' });
    expect(preflight.headers.get('access-control-allow-headers')).toContain('device-id');
    const text = JSON.stringify(one.observer.events);
    expect(text).not.toContain(server.token);
    expect(text).not.toContain(encodeURIComponent(server.token));
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  });

  test('without its token, with another board’s, and unknown, it is refused', async () => {
    const one = await bench();
    const { token, url } = (await one.server()) as Extract<ServerAddress, { kind: 'websocket' }>;
    const open = (deviceName: string, given: string) =>
      one.board({ kind: 'websocket', url, token: given, version: 1 }, { deviceName }).wake('auto');
    await expect(open(registered, '')).rejects.toMatchObject({ value: { data: { reason: 'http 401' } } });
    await expect(open(registered, `${token}x`)).rejects.toMatchObject({ value: { data: { reason: 'http 401' } } });
    await expect(open(stranger, token)).rejects.toMatchObject({ value: { data: { reason: 'http 401' } } });
    await expect(open('', token)).rejects.toMatchObject({ value: { data: { reason: 'http 401' } } });
    expect(one.observer.of('device.refused').map(({ reason }) => reason)).toEqual([
      'bad-token',
      'bad-token',
      'unknown-device',
      'no-device-id',
    ]);
    const elsewhere = one.board({ kind: 'websocket', url: url.replace('/v1/', '/v2/'), token, version: 1 });
    await expect(elsewhere.wake('auto')).rejects.toMatchObject({ value: { data: { reason: 'http 404' } } });
  });

  test('where no token is asked for, a board whose address was set by hand comes in', async () => {
    const one = await bench({ settings: { xiaozhi: { isTokenRequired: false } } });
    const board = one.board({ kind: 'websocket', url: one.url('v1').replace('http', 'ws'), token: 'test-token', version: 2 });
    await board.wake('auto');
    expect(board.sessionId).not.toBe('');
  });

  test('a second connection of a board closes the first', deadline, async () => {
    const one = await bench();
    const server = await one.server();
    const first = one.board(server);
    const firstStarted = one.conversations.next();
    await first.wake('auto');
    const old = await firstStarted;
    const secondStarted = one.conversations.next();
    const second = one.board(server);
    await second.wake('auto');
    await secondStarted;
    expect(old.closeReason).toBe('replaced by a new connection');
    await soon(() => first.state).toBe('idle');
    expect(one.gateway.boards()).toHaveLength(1);
    expect(one.gateway.boards()[0]?.conversationId).toBe(second.sessionId);
    expect(one.devices.list()[0]?.isOnline).toBe(true);
    await second.close();
    await soon(() => one.devices.list()[0]?.isOnline).toBe(false);
    await first.close();
  });

  test('the tools of the board are the conversation’s, but those for users only; they can all be run by hand', deadline, async () => {
    const one = await bench();
    const board = one.board(await one.server());
    const started = one.conversations.next();
    await board.wake('auto');
    const { peer, options } = await started;
    await soon(() => one.gateway.boards()[0]?.tools.length).toBe(5);
    // The agent's five seconds would end every photo.
    expect(options.settings().agent.toolTimeoutMs).toBe(30_000);
    expect(peer.tools().map(({ name }) => name)).not.toContain('self.reboot');
    expect(await peer.callTool('self.screen.set_brightness', { brightness: 20 }, new AbortController().signal)).toBe(true);
    expect(board.things.brightness).toBe(20);
    expect(await one.gateway.channel(registered)?.callTool('self.reboot', {}, new AbortController().signal)).toBe(true);
    expect(board.violations).toEqual([]);
  });

  test('a photo goes to the language model, and its answer to the tool’s', deadline, async () => {
    const one = await bench();
    one.llm.add({ tokens: ['一', '只', '猫'], ttftMs: 0 });
    const board = one.board(await one.server());
    const started = one.conversations.next();
    await board.wake('auto');
    const { peer } = await started;
    await soon(() => board.things.vision).not.toBeNull();
    const result = await peer.callTool('self.camera.take_photo', { question: '这是什么？' }, new AbortController().signal);
    expect(result).toEqual({ success: true, result: '一只猫' });
    expect(one.llm.requests[0]?.messages[0]).toMatchObject({ role: 'user', content: '这是什么？', images: [{ mediaType: 'image/jpeg' }] });
    const url = board.things.vision?.url ?? '';
    const authorization = `Bearer ${board.things.vision?.token}`;
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(401);
    expect((await fetch(url, { headers: { authorization } })).status).toBe(405);
    expect((await fetch(url, { method: 'POST', headers: { authorization }, body: 'x' })).status).toBe(400);
    const form = new FormData();
    form.append('file', new Blob(['<html>'], { type: 'image/jpeg' }), 'x.jpg');
    expect((await fetch(url, { method: 'POST', headers: { authorization }, body: form })).status).toBe(400);
    const huge = new Uint8Array(4_500_000);
    expect((await fetch(url, { method: 'POST', headers: { authorization }, body: huge })).status).toBe(413);
    expect(JSON.stringify(one.observer.events)).not.toContain(board.things.vision?.token);
    await board.close();
    await soon(async () => (await fetch(url, { method: 'POST', headers: { authorization }, body: 'x' })).status).toBe(401);
  });

  test('what nobody knows is kept as it came; old firmware’s things are no surprise', deadline, async () => {
    const one = await bench();
    const board = one.board(await one.server());
    await board.wake('auto');
    board.send({ type: 'iot', descriptors: [{ name: 'Speaker' }] });
    board.send({ type: 'dance', style: 'tango' });
    const unknown = await one.observer.until('wire.message', ({ name }) => name === 'dance');
    expect(unknown).toMatchObject({ isUnknown: true, channel: 'websocket', direction: 'up', conversationId: board.sessionId });
    expect(unknown.text).toContain('tango');
    expect(one.observer.of('wire.message').find(({ name }) => name === 'iot')?.isUnknown).toBeUndefined();
  });

  test('a message is sent again, down to the board and up as if it had said it', deadline, async () => {
    const one = await bench();
    const said: Record<string, unknown>[] = [];
    const board = one.board(await one.server(), { onMessage: (direction, message) => void (direction === 'down' && said.push(message)) });
    const started = one.conversations.next();
    await board.wake('auto');
    const conversation = await started;
    const again = { channel: 'websocket', name: 'x', conversationId: board.sessionId } as const;
    await one.gateway.resend?.({ ...again, direction: 'down', text: '{"type":"custom","payload":{"a":1},"session_id":"old"}' });
    await one.gateway.resend?.({ ...again, direction: 'up', text: '{"type":"abort"}' });
    expect(conversation.interruptions).toEqual(['abort']);
    await expect
      .poll(() => said.find(({ type }) => type === 'custom'))
      .toEqual({ session_id: board.sessionId, type: 'custom', payload: { a: 1 } });
    await expect(one.gateway.resend?.({ ...again, direction: 'down', text: 'x' })).rejects.toMatchObject({
      value: { code: 'bad-request' },
    });
    await expect(one.gateway.resend?.({ ...again, conversationId: 'no', direction: 'down', text: '{}' })).rejects.toMatchObject({
      value: { code: 'not-found' },
    });
  });
});

describe('MQTT and UDP (reference/voice.md §4.6)', () => {
  const deadline = { timeout: 30_000 };
  const settings = { xiaozhi: { transport: 'mqtt' } };

  test('a board that subscribes to nothing talks, and hears over UDP', deadline, async () => {
    const one = await bench({ settings });
    const board = one.board(await one.server());
    const started = one.conversations.next();
    await board.wake('auto');
    // Nothing can be sent to it before it has sent something: the conversation waits for that.
    const conversation = await started;
    expect(conversation.packets.length).toBeLessThanOrEqual(1);
    expect(one.gateway.boards()).toMatchObject([{ transport: 'udp', protocolVersion: 3, deviceName: registered }]);
    conversation.peer.tell({ kind: 'bot-voice-started' });
    await soon(() => board.state).toBe('speaking');
    await soon(() => conversation.peer.bufferedBytes()).toBe(0);
    conversation.peer.sendAudio(packet, 60_000);
    conversation.peer.sendAudio(packet, 120_000);
    await soon(() => board.receivedAudio().packets.length).toBe(2);
    expect(board.receivedAudio().packets[1]?.packet).toEqual(packet);
    await soon(() => one.gateway.boards()[0]?.tools.length).toBe(5);
    expect(board.violations).toEqual([]);
  });

  test('each hello is a session of its own, on the same connection', deadline, async () => {
    const one = await bench({ settings });
    const board = one.board(await one.server());
    const firstStarted = one.conversations.next();
    await board.wake('auto');
    const first = await firstStarted;
    await soon(() => board.state).toBe('listening');
    board.press();
    await soon(() => first.closeReason).toBe('goodbye');
    // A goodbye is not answered with a goodbye.
    expect(one.observer.of('wire.message').filter(({ name, direction }) => name === 'goodbye' && direction === 'down')).toEqual([]);
    const secondStarted = one.conversations.next();
    await board.wake('auto');
    expect((await secondStarted).conversationId).not.toBe(first.conversationId);
    expect(one.observer.of('device.online')).toHaveLength(1);
  });

  test('the bench says goodbye with the session it means', deadline, async () => {
    const one = await bench({ settings });
    const board = one.board(await one.server());
    const started = one.conversations.next();
    await board.wake('auto');
    (await started).peer.close('idle');
    await soon(() => board.state).toBe('idle');
    expect(one.observer.of('wire.message').find(({ name, direction }) => name === 'goodbye' && direction === 'down')?.text).toBe(
      JSON.stringify({ type: 'goodbye', session_id: board.sessionId }),
    );
  });

  test('wrong passwords and malformed names are refused', deadline, async () => {
    const one = await bench({ settings });
    const server = (await one.server()) as Extract<ServerAddress, { kind: 'mqtt' }>;
    const board = (changes: Partial<typeof server.mqtt>) => one.board({ kind: 'mqtt', mqtt: { ...server.mqtt, ...changes } });
    await expect(board({ password: 'no' }).wake('auto')).rejects.toMatchObject({ value: { code: 'talk/refused' } });
    await expect(board({ client_id: 'device' }).wake('auto')).rejects.toMatchObject({ value: { code: 'talk/refused' } });
    const other = server.mqtt.client_id.replace('aa_bb', '00_11');
    await expect(board({ client_id: other }).wake('auto')).rejects.toMatchObject({ value: { code: 'talk/refused' } });
    expect(one.observer.of('device.refused').map(({ reason }) => reason)).toEqual(['bad-token', 'malformed-client-id', 'unknown-device']);
    const notes = one.observer.of('wire.message').filter(({ name }) => name === 'CONNECT');
    expect(notes.map(({ note }) => note)).toEqual(['refused: bad-token', 'refused: malformed-client-id', 'refused: unknown-device']);
    expect(JSON.parse(notes[1]?.text ?? '')).toMatchObject({ clientId: 'device', password: '[redacted]' });
  });

  /** A board's UDP side by hand, so that it can lie. */
  async function session(one: TestXiaozhi) {
    let hello: Record<string, Record<string, unknown>> = {};
    const seen = one.observer.until('wire.message', ({ name, direction }) => name === 'hello' && direction === 'down');
    const board = one.board(await one.server());
    const started = one.conversations.next();
    const woken = board.wake('manual');
    hello = JSON.parse((await seen).text ?? '{}') as typeof hello;
    await woken;
    return { board, started, hello };
  }

  test('the key of a session is in no record', deadline, async () => {
    const one = await bench({ settings });
    const { hello, board } = await session(one);
    expect(hello.udp?.key).toBe('[redacted]');
    board.release();
  });

  test('a datagram that is no session’s, or replayed, is dropped, and nobody is disturbed', deadline, async () => {
    const one = await bench({ settings });
    const { started, board } = await session(one);
    const conversation = await started;
    const port = one.gateway.listeners.find(({ name }) => name === 'xiaozhi-udp')?.port ?? 0;
    const socket = createSocket('udp4');
    for (const datagram of [Buffer.alloc(0), Buffer.alloc(3), Buffer.alloc(2000, 1), writeUdpHeader({ ssrc: 1, sequence: 9 })]) {
      await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve));
    }
    socket.close();
    const before = conversation.packets.length;
    await board.speak(speechPcm(120));
    await soon(() => conversation.packets.length).toBeGreaterThan(before);
    const dropped = await one.observer.until('dropped', ({ what }) => what === 'udp-datagram');
    expect(dropped.count).toBeGreaterThan(0);
  });
});

describe('listeners that cannot open', () => {
  test('leave the others working', async () => {
    const taken = await bench();
    const port = (name: string) => taken.gateway.listeners.find((listener) => listener.name === name)?.port ?? 0;
    const one = await bench({ settings: { xiaozhi: { mqttPort: port('xiaozhi-mqtt'), udpPort: port('xiaozhi-udp'), transport: 'mqtt' } } });
    expect(one.gateway.listeners.map(({ state }) => state)).toEqual(['failed', 'failed']);
    // Boards are sent where there is somebody.
    expect(await askConfiguration(one.url('ota/'), { deviceName: registered, clientId: 'x', language: 'en' })).toMatchObject({
      mqtt: null,
      websocket: { version: 1 },
    });
  });
});
