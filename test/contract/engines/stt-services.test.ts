import { speechPcm } from '../../fakes/engines.ts';
import { fakeAmazonStt } from '../../fakes/services/amazon.ts';
import { fakeAzureStt } from '../../fakes/services/azure-stt.ts';
import { fakeDeepgram, fakeTencentStt } from '../../fakes/services/stt-socket.ts';
import { guardStt } from './guarder-stt.ts';
import { profileEngine } from './profile-engine.ts';
import { type GuardedService, serviceRig } from './service-rig.ts';

const KEY = 'key-guarder-0123456789';
const texts = { zh: '打开客厅的灯', en: 'turn on the light please' };
const recordings = { zh: speechPcm(400), en: speechPcm(640) };
const recognise = (samples: number) =>
  samples === recordings.zh.length ? texts.zh : samples === recordings.en.length ? texts.en : `${samples} samples`;

function guardService(kind: string, start: () => Promise<GuardedService>, config: (origin: string) => Record<string, unknown>): void {
  guardStt({
    engine: kind,
    // Its stream is opened while the user speaks: that is early enough.
    without: { warmed: 'opened with the first word' },
    utterances: async () => [
      { pcm: recordings.zh, text: texts.zh, language: 'zh' },
      { pcm: recordings.en, text: texts.en, language: 'en' },
    ],
    async start(clock) {
      const service = await start();
      return serviceRig(profileEngine('stt', kind, config(service.origin), clock), service, [KEY]);
    },
  });
}

guardService(
  'tencent',
  () => fakeTencentStt({ appId: '1250000000', secretId: 'AKIDTEST', secretKey: KEY }, recognise),
  (origin) => ({ appId: '1250000000', secretId: 'AKIDTEST', secretKey: KEY, apiUrl: `${origin}/asr/v2` }),
);
guardService(
  'deepgram',
  () => fakeDeepgram(KEY, recognise),
  (origin) => ({ apiKey: KEY, model: 'nova-3', apiUrl: origin }),
);
guardService(
  'amazon',
  () => fakeAmazonStt('AKIDTEST', recognise),
  (origin) => ({ region: 'ap-southeast-1', accessKeyId: 'AKIDTEST', secretAccessKey: KEY, apiUrl: origin }),
);
guardService(
  'azure',
  () => fakeAzureStt(KEY, recognise),
  (origin) => ({ region: 'eastasia', apiKey: KEY, apiUrl: `${origin}/stt/speech/universal/v2` }),
);
