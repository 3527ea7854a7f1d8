import { afterEach, describe, expect, test } from 'vitest';
import { createOpusEncoder } from '../../../../../pipeline/audio/opus.ts';
import { createTwetalkFirmware } from '../../../../../pipeline/boards/twetalk/firmware.ts';
import type { FirmwareOptions, FirmwareState } from '../../../../../pipeline/boards/twetalk/firmware-options.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { fakeConversations } from '../../../../fakes/conversation.ts';
import { testDevice, testGateway } from '../../../../fakes/twetalk.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function boardOn(bench: Awaited<ReturnType<typeof testGateway>>, options: Partial<FirmwareOptions> = {}) {
  const states: FirmwareState[] = [];
  const playouts: { kind: 'audible' | 'silent'; atUs: number }[] = [];
  let replyPackets = 0;
  let output = '';
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const listener of [...waiting]) listener();
  };
  const board = createTwetalkFirmware({
    clock: systemClock,
    broker: { host: '127.0.0.1', port: bench.mqttPort },
    ...testDevice,
    language: 'zh',
    audioType: 'opus',
    audioInterval: 60,
    print: (text) => {
      output += text;
      wake();
    },
    onState: (state) => {
      states.push(state);
      wake();
    },
    onPlayout: (report) => {
      playouts.push(report);
      wake();
    },
    onReplyAudio: () => {
      replyPackets += 1;
      wake();
    },
    ...options,
  });
  closers.push(() => board.stop());
  /** Resolves once `condition` holds; looked at whenever the board prints, changes state or plays. */
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const listener = () => {
        if (!condition()) return;
        waiting.delete(listener);
        resolve();
      };
      waiting.add(listener);
      listener();
    });
  return { board, states, playouts, until, output: () => output, replyPackets: () => replyPackets };
}

async function bench(options: Parameters<typeof testGateway>[0] = {}) {
  const started = await testGateway(options);
  closers.push(() => started.gateway.close());
  return started;
}

const tone = (samples: number) => Int16Array.from({ length: samples }, (_, index) => Math.round(8000 * Math.sin(index * 0.3)));

