import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../pipeline/clock.ts';
import { observers } from '../../pipeline/observer.ts';
import { createStartConversation } from '../../pipeline/turn/start.ts';
import { FakeLlm, FakeStt, FakeTts, FakeVad, silencePcm, speechPcm } from '../fakes/engines.ts';
import { RecordingObserver } from '../fakes/observer.ts';
import { loadPipecat, PageSound } from '../fakes/pipecat.ts';
import { TestDevice, testGateway } from '../fakes/twetalk.ts';

/** Pipecat's RTVI client with its protobuf WebSocket transport, from npm: the protocol TWeTalk's is made of, in other hands. */
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function connected() {
  const observer = new RecordingObserver();
  const engines = {
    vad: new FakeVad(),
    stt: new FakeStt(systemClock, [{ text: '几点了', partials: [{ atMs: 300, text: '几点' }] }]),
    llm: new FakeLlm(systemClock, [{ tokens: ['现在', '三点。', '再见。'] }, { tokens: ['好的。'] }]),
    tts: new FakeTts(systemClock, { msPerCharacter: 60 }),
  };
  const started = await testGateway({
    settings: { agent: { greetingZh: '你好。' } },
    startConversation: createStartConversation({
      clock: systemClock,
      observer: observers([observer], (error) => {
        throw error;
      }),
      engines: () => engines,
    }),
  });
  closers.push(() => started.gateway.close());
  const device = await TestDevice.connect(started.mqttPort);
  closers.push(() => device.close());
  const { PipecatClient, RTVIEvent, WebSocketTransport, ProtobufFrameSerializer } = await loadPipecat();
  const sound = new PageSound();
  const transport = new WebSocketTransport({
    serializer: new ProtobufFrameSerializer(),
    mediaManager: sound as never,
    recorderSampleRate: 16000,
  });
  const client = new PipecatClient({ transport, enableMic: true, enableCam: false });
  closers.push(() => client.disconnect());
  const told: { event: string; data: unknown }[] = [];
  let look: () => void = () => {};
  for (const event of Object.values(RTVIEvent)) {
    client.on(event, ((data: unknown) => {
      told.push({ event, data });
      look();
    }) as never);
  }
  const until = async (event: string, matches: (data: never) => boolean = () => true) => {
    for (;;) {
      const found = told.find((one) => one.event === event && matches(one.data as never));
      if (found !== undefined) return found.data;
      await new Promise<void>((resolve) => (look = resolve));
    }
  };
  // Its PCM is 16-bit samples as TWeTalk's are; it has no Opus.
  const url = (await device.webSocketUrl()).replace('audioType=opus', 'audioType=pcm');
  const ready = await client.connect({ wsUrl: url });
  return { ...started, client, sound, told, until, ready, transport, engines };
}

test('client-ready is answered with bot-ready, and the greeting comes as captions and sound', async () => {
  const { ready, until, sound, transport } = await connected();
  expect(ready).toMatchObject({ version: '1.0.0' });
  expect(transport.state).toBe('ready');
  expect(await until('botTranscript')).toMatchObject({ text: '你好。' });
  await until('botStartedSpeaking');
  await sound.until((heard) => heard.some((pcm) => pcm.some((sample) => Math.abs(sample) > 1000)));
  // 60 ms of 16 kHz each, decoded by its own serializer.
  expect(sound.heard[0]).toHaveLength(960);
  await until('botStoppedSpeaking');
});

test('send-text is answered: model text as it comes, a caption a sentence, sound', async () => {
  const { client, until, told, sound } = await connected();
  await until('botStoppedSpeaking');
  const before = sound.heard.length;
  await client.sendText('几点了', { run_immediately: true, audio_response: true });
  await until('botTranscript', (data: { text: string }) => data.text.includes('再见'));
  expect(told.filter(({ event }) => event === 'botLlmText').map(({ data }) => (data as { text: string }).text)).toEqual([
    '现在',
    '三点。',
    '再见。',
  ]);
  await sound.until((heard) => heard.length > before + 3);
  expect(told.map(({ event }) => event)).toEqual(expect.arrayContaining(['botLlmStarted', 'botLlmStopped', 'botTtsStarted', 'metrics']));
  expect(told.filter(({ event }) => event === 'error')).toEqual([]);
});

test('what it says into its microphone is heard, transcribed and answered', async () => {
  const { sound, until } = await connected();
  await until('botStoppedSpeaking');
  const speech = [...speechPcm(600), ...silencePcm(1500)];
  for (let at = 0; at < speech.length; at += 960) {
    sound.say(Int16Array.from(speech.slice(at, at + 960)));
    await new Promise<void>((resolve) => systemClock.at((systemClock.nowUs() + 60_000) as never, resolve));
  }
  expect(await until('userTranscript', (data: { final: boolean }) => data.final)).toMatchObject({ text: '几点了' });
  await until('userStartedSpeaking');
  await until('userStoppedSpeaking');
  expect(await until('botTranscript', (data: { text: string }) => data.text !== '你好。')).toMatchObject({
    text: expect.stringContaining('三点'),
  });
});

test('a bench that refuses is a failed connection', async () => {
  const { gatewayPort } = await connected();
  const { PipecatClient, WebSocketTransport } = await loadPipecat();
  const client = new PipecatClient({ transport: new WebSocketTransport({ mediaManager: new PageSound() as never }), enableMic: true });
  await expect(client.connect({ wsUrl: `ws://127.0.0.1:${gatewayPort}/ws?token=none` })).rejects.toThrow();
});
