import type { Clock } from '../../../preload/contract/time.ts';
import { fakeSpeech } from '../../fakes/services/tts-audio.ts';
import { fakeAzureTts, fakeCustomTts, fakeElevenlabs, fakeMinimaxTts } from '../../fakes/services/tts-http.ts';
import { fakeCartesia, fakeTencentTts } from '../../fakes/services/tts-socket.ts';
import { guardTts, type TtsHarness } from './guarder-tts.ts';
import { profileEngine } from './profile-engine.ts';
import { type GuardedService, serviceRig } from './service-rig.ts';

const KEY = 'key-guarder-0123456789';

function guardService(
  kind: string,
  start: () => Promise<GuardedService>,
  config: (origin: string) => Record<string, unknown>,
  more: Pick<TtsHarness, 'without' | 'alsoCodes' | 'isWarmExact'> = {},
): void {
  guardTts({
    engine: kind,
    ...more,
    sentences: [
      { text: '测试台准备好了。', language: 'zh', voice: '' },
      { text: 'The bench is ready & "waiting" <now>.', language: 'en' },
    ],
    spoken: ({ text }) => fakeSpeech(text),
    async start(clock: Clock) {
      const service = await start();
      return serviceRig(profileEngine('tts', kind, config(service.origin), clock), service, [KEY]);
    },
  });
}

guardService(
  'custom',
  () => fakeCustomTts(KEY),
  (origin) => ({ apiUrl: `${origin}/tts`, apiKey: KEY, format: 'pcm', sampleRate: 16_000, isStrict: true }),
);
guardService(
  'minimax',
  () => fakeMinimaxTts(KEY),
  (origin) => ({ apiUrl: `${origin}/v1`, apiKey: KEY, groupId: 'g', model: 'speech-02-turbo', voice: 'v' }),
);
guardService(
  'azure',
  () => fakeAzureTts(KEY),
  (origin) => ({ region: 'eastasia', apiKey: KEY, voice: 'zh-CN-XiaoxiaoNeural', language: 'zh-CN', apiUrl: origin }),
);
guardService(
  'elevenlabs',
  () => fakeElevenlabs(KEY),
  (origin) => ({ apiUrl: origin, apiKey: KEY, model: 'eleven_flash_v2_5', voice: 'v1' }),
);
guardService(
  'cartesia',
  () => fakeCartesia(KEY),
  (origin) => ({ apiUrl: `${origin}/tts/websocket`, apiKey: KEY, model: 'sonic-3', voice: 'v', version: '2026-08-14' }),
  { isWarmExact: true },
);
guardService(
  'tencent',
  () => fakeTencentTts({ appId: '1250000000', secretId: 'AKIDTEST', secretKey: KEY }),
  (origin) => ({ appId: '1250000000', secretId: 'AKIDTEST', secretKey: KEY, voice: '101001', apiUrl: `${origin}/stream_wsv2` }),
  { isWarmExact: true },
);
