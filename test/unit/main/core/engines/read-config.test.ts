import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEngineConfig } from '../../../../../main/core/engines/read-config.ts';
import type { LlmKind, SttKind, TtsKind } from '../../../../../pipeline/engines/kind.ts';
import { llmKinds } from '../../../../../pipeline/engines/llm/kinds.ts';
import { sttKinds } from '../../../../../pipeline/engines/stt/kinds.ts';
import { ttsKinds } from '../../../../../pipeline/engines/tts/kinds.ts';
import { isTalkError } from '../../../../../preload/contract/errors.ts';

const none = { languages: ['zh'], presets: [] };
const create = () => {
  throw new Error('nothing is made here');
};
const secret = (name: string, isRequired = true) => ({ name, kind: 'secret' as const, isRequired });
const text = (name: string, isRequired = false) => ({ name, kind: 'text' as const, isRequired });
const url = { name: 'apiUrl', kind: 'url' as const, isRequired: true, default: 'https://api.openai.com/v1' };

const openai: LlmKind = {
  ...{ ...none, kind: 'openai', stage: 'llm', title: 'OpenAI-compatible', create },
  fields: [url, secret('apiKey'), text('model', true)],
  presets: [{ id: 'deepseek', title: 'DeepSeek', config: { apiUrl: 'https://api.deepseek.com/v1', model: 'deepseek-flash' } }],
  spellings: { apikey: 'apiKey', apiurl: 'apiUrl', model: 'model', modelid: 'model' },
};
const tencent: SttKind = {
  ...{ ...none, kind: 'tencent', stage: 'stt', title: 'Tencent', create },
  fields: [text('appId', true), secret('secretId'), secret('secretKey'), text('engineType')],
  spellings: { appid: 'appId', secretid: 'secretId', secretkey: 'secretKey', enginetype: 'engineType' },
};
const azure: SttKind = {
  ...{ ...none, kind: 'azure', stage: 'stt', title: 'Azure', create },
  fields: [secret('subscriptionKey'), text('region', true)],
  spellings: { subscriptionkey: 'subscriptionKey', region: 'region' },
};
const minimax: TtsKind = {
  ...{ ...none, kind: 'minimax', stage: 'tts', title: 'MiniMax', create },
  fields: [
    text('model'),
    secret('apiKey'),
    text('groupId'),
    text('voice'),
    { name: 'sampleRate', kind: 'number', isRequired: false, min: 8000, max: 48_000 },
  ],
  spellings: { apikey: 'apiKey', groupid: 'groupId', voicetype: 'voice', model: 'model', samplerate: 'sampleRate' },
};
const kinds = { llm: [openai], stt: [tencent, azure], tts: [minimax] };
const read = (value: unknown) => {
  const result = readEngineConfig(typeof value === 'string' ? value : JSON.stringify(value), kinds, () => false);
  return { notes: result.notes, profiles: result.profiles.map(({ profile, secretNames }) => ({ ...profile, secretNames })) };
};

