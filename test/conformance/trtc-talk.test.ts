import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createCore } from '../../main/core/core.ts';
import { RoomClient } from '../../pipeline/boards/trtc/room-client.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { createClient } from '../../preload/contract/client.ts';
import { memoryTransportPair } from '../../preload/contract/transports/memory.ts';
import { fakeOpenAi } from '../fakes/services/openai.ts';
import { startBody } from '../fakes/trtc.ts';

const sdk = createRequire(import.meta.url)('tencentcloud-sdk-nodejs');

/** The whole bench on free ports. */
async function wholeBench() {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'talkbench-trtc-'));
  const core = await createCore({
    ...{ dataDirectory, appVersion: '0.0.0', log: pino({ level: 'silent' }) },
    listeners: { enabled: true, host: '127.0.0.1', mqttPort: 0, gatewayPort: 0 },
  });
  const [clientSide, serverSide] = memoryTransportPair();
  core.endpoint.accept(serverSide, { role: 'operator' });
  const client = createClient(clientSide);
  const { listeners } = await client.call('core.status', {});
  return {
    client,
    port: listeners.find(({ name }) => name === 'gateway')?.port ?? 0,
    async [Symbol.asyncDispose]() {
      client.close();
      await core.close();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

test('a backend with the official SDK starts a talk in a room: its model answers, the bench’s own custom TTS speaks', {
  timeout: 120_000,
}, async () => {
  await using bench = await wholeBench();
  await using model = await fakeOpenAi({ key: 'sk-model', reply: (text) => [`You said ${text}.`] });
  const { secretId, generatedSecretKey } = await bench.client.call('accounts.addKey', {});
  const { sdkAppId } = await bench.client.call('accounts.get', {});
  await bench.client.call('trtc.putTtsApiKey', { key: 'tts-key' });
  const backend = new sdk.trtc.v20190722.Client({
    credential: { secretId, secretKey: generatedSecretKey },
    region: 'ap-guangzhou',
    profile: { httpProfile: { endpoint: `127.0.0.1:${bench.port}`, protocol: 'http://' } },
  });
  const user = await RoomClient.enter({
    clock: systemClock,
    gateway: `ws://127.0.0.1:${bench.port}`,
    sdkAppId,
    roomId: '1234',
    roomIdType: 0,
    userId: 'user',
  });
  const { TaskId } = await backend.StartAIConversation(
    startBody({
      SdkAppId: sdkAppId,
      STTConfig: { Language: 'en' },
      LLMConfig: JSON.stringify({
        LLMType: 'openai',
        Model: 'm',
        APIKey: 'sk-model',
        APIUrl: `${model.origin}/v1/chat/completions`,
        Streaming: true,
      }),
      TTSConfig: JSON.stringify({
        TTSType: 'custom',
        APIKey: 'tts-key',
        APIUrl: `http://127.0.0.1:${bench.port}/trtc/tts`,
        AudioFormat: 'pcm',
        SampleRate: 16000,
      }),
    }),
  );
  await user.untilThere('robot');
  user.sendText('robot', 'hello there');
  const whole = await user.until(({ data, from }) => data.type === 10000 && from === 'robot' && (data.payload as { end: boolean }).end);
  expect(whole.data.payload).toMatchObject({ text: 'You said hello there.' });
  const speaking = await user.until(({ data }) => data.type === 10001 && (data.payload as { state: number }).state === 3);
  await user.until(({ data, atUs }) => data.type === 10001 && atUs > speaking.atUs && (data.payload as { state: number }).state === 1);
  // A second of speech at the least, and no silence.
  expect(user.heard().length).toBeGreaterThan(12_000);
  expect(user.heard().some((sample) => Math.abs(sample) > 1000)).toBe(true);
  expect(model.exchanges[0]?.headers).toMatchObject({
    'x-task-id': TaskId,
    'x-room-id': '1234',
    'x-room-id-type': '0',
    'x-user-id': 'user',
  });
  await backend.StopAIConversation({ TaskId });
  await user.leave();
});
