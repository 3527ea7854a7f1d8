import { afterEach, describe, expect, test } from 'vitest';
import { signTokenRequest } from '../../../../../pipeline/gateways/tuya/token-request.ts';
import { attribute, attributeIds as ids } from '../../../../../pipeline/gateways/tuya/wire/attributes.ts';
import { eventTypes, packetTypes, streamFlags } from '../../../../../pipeline/gateways/tuya/wire/numbers.ts';
import { packet } from '../../../../../pipeline/gateways/tuya/wire/packet.ts';
import { type TuyaTestBench, tuyaTestBench, tuyaTestDevice } from '../../../../fakes/tuya.ts';

let bench: TuyaTestBench;
afterEach(() => bench.close());

const { deviceId, localKey } = tuyaTestDevice;
const wrongKey = new TextEncoder().encode('fedcba9876543210');
const notes = () => bench.observer.of('wire.message').flatMap(({ note }) => note ?? []);

async function requestToken(more: Record<string, unknown> = {}, key: Uint8Array = localKey) {
  const t = Math.floor(Date.now() / 1000);
  const asked = { deviceId, t, nonce: `nonce-${Math.random()}`, ...more };
  const body = JSON.stringify({ ...asked, sign: signTokenRequest(key, asked) });
  const response = await fetch(`http://127.0.0.1:${bench.httpPort}/tuya/agent-token`, { method: 'POST', body });
  return {
    status: response.status,
    body: (await response.json()) as never as Record<string, never> & { result: TokenResult; errorCode: number },
  };
}
interface TokenResult {
  connect_conf: { tcpport: number; derived_client_id: string };
  session_conf: { agentToken: string; expire: number; bizConfig: { sendData: string[] } };
}

describe('who may connect', () => {
  test.each([{ version: 1 as const }, { version: 2 as const }])(
    'a device with another key is refused, version $version',
    async ({ version }) => {
      bench = await tuyaTestBench();
      // Of V2.1 the client notices first: the AuthResp is signed with a key that it has not.
      await expect(bench.connect({ version, localKey: wrongKey })).rejects.toMatchObject({ code: 'talk/refused' });
      expect(bench.observer.of('device.online')).toEqual([]);
      expect(bench.devices.list()[0]?.isOnline).toBe(false);
      expect(bench.faults).toEqual([]);
    },
  );

  test('a forged packet after the hello ends the connection with 401', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect();
    const forged = Buffer.from('2200020025080000000000000000000000000000000000000000000000000000000000000000000000000000', 'hex');
    device.sendRaw(forged.subarray(0, 42));
    expect(await device.ended).toBe(401);
    const refused = await bench.observer.until('device.refused');
    expect(refused).toMatchObject({ deviceName: deviceId, reason: 'bad-signature' });
  });

  test('an unknown device is refused, or let in where the settings say so and it signs nothing', async () => {
    bench = await tuyaTestBench();
    await expect(bench.connect({ deviceId: 'nobody', signLevel: 0 })).rejects.toMatchObject({
      code: 'talk/refused',
      value: { data: { reason: 'closed with 401' } },
    });
    expect(bench.observer.of('device.refused')[0]).toMatchObject({ deviceName: 'nobody', reason: 'unknown-device' });
    await bench.close();
    bench = await tuyaTestBench({ settings: { devices: { unknownDevices: 'accept' } } });
    const device = await bench.connect({ deviceId: 'nobody', signLevel: 0 });
    device.ping();
    await device.until(() => device.pongs > 0);
    expect(bench.devices.find('tuya', 'nobody')).toMatchObject({ secret: null });
    await expect(bench.connect({ deviceId: 'nobody', signLevel: 2 })).rejects.toMatchObject({ code: 'talk/refused' });
  });

  test('a sequence number that is not above the last one ends the connection', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect({ signLevel: 0 });
    device.ping();
    await device.until(() => device.pongs > 0);
    device.sendRaw(Buffer.from('2200020001' + '08', 'hex'));
    expect(await device.ended).toBe(400);
  });

  test('secrets reach no record of the wire', async () => {
    bench = await tuyaTestBench();
    const { body } = await requestToken();
    const token = body.result.session_conf.agentToken;
    const device = await bench.connect({ version: 1 });
    device.openSession({ agentToken: token });
    device.ping();
    await device.until(() => device.pongs > 0);
    const told = JSON.stringify(bench.observer.events);
    expect(told).toContain('SessionNew');
    expect(told).not.toContain(token);
    expect(told).not.toContain('0123456789abcdef');
  });
});

