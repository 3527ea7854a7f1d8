import { address, field, optional, secret } from '../fields.ts';
import type { SttKind } from '../kind.ts';
import { sttModels } from '../sherpa/stt-model.ts';
import { lazyStt } from './lazy.ts';

const all = ['zh', 'en', 'yue', 'ja', 'ko'];

/** In the order they are offered; addresses and models are those of reference/providers.md §3. */
export const sttKinds: readonly SttKind[] = [
  {
    kind: 'tencent',
    stage: 'stt',
    title: '腾讯云 Tencent Cloud ASR',
    languages: all,
    documentation: 'https://cloud.tencent.com/document/product/1093/48982',
    fields: [
      field('appId', 'text'),
      field('secretId', 'text'),
      secret('secretKey'),
      optional('engineType'),
      address('wss://asr.cloud.tencent.com/asr/v2'),
    ],
    presets: [],
    spellings: { appid: 'appId', secretid: 'secretId', secretkey: 'secretKey', enginetype: 'engineType', apiurl: 'apiUrl' },
    create: (creation) => lazyStt(creation, all, async () => (await import('./tencent.ts')).createTencentStt),
  },
  {
    kind: 'deepgram',
    stage: 'stt',
    title: 'Deepgram',
    languages: all,
    documentation: 'https://developers.deepgram.com/reference/speech-to-text/listen-streaming',
    fields: [secret('apiKey'), field('model', 'text', { default: 'nova-3' }), optional('language'), address('wss://api.deepgram.com')],
    presets: [],
    spellings: { apikey: 'apiKey', appkey: 'apiKey', model: 'model', language: 'language', baseurl: 'apiUrl', apiurl: 'apiUrl' },
    create: (creation) => lazyStt(creation, all, async () => (await import('./deepgram.ts')).createDeepgramStt),
  },
  {
    kind: 'amazon',
    stage: 'stt',
    title: 'Amazon Transcribe',
    languages: all,
    documentation: 'https://docs.aws.amazon.com/transcribe/latest/dg/streaming.html',
    fields: [
      field('region', 'text', { placeholder: 'ap-southeast-1' }),
      field('accessKeyId', 'text'),
      secret('secretAccessKey'),
      { name: 'sessionToken', kind: 'secret', isRequired: false },
      optional('language'),
      optional('apiUrl', 'url'),
    ],
    presets: [],
    spellings: {
      region: 'region',
      accesskeyid: 'accessKeyId',
      secretaccesskey: 'secretAccessKey',
      sessiontoken: 'sessionToken',
      language: 'language',
      apiurl: 'apiUrl',
    },
    create: (creation) => lazyStt(creation, all, async () => (await import('./amazon.ts')).createAmazonStt),
  },
  {
    kind: 'azure',
    stage: 'stt',
    title: 'Azure AI Speech',
    languages: all,
    documentation: 'https://learn.microsoft.com/azure/ai-services/speech-service/speech-to-text',
    fields: [
      field('region', 'text', { placeholder: 'eastasia' }),
      secret('apiKey'),
      optional('endpointId'),
      optional('language'),
      optional('apiUrl', 'url'),
    ],
    presets: [],
    spellings: { subscriptionkey: 'apiKey', region: 'region', endpointid: 'endpointId', language: 'language', apiurl: 'apiUrl' },
    create: (creation) => lazyStt(creation, all, async () => (await import('./azure.ts')).createAzureStt),
  },
  {
    kind: 'sherpa',
    stage: 'stt',
    title: 'sherpa-onnx',
    languages: all,
    documentation: 'https://k2-fsa.github.io/sherpa/onnx/pretrained_models/index.html',
    fields: [
      field('folder', 'folder', {}),
      field('model', 'choice', { default: 'auto', options: [...sttModels] }),
      optional('language'),
      field('threads', 'number', { default: 2, min: 1, max: 16 }),
    ],
    presets: [],
    spellings: { modelfolder: 'folder', modeltype: 'model', numthreads: 'threads', language: 'language' },
    create: (creation) => lazyStt(creation, all, async () => (await import('./sherpa.ts')).createSherpaStt),
  },
];