describe('reading the documents’ configurations', () => {
  test('TWeTalk: Config is JSON in a string, the address a base address', () => {
    const config = {
      ConfigName: 'shop',
      STTConfig: {
        STTType: 'tencent',
        Enabled: true,
        Config: JSON.stringify({ AppId: 1300000000, SecretId: 'AKID', SecretKey: 'sk-1', EngineType: '16k_zh' }),
      },
      LLMConfig: {
        LLMType: 'openai',
        Enabled: true,
        Model: 'deepseek-chat',
        Streaming: true,
        Temperature: 0.7,
        Config: JSON.stringify({
          ApiKey: 'sk-2',
          ApiUrl: 'https://api.deepseek.com/v1',
          SystemPrompt: 'You are …',
          Timeout: 3,
          History: 5,
        }),
      },
      TTSConfig: {
        TTSType: 'minimax',
        Enabled: true,
        Speed: 1,
        Config: JSON.stringify({ Model: 'speech-02', ApiKey: 'sk-3', GroupId: '18', VoiceType: 'v1' }),
      },
    };
    expect(read({ Response: { Data: [config], Total: 1 } })).toEqual({
      profiles: [
        {
          ...{ id: 'tencent-stt', stage: 'stt', kind: 'tencent', name: 'shop · Tencent' },
          ...{ config: { appId: '1300000000', engineType: '16k_zh' }, secretNames: ['secretId', 'secretKey'] },
        },
        {
          ...{ id: 'openai-llm', stage: 'llm', kind: 'openai', name: 'shop · OpenAI-compatible' },
          ...{ config: { apiUrl: 'https://api.deepseek.com/v1', model: 'deepseek-chat' }, secretNames: ['apiKey'] },
        },
        {
          ...{ id: 'minimax-tts', stage: 'tts', kind: 'minimax', name: 'shop · MiniMax' },
          ...{ config: { model: 'speech-02', groupId: '18', voice: 'v1' }, secretNames: ['apiKey'] },
        },
      ],
      notes: [
        'shop LLMConfig: Temperature, SystemPrompt, Timeout, History: the agent’s, not the engine’s',
        'shop TTSConfig: Speed: the agent’s, not the engine’s',
      ],
    });
  });

  test('TRTC: the blocks are JSON in strings, the address is the whole one, a vendor’s recogniser stands in CustomParam', () => {
    const { profiles, notes } = read({
      SdkAppId: 1400000000,
      STTConfig: { Language: 'zh', VadSilenceTime: 1000, CustomParam: '{"STTType":"azure","SubscriptionKey":"k","Region":"chinanorth3"}' },
      LLMConfig:
        '{"LLMType":"openai","Model":"m","APIKey":"sk-4","APIUrl":"https://api.openai.com/v1/chat/completions","Streaming":true,"HistoryMode":1}',
      TTSConfig: '{"TTSType":"minimax","APIKey":"sk-5","SampleRate":"16000"}',
    });
    expect(profiles).toMatchObject([
      { kind: 'azure', config: { region: 'chinanorth3' }, secretNames: ['subscriptionKey'] },
      { kind: 'openai', config: { apiUrl: 'https://api.openai.com/v1/chat/completions', model: 'm' } },
      { kind: 'minimax', config: { sampleRate: 16_000 } },
    ]);
    expect(notes).toContain('STTConfig: not understood: Language');
  });

  test('a vendor that is a preset of a kind brings what the preset has', () => {
    const { profiles } = read({ LLMConfig: { LLMType: 'DeepSeek', Config: { ApiKey: 'k' } } });
    expect(profiles).toMatchObject([{ kind: 'openai', config: { apiUrl: 'https://api.deepseek.com/v1', model: 'deepseek-flash' } }]);
  });

  test.each([
    [{ TTSConfig: { TTSType: 'flow' } }, ['TTSConfig: the type “flow” is not known here']],
    [{ LLMConfig: { Model: 'm' } }, ['LLMConfig: no type']],
    [{ TTSConfig: { TTSType: 'minimax', Enabled: false } }, ['TTSConfig: switched off']],
    [{ LLMConfig: 'not JSON' }, ['LLMConfig: neither an object nor JSON in a string']],
    [{ hello: 'world' }, ['there is no STTConfig, LLMConfig or TTSConfig in it']],
    [
      { TTSConfig: { TTSType: 'minimax', APIKey: 'k', SampleRate: 'sk-in-the-wrong-place' } },
      ['TTSConfig: SampleRate left out: not-a-number'],
    ],
    [{ LLMConfig: { LLMType: 'openai', Model: 'm' } }, ['LLMConfig: apiKey is wanted and not in it']],
  ])('%j is noted', (value, notes) => {
    expect(read(value).notes).toEqual(notes);
  });

  test('several configurations, and ids that are taken, get numbers', () => {
    const block = { LLMConfig: { LLMType: 'openai', Model: 'm', APIKey: 'k' } };
    const ids = readEngineConfig(JSON.stringify([block, block]), kinds, (id) => id === 'openai-llm').profiles.map(
      ({ profile }) => profile.id,
    );
    expect(ids).toEqual(['openai-llm-2', 'openai-llm-3']);
  });

  test('whatever it is, it is read or refused, and no value of a secret is in a profile or a note', () => {
    const key = fc.constantFrom(
      'LLMConfig',
      'TTSCONFIG',
      'sttconfig',
      'Config',
      'LLMType',
      'APIKey',
      'ApiUrl',
      'Model',
      'CustomParam',
      'Enabled',
    );
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('openai', 'minimax', 7, true, null, '{"a":1}', '{"LLMType":"openai"}'),
        fc.dictionary(key, tie('node')),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (value) => {
        const block = { LLMType: 'openai', Model: 'm', ...(typeof value === 'object' ? value : {}), APIKey: 'sk-very-secret' };
        expect(JSON.stringify(read({ LLMConfig: block, other: value }))).not.toContain('sk-very-secret');
      }),
    );
    try {
      read('{');
      expect.unreachable();
    } catch (error) {
      expect(isTalkError(error, 'agent/bad-config')).toBe(true);
    }
  });
});