describe('connection life', () => {
  test('ping, refresh, and a device that comes back under its old connection id', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect();
    device.ping();
    device.refresh();
    await device.until(() => device.pongs > 0 && bench.observer.of('wire.message').some(({ name }) => name === 'ConnectionRefreshResp'));
    expect(bench.gateway.connections()).toMatchObject([{ deviceName: deviceId, clientType: 'device', version: 2, sessions: [] }]);
    expect(device.violations).toEqual([]);
    device.close();
    await bench.observer.until('device.offline');
    expect(bench.devices.list()[0]?.isOnline).toBe(false);
  });

  test('twenty sessions; the next one is refused and the others go on', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect({ isApp: true });
    const sessions = Array.from({ length: 21 }, (_, index) => device.openSession({ firstId: index * 20 }));
    await device.until(() => sessions.some((session) => device.isRefused(session)));
    expect(sessions.map((session) => device.isRefused(session))).toEqual([...new Array(20).fill(false), true]);
    expect(bench.conversations.started).toHaveLength(20);
    sessions[0]?.close();
    const again = device.openSession({ firstId: 500 });
    device.ping();
    await device.until(() => device.pongs > 0);
    expect(device.isRefused(again)).toBe(false);
    expect(bench.conversations.started[0]?.closeReason).toBe('closed by the device');
  });

  test('the bench closes: every client hears of it', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect();
    device.openSession();
    device.ping();
    await device.until(() => device.pongs > 0);
    await bench.gateway.close();
    await device.ended;
    expect(bench.conversations.started[0]?.closeReason).toBe('the bench is closing');
  });
});

describe('events to a conversation', () => {
  test('manual sound is a button; PCM of any rate and channels comes as 16 kHz mono', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect();
    const session = device.openSession();
    const eventId = session.startEvent();
    session.chunk('audio', streamFlags.start, new Uint8Array(0), [attribute(ids.audioParams, '101 2 16 16000')]);
    session.chunk('audio', streamFlags.ing, new Uint8Array(1280).fill(1));
    session.chunk('audio', streamFlags.end, new Uint8Array(0));
    session.payloadsEnd(eventId, 'audio');
    session.endEvent(eventId);
    device.ping();
    await device.until(() => device.pongs > 0);
    const [conversation] = bench.conversations.started;
    expect(conversation?.listens).toEqual(['start', 'stop']);
    expect(conversation?.packets.map(({ packet: one }) => one.length)).toEqual([640]);
    expect(conversation?.options).toMatchObject({ gateway: 'tuya', productId: 'tuya', deviceName: deviceId, uplink: { codec: 'pcm' } });
  });

  test('Speex is refused: recorded as unsupported, and the device is told to leave the event', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect();
    const session = device.openSession();
    const eventId = session.startEvent();
    session.chunk('audio', streamFlags.start, new Uint8Array(0), [attribute(ids.audioParams, '108 1 16 16000')]);
    expect(await session.turns.until(eventId)).toMatchObject({ eventId });
    expect(bench.observer.of('engine.error')).toMatchObject([{ error: { code: 'unsupported', data: { feature: 'Speex' } } }]);
    expect(device.violations).toEqual([]);
  });

  test('text and a picture are one turn; a hint of the device is nobody’s question', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect();
    const session = device.openSession();
    const eventId = session.startEvent();
    session.chunk('text', streamFlags.one, new TextEncoder().encode('what is this'));
    session.picture(Uint8Array.of(0xff, 0xd8, 1));
    session.endEvent(eventId);
    const hint = session.startEvent();
    session.chunk('text', streamFlags.one, new TextEncoder().encode('{"type":"hintTone","eventType":"wakeUp"}'));
    session.endEvent(hint);
    await session.turns.until(hint);
    const [conversation] = bench.conversations.started;
    expect(conversation?.images).toMatchObject([{ mediaType: 'image/jpeg' }]);
    expect(conversation?.texts).toEqual([{ text: 'what is this', initiator: 'user-text', isSpoken: true }]);
    expect(device.violations).toEqual([]);
  });

  test('video and files are taken, recorded, and said to be of no use', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect();
    const session = device.openSession();
    session.startEvent();
    session.chunk('file', streamFlags.one, Uint8Array.of(1, 2, 3), [attribute(ids.fileParams, '0 4 a.json')]);
    session.chunk('video', streamFlags.one, Uint8Array.of(4, 5));
    await bench.observer.until('engine.error', ({ error }) => error.data.feature === 'video');
    const file = bench.observer.of('wire.message').find(({ name }) => name === 'File ONE');
    expect(file?.bytes).toEqual(Uint8Array.of(1, 2, 3));
    expect(bench.observer.of('engine.error').map(({ error }) => error.data.feature)).toEqual(['file', 'video']);
  });

  test('reused channels: every session with an open event hears the one stream', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect({ isApp: true });
    const first = device.openSession({ isReused: true });
    const second = device.openSession({ isReused: true, firstId: 20 });
    const idle = device.openSession({ isReused: true, firstId: 40 });
    first.startEvent();
    second.startEvent();
    first.chunk('audio', streamFlags.start, new Uint8Array(0), [attribute(ids.audioParams, '101 1 16 16000')]);
    first.chunk('audio', streamFlags.ing, new Uint8Array(640));
    device.ping();
    await device.until(() => device.pongs > 0);
    const heard = bench.conversations.started.map(({ packets }) => packets.length);
    expect([heard, idle.turns.all.length]).toEqual([[1, 1, 0], 0]);
  });

  test('what belongs nowhere is noted by the App SDK’s error number', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect();
    const session = device.openSession();
    session.endEvent('never-begun');
    session.chunk('text', streamFlags.one, new TextEncoder().encode('too early'));
    device.send(packet(packetTypes.event, [attribute(ids.sessionId, 'other'), attribute(ids.eventId, 'e')], Uint8Array.of(0, 0)));
    device.send(packet(77));
    session.event(999, 'e');
    device.ping();
    await device.until(() => device.pongs > 0);
    expect(
      notes()
        .map((note) => note.slice(0, 5))
        .sort(),
    ).toEqual(['39005', '39006', '39006']);
    const unknown = bench.observer.of('wire.message').filter(({ isUnknown }) => isUnknown === true);
    expect(unknown.map(({ name }) => name)).toEqual(['packet 77', 'event 999']);
  });
});

