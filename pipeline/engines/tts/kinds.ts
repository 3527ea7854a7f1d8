import { address, field, optional, secret } from '../fields.ts';
import type { TtsKind } from '../kind.ts';
import { lazyTts } from './lazy.ts';
import { createOsTts } from './os-voices.ts';
import { azureVoices, minimaxVoices, tencentVoices } from './voices.ts';

const languages = ['zh', 'en'];

/** In the order they are offered; addresses, models and voices are those of reference/providers.md §5. */
export const ttsKinds: readonly TtsKind[] = [
  {
    kind: 'tencent',
    stage: 'tts',
    title: '腾讯云 Tencent Cloud TTS',
    languages,
    documentation: 'https://cloud.tencent.com/document/product/1073',
    fields: [
      field('appId', 'text'),
      field('secretId', 'text'),
      secret('secretKey'),
      field('voice', 'text', { default: '101001' }),
      optional('fastVoiceType'),
      address('wss://tts.cloud.tencent.com/stream_wsv2'),
    ],
    presets: [],
    spellings: {
      appid: 'appId',
      secretid: 'secretId',
      secretkey: 'secretKey',
      voicetype: 'voice',
      fastvoicetype: 'fastVoiceType',
      apiurl: 'apiUrl',
    },
    create: (creation) =>
      lazyTts(creation, { languages, voices: tencentVoices }, async () => (await import('./tencent.ts')).createTencentTts),
  },
  {
    kind: 'minimax',
    stage: 'tts',
    title: 'MiniMax',
    languages,
    documentation: 'https://platform.minimaxi.com/document/T2A%20V2',
    fields: [
      address('https://api.minimaxi.com/v1'),
      secret('apiKey'),
      optional('groupId'),
      field('model', 'text', { default: 'speech-02-turbo' }),
      field('voice', 'text', { default: 'female-tianmei-jingpin' }),
    ],
    presets: [
      { id: 'minimax-cn', title: 'MiniMax (minimaxi.com)', config: { apiUrl: 'https://api.minimaxi.com/v1' } },
      { id: 'minimax-global', title: 'MiniMax (minimax.io)', config: { apiUrl: 'https://api.minimax.io/v1' } },
    ],
    spellings: { apikey: 'apiKey', apiurl: 'apiUrl', groupid: 'groupId', model: 'model', voicetype: 'voice', voiceid: 'voice' },
    create: (creation) =>
      lazyTts(creation, { languages, voices: minimaxVoices }, async () => (await import('./minimax.ts')).createMinimaxTts),
  },
  {
    kind: 'azure',
    stage: 'tts',
    title: 'Azure AI Speech',
    languages,
    documentation: 'https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech',
    fields: [
      field('region', 'text', { placeholder: 'eastasia' }),
      secret('apiKey'),
      field('voice', 'text', { default: 'zh-CN-XiaoxiaoNeural' }),
      field('language', 'text', { default: 'zh-CN' }),
      optional('apiUrl', 'url'),
    ],
    presets: [],
    spellings: {
      subscriptionkey: 'apiKey',
      region: 'region',
      voicename: 'voice',
      language: 'language',
      apiurl: 'apiUrl',
    },
    create: (creation) => lazyTts(creation, { languages, voices: azureVoices }, async () => (await import('./azure.ts')).createAzureTts),
  },
  {
    kind: 'cartesia',
    stage: 'tts',
    title: 'Cartesia',
    languages,
    documentation: 'https://docs.cartesia.ai',
    fields: [
      secret('apiKey'),
      field('model', 'text', { default: 'sonic-3' }),
      field('voice', 'text', {}),
      field('version', 'text', { default: '2026-08-14' }),
      address('wss://api.cartesia.ai/tts/websocket'),
    ],
    presets: [],
    spellings: { apikey: 'apiKey', model: 'model', modelid: 'model', voiceid: 'voice', apiurl: 'apiUrl' },
    create: (creation) => lazyTts(creation, { languages, voices: [] }, async () => (await import('./cartesia.ts')).createCartesiaTts),
  },
  {
    kind: 'elevenlabs',
    stage: 'tts',
    title: 'ElevenLabs',
    languages,
    documentation: 'https://elevenlabs.io/docs/api-reference/text-to-speech/stream',
    fields: [
      secret('apiKey'),
      field('model', 'text', { default: 'eleven_flash_v2_5' }),
      field('voice', 'text', {}),
      address('https://api.elevenlabs.io'),
    ],
    presets: [],
    spellings: { apikey: 'apiKey', model: 'model', modelid: 'model', voiceid: 'voice', apiurl: 'apiUrl' },
    create: (creation) => lazyTts(creation, { languages, voices: [] }, async () => (await import('./elevenlabs.ts')).createElevenlabsTts),
  },
  {
    kind: 'custom',
    stage: 'tts',
    title: 'Custom (TRTC protocol)',
    languages,
    documentation: 'https://cloud.tencent.com/document/product/647/115414',
    fields: [
      field('apiUrl', 'url', { placeholder: 'http://127.0.0.1:8080/tts' }),
      { name: 'apiKey', kind: 'secret', isRequired: false },
      field('format', 'choice', { default: 'pcm', options: ['pcm', 'wav'] }),
      field('sampleRate', 'number', { default: 16_000, min: 8000, max: 48_000 }),
      field('isStrict', 'switch', { default: true }),
    ],
    presets: [],
    spellings: { apikey: 'apiKey', apiurl: 'apiUrl', audioformat: 'format', samplerate: 'sampleRate' },
    create: (creation) => lazyTts(creation, { languages, voices: [] }, async () => (await import('./custom.ts')).createCustomTts),
  },
  {
    kind: 'sherpa',
    stage: 'tts',
    title: 'sherpa-onnx',
    languages,
    documentation: 'https://k2-fsa.github.io/sherpa/onnx/tts/pretrained_models/index.html',
    fields: [
      field('folder', 'folder', {}),
      field('speaker', 'number', { default: 0, min: 0, max: 10_000 }),
      field('threads', 'number', { default: 2, min: 1, max: 16 }),
    ],
    presets: [],
    spellings: { modelfolder: 'folder', speakerid: 'speaker', sid: 'speaker', numthreads: 'threads' },
    create: (creation) => lazyTts(creation, { languages, voices: [] }, async () => (await import('./sherpa.ts')).createSherpaTts),
  },
  {
    kind: 'os',
    stage: 'tts',
    title: 'macOS, Windows',
    languages,
    fields: [optional('voice')],
    presets: [],
    spellings: { voicetype: 'voice', voicename: 'voice', voice: 'voice' },
    create: (creation) => ({ id: creation.id, languages, ...createOsTts(creation) }),
  },
];