describe('what the documents’ tables name (reference/providers.md §2.4), with the kinds there are', () => {
  const real = { llm: llmKinds, stt: sttKinds, tts: ttsKinds };
  test.each([
    ['STTConfig', { STTType: 'tencent', Config: { AppId: '1', SecretId: 'i', SecretKey: 'k', EngineType: '16k_zh' } }],
    ['STTConfig', { STTType: 'deepgram', Config: { Model: 'nova-3', Language: 'zh', BaseUrl: 'https://api.deepgram.com', ApiKey: 'k' } }],
    ['STTConfig', { CustomParam: { STTType: 'deepgram', AppKey: 'k', Model: 'nova-3' } }],
    ['STTConfig', { STTType: 'azure', Config: { Region: 'eastasia', EndpointId: 'e', Language: 'zh-CN', SubscriptionKey: 'k' } }],
    [
      'STTConfig',
      { STTType: 'amazon', Config: { Region: 'us-east-1', AccessKeyId: 'a', SecretAccessKey: 's', SessionToken: 't', Language: 'zh-CN' } },
    ],
    ['LLMConfig', { LLMType: 'openai', Model: 'm', Config: { ApiKey: 'k', ApiUrl: 'https://api.openai.com/v1' } }],
    ['LLMConfig', { LLMType: 'openai', Model: 'm', APIKey: 'k', APIUrl: 'https://api.openai.com/v1/chat/completions' }],
    [
      'LLMConfig',
      {
        LLMType: 'coze',
        APIKey: 'k',
        APIUrl: 'https://api.coze.com/v3/chat?conversation_id=1',
        BotId: 'b',
        UserId: 'u',
        conversation_id: '1',
      },
    ],
    [
      'LLMConfig',
      { LLMType: 'dify', APIKey: 'k', APIUrl: 'https://api.dify.ai/v1/chat-messages', Inputs: {}, User: 'u', ConversationId: '1' },
    ],
    [
      'TTSConfig',
      {
        TTSType: 'tencent',
        Config: { AppId: '1', SecretId: 'i', SecretKey: 'k', VoiceType: 101_001, PrimaryLanguage: 1, FastVoiceType: 'f' },
      },
    ],
    [
      'TTSConfig',
      {
        TTSType: 'minimax',
        Config: { Model: 'speech-02', ApiUrl: 'https://api.minimax.chat/v1/t2a_v2', ApiKey: 'k', GroupId: '1', VoiceType: 'v' },
      },
    ],
    ['TTSConfig', { TTSType: 'azure', SubscriptionKey: 'k', Region: 'eastasia', VoiceName: 'v', Language: 'zh-CN' }],
    ['TTSConfig', { TTSType: 'cartesia', Model: 'sonic-2', APIKey: 'k', VoiceId: 'v' }],
    ['TTSConfig', { TTSType: 'elevenlabs', ModelId: 'm', VoiceId: 'v', ApiKey: 'k' }],
    ['TTSConfig', { TTSType: 'elevenlabs', Model: 'm', VoiceId: 'v', APIKey: 'k' }],
    [
      'TTSConfig',
      { TTSType: 'custom', APIKey: 'k', APIUrl: 'http://127.0.0.1:9000/tts', AudioFormat: 'pcm', SampleRate: 16_000, AudioChannel: 1 },
    ],
  ])('%s %j is understood whole', (name, block) => {
    const { profiles, notes } = readEngineConfig(JSON.stringify({ [name]: block }), real, () => false);
    expect(notes).toEqual([]);
    expect(profiles).toHaveLength(1);
  });
});

test('a key or a choice that is no text is said and not taken, whatever it is', () => {
  for (const odd of [{ toString: 1 }, ['sk-1'], true, { a: 1 }]) {
    const json = JSON.stringify({ LLMConfig: { LLMType: 'openai', APIKey: odd, Model: 'm', APIUrl: 'https://a.example/v1' } });
    const { profiles, notes } = readEngineConfig(json, kinds, () => false);
    expect(profiles.map(({ secrets, secretNames }) => [secrets, secretNames])).toEqual([[{}, []]]);
    expect(notes.join('\n')).toContain('APIKey left out: a key is a text');
  }
});