describe('agent tokens', () => {
  test('a token is for its device and for what it was asked with', async () => {
    bench = await tuyaTestBench({ tuya: { isAgentTokenRequired: true } });
    const { status, body } = await requestToken({ agentCode: 'a-1', extParams: { needTts: 'false' } });
    expect(status).toBe(200);
    expect(body.result).toMatchObject({
      connect_conf: { tcpport: bench.port, derived_client_id: deviceId },
      session_conf: { expire: 86_400 },
    });
    const device = await bench.connect();
    const good = device.openSession({ agentToken: body.result.session_conf.agentToken });
    const none = device.openSession({ firstId: 20 });
    const made = device.openSession({ firstId: 40, agentToken: 'f'.repeat(32) });
    await device.until(() => device.isRefused(made));
    expect([good, none, made].map((session) => device.isRefused(session))).toEqual([false, true, true]);
    expect(bench.gateway.connections()[0]?.sessions).toMatchObject([{ agentCode: 'a-1', downlink: 'none' }]);
  });

  test('a token that expires is told (1001), and no event begins with it', async () => {
    bench = await tuyaTestBench();
    const { body } = await requestToken();
    const device = await bench.connect();
    const session = device.openSession({ agentToken: body.result.session_conf.agentToken });
    device.ping();
    await device.until(() => device.pongs > 0);
    const [connection] = bench.gateway.connections();
    expect(bench.gateway.connection(connection?.connectionId ?? '')?.expireToken(session.sessionId)).toBe(true);
    await device.until(() => device.stateChanges.length > 0);
    expect(device.stateChanges).toEqual([{ sessionId: session.sessionId, state: 1001 }]);
  });

  test.each([
    ['another key', {}, wrongKey, 401],
    ['an unknown device', { deviceId: 'nobody' }, localKey, 401],
    ['an old request', { t: 1_000_000_000 }, localKey, 401],
    ['no nonce', { nonce: '' }, localKey, 400],
  ])('%s gets none', async (_what, more, key, status) => {
    bench = await tuyaTestBench();
    expect(await requestToken(more, key)).toMatchObject({ status, body: { success: false } });
  });

  test('the same request twice gets one', async () => {
    bench = await tuyaTestBench();
    expect((await requestToken({ nonce: 'the-same-nonce' })).status).toBe(200);
    expect((await requestToken({ nonce: 'the-same-nonce' })).status).toBe(401);
  });
});