describe('the board against the gateway', () => {
  test('boots in the SDK’s order and is listening', async () => {
    const started = await bench();
    const { board, states, output } = await boardOn(started, {
      contacts: [{ name: '妈妈', openId: 'oOMC' }],
      customParams: { user_name: '张三' },
    });
    const next = started.conversations.next();
    await board.start();
    const conversation = await next;
    expect(states).toEqual(['connecting', 'connected', 'listening']);
    expect(conversation.options).toMatchObject({
      language: 'zh',
      uplink: { codec: 'opus', frameMs: 60 },
      variables: { user_name: '张三' },
    });
    await started.observer.until('device.property', (event) => event.properties.volume === 80);
    expect(started.devices.list()[0]).toMatchObject({
      isOnline: true,
      firmwareVersion: 'esp32s3_v1.1.8',
      properties: { battery: 100, volume: 80 },
    });
    const subscribed = started.observer.of('wire.message').filter((event) => event.note === 'SUBSCRIBE');
    expect(subscribed.map((event) => event.name)).toEqual([
      '$thing/down/property/ABCDEFGHIJ/dev01',
      '$thing/down/action/ABCDEFGHIJ/dev01',
      '$twecall/down/service/ABCDEFGHIJ/dev01',
      '$ota/update/ABCDEFGHIJ/dev01',
    ]);
    const contacts = await started.observer.until('wire.message', (event) => event.name === 'call-contacts');
    expect(contacts.text).toContain('[{"妈妈":"oOMC"}]');
    expect(output()).toMatch(/INF\|\d+\|twetalk_ws\.c\|TWeTalk_WS_Init\(\d+\): ai talk init success\(0\)/);
  });

  test.each([
    { audioType: 'opus', audioInterval: 60, packetBytes: 180 },
    { audioType: 'opus', audioInterval: 20, packetBytes: 60 },
    { audioType: 'pcm', audioInterval: 40, packetBytes: 1280 },
  ] as const)('speaks $audioType of $audioInterval ms and plays what comes back', async ({ audioType, audioInterval, packetBytes }) => {
    const started = await bench();
    const { board, playouts, until, replyPackets } = await boardOn(started, { audioType, audioInterval });
    const next = started.conversations.next();
    await board.start();
    const conversation = await next;
    conversation.isEchoing = true;
    conversation.peer.tell({ kind: 'bot-started-speaking' });
    await board.speak(tone(16 * 240));
    await until(() => playouts.length === 1 && replyPackets() >= 240 / audioInterval);
    conversation.isEchoing = false;
    conversation.peer.tell({ kind: 'bot-stopped-speaking', wasInterrupted: false });
    await until(() => playouts.length === 2);
    expect(playouts.map((report) => report.kind)).toEqual(['audible', 'silent']);
    const [audible, silent] = playouts;
    // 240 ms of sound, at the edges of which the codec may move a frame.
    expect(Math.abs((silent?.atUs ?? 0) - (audible?.atUs ?? 0) - 240_000)).toBeLessThan(2 * audioInterval * 1000 + 10_000);
    expect(new Set(conversation.packets.map(({ packet }) => packet.length))).toEqual(new Set([packetBytes]));
    const { packets, pcm, fromUs } = board.receivedAudio();
    expect(packets.length).toBeGreaterThanOrEqual(240 / audioInterval);
    expect(fromUs).toBeLessThanOrEqual(audible?.atUs ?? 0);
    expect(Math.max(...pcm)).toBeGreaterThan(4000);
  });

  test('answers the three actions, and keeps silent about one it does not have', async () => {
    const started = await bench({ settings: { agent: { toolTimeoutMs: 500 } } });
    const { board } = await boardOn(started);
    const next = started.conversations.next();
    await board.start();
    const { peer } = await next;
    const { signal } = new AbortController();
    expect(await peer.callTool('control_volume', { action: 'set', volume: 50 }, signal)).toEqual({ volume: 50 });
    expect(await peer.callTool('control_volume', { action: 'decrease', volume: 20 }, signal)).toEqual({ volume: 30 });
    expect(await peer.callTool('get_battery', {}, signal)).toEqual({ battery: 100 });
    const alarm = { hour: '7', minute: '30', frequency: 'daily', day_choice: 'Daily' };
    expect(await peer.callTool('set_alarm_clock', alarm, signal)).toEqual({ alarm_status: 'Alarm clock set successfully' });
    expect(board.thing.alarms).toEqual([{ hour: '7', minute: '30', frequency: 'daily', dayChoice: 'Daily' }]);
    await expect(peer.callTool('make_coffee', {}, signal)).rejects.toMatchObject({ code: 'tool/timeout' });
    await started.observer.until('device.property', (event) => event.properties.volume === 30);
  });

  test('sets its volume when told to, reports it and says it is done', async () => {
    const started = await bench();
    const { board } = await boardOn(started);
    await board.start();
    await started.gateway.publishToDevice(testDevice, 'property', { method: 'control', clientToken: 'bench-1', params: { volume: 33 } });
    await started.observer.until('wire.message', (event) => event.text === '{"method":"control_reply","clientToken":"bench-1","code":0}');
    expect(board.thing.volume).toBe(33);
    expect(started.devices.list()[0]?.properties).toMatchObject({ volume: 33 });
  });

  test('logs captions as event pairs, and a text with braces arrives readable', async () => {
    const started = await bench();
    const { board, output, until } = await boardOn(started);
    const next = started.conversations.next();
    await board.start();
    const { peer } = await next;
    peer.tell({ kind: 'bot-sentence', text: '集合{1,2}。' });
    peer.tell({ kind: 'user-transcript', text: '周杰伦', isFinal: false });
    await until(() => output().includes('usr: 周杰伦'));
    expect(output()).toContain('🤖 [04] BOT_TRANSCRIPTION - 机器人字幕');
    expect(output()).toContain('bot: 集合｛1,2｝。');
    expect(output()).not.toContain('json parse failed');
  });

  test('hears a greeting that comes with the connection, after its own boot lines', async () => {
    const greeting = fakeConversations((conversation) => conversation.peer.tell({ kind: 'bot-sentence', text: '你好' }));
    const started = await bench({ startConversation: greeting.start });
    const { board, output, until } = await boardOn(started);
    await board.start();
    await until(() => output().includes('bot: 你好'));
    expect(output().indexOf('bot: 你好')).toBeGreaterThan(output().indexOf('ai talk init success'));
  });

  test('loses what comes too far ahead of real time, and says so', async () => {
    const started = await bench();
    const { board, output, until } = await boardOn(started);
    const next = started.conversations.next();
    await board.start();
    const { peer } = await next;
    const encoder = createOpusEncoder({ sampleRate: 16000, channels: 1, bitrate: 24000, frameMs: 60, isCbr: true });
    const packet = encoder.encode(tone(960));
    for (let index = 0; index < 95; index++) peer.sendAudio(packet, index * 60_000);
    await until(() => output().split('recv ring buffer full').length === 6);
    encoder.close();
  });

  test('is refused with a wrong secret, and says at which door', async () => {
    const started = await bench();
    const { board, states } = await boardOn(started, { secret: 'AAAAAAAAAAAAAAAAAAAAAA==' });
    await expect(board.start()).rejects.toMatchObject({ value: { code: 'talk/refused', data: { stage: 'mqtt', reason: 'connack 4' } } });
    expect(states).toEqual(['connecting', 'idle']);
  });

  test('finds nobody at home, and says so', async () => {
    const started = await bench();
    await started.gateway.close();
    closers.pop();
    const { board } = await boardOn(started);
    await expect(board.start()).rejects.toMatchObject({ value: { code: 'talk/refused', data: { stage: 'mqtt', reason: 'ECONNREFUSED' } } });
  });

  test('is told that there is no service, and stays on MQTT', async () => {
    const taken = await bench();
    const started = await bench({ settings: { listeners: { gatewayPort: taken.gatewayPort } } });
    const { board } = await boardOn(started);
    await expect(board.start()).rejects.toMatchObject({ value: { code: 'talk/refused', data: { stage: 'query', reason: 'code 1' } } });
    expect(board.state).toBe('connected');
  });

  test('wakes a voice connection that the server closed, with a new token', async () => {
    const started = await bench();
    const { board, states, until } = await boardOn(started);
    const first = started.conversations.next();
    await board.start();
    (await first).peer.close('idle');
    await until(() => states.at(-1) === 'connected');
    const second = started.conversations.next();
    await board.sendText('你好');
    const conversation = await second;
    await started.observer.until('wire.message', (event) => event.name === 'send-text');
    expect(conversation.texts).toEqual([{ text: '你好', initiator: 'user-text', isSpoken: true }]);
    expect(states.at(-1)).toBe('listening');
  });

  test('stopped, it is off the bench and idle', async () => {
    const started = await bench();
    const { board, states } = await boardOn(started);
    await board.start();
    await board.stop();
    expect(states.at(-1)).toBe('idle');
    await started.observer.until('device.offline');
    await started.conversations.started[0]?.closed;
    expect(started.conversations.started[0]?.closeReason).toBe('closed by the board: 1000');
  });
});