test('a tool that does not answer has the time of the agent’s settings, and is named', async () => {
  bench = await tuyaTestBench({ settings: { agent: { toolTimeoutMs: 500 } } });
  const device = await bench.connect();
  device.onMcp = ({ id, method }, session) => {
    if (method === 'tools/call') return;
    const result = method === 'tools/list' ? { tools: [{ name: 'light.on', description: '', inputSchema: {} }] } : {};
    session?.event(eventTypes.mcp, 'mcp', [], new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', id, result })));
  };
  device.openSession({ attributes: { deviceMcp: { supportCustomMCP: true } } });
  const started = await bench.observer.until('wire.message', ({ name, text }) => name === 'MCP' && text?.includes('light.on') === true);
  expect(started.direction).toBe('up');
  const peer = bench.conversations.started[0]?.peer;
  while (peer?.tools().length === 0) await new Promise((resolve) => setImmediate(resolve));
  await expect(peer?.callTool('light.on', {}, new AbortController().signal)).rejects.toMatchObject({
    code: 'tool/timeout',
    value: { data: { name: 'light.on', timeoutMs: 500 } },
  });
});

test('a device’s own tools come page by page; a page that leads back ends them', async () => {
  bench = await tuyaTestBench();
  const device = await bench.connect();
  const tool = (name: string) => ({ name, description: '', inputSchema: {} });
  const pages: Record<string, object> = {
    '': { tools: [tool('light.on')], nextCursor: 'two' },
    two: { tools: [tool('light.off')], nextCursor: 'three' },
    three: { tools: [tool('fan.on')], nextCursor: 'two' },
  };
  device.onMcp = ({ id, method, params }, session) => {
    const cursor = (params as { cursor?: string } | undefined)?.cursor ?? '';
    const result = method === 'tools/list' ? pages[cursor] : {};
    session?.event(eventTypes.mcp, 'mcp', [], new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', id, result })));
  };
  device.openSession({ attributes: { deviceMcp: { supportCustomMCP: true } } });
  await bench.observer.until('wire.message', ({ name, text, direction }) => {
    return name === 'MCP' && direction === 'up' && text?.includes('fan.on') === true;
  });
  const peer = bench.conversations.started[0]?.peer;
  while ((peer?.tools().length ?? 0) < 3) await new Promise((resolve) => setImmediate(resolve));
  expect(peer?.tools().map(({ name }) => name)).toEqual(['light.on', 'light.off', 'fan.on']);
});

test('a device’s own tools: listed and called in events of type 1000', async () => {
  bench = await tuyaTestBench();
  const device = await bench.connect();
  device.onMcp = ({ id, method }, session) => {
    const result =
      method === 'tools/list'
        ? { tools: [{ name: 'light.on', description: 'switches the light on', inputSchema: { type: 'object', properties: {} } }] }
        : method === 'tools/call'
          ? { content: [{ type: 'text', text: 'done' }] }
          : {};
    session?.event(eventTypes.mcp, 'mcp', [], new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', id, result })));
  };
  device.openSession({ attributes: { deviceMcp: { supportCustomMCP: true } } });
  device.ping();
  await device.until(() => device.pongs > 0);
  const peer = bench.conversations.started[0]?.peer;
  while (peer?.tools().length === 0) {
    device.ping();
    const { pongs } = device;
    await device.until(() => device.pongs > pongs);
  }
  expect(peer?.tools()).toMatchObject([{ name: 'light.on' }]);
  expect(await peer?.callTool('light.on', {}, new AbortController().signal)).toEqual([{ type: 'text', text: 'done' }]);
});

test.each([1, 2] as const)(
  'a message of version %s is sent again, as it was recorded or edited; what opens something is not',
  async (version) => {
    bench = await tuyaTestBench();
    const device = await bench.connect({ version });
    const asked: Record<string, unknown>[] = [];
    device.onMcp = (message) => asked.push(message);
    device.openSession({ attributes: { deviceMcp: { supportCustomMCP: true } } });
    const sent = await bench.observer.until('wire.message', ({ name, direction }) => name === 'MCP' && direction === 'down');
    await device.until(() => asked.length > 0);
    const { gateway } = bench;
    const again = { channel: 'tcp', direction: 'down', name: sent.name, deviceId: sent.deviceId ?? '' } as const;
    await gateway.resend?.({ ...again, text: sent.text?.replace('initialize', 'edited by hand') ?? '' });
    await device.until(() => asked.length > 1);
    expect(asked.map(({ method }) => method)).toEqual(['initialize', 'edited by hand']);
    // Up, as if the device had sent it.
    await gateway.resend?.({ ...again, direction: 'up', text: sent.text ?? '' });
    const up = await bench.observer.until('wire.message', ({ name, direction }) => name === 'MCP' && direction === 'up');
    expect(up.text).toBe(sent.text);
    await expect(gateway.resend?.({ ...again, name: 'SessionNew', text: '{}' })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(gateway.resend?.({ ...again, text: '{"attributes":{"nothing":1}}' })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(gateway.resend?.({ ...again, deviceId: 'nobody_here', text: '{}' })).rejects.toMatchObject({ code: 'not-found' });
  },
);
