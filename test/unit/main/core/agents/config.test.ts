import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EngineDescription } from '../../../../../main/core/agents/config/engine-words.ts';
import { readAgentConfig } from '../../../../../main/core/agents/config/read.ts';
import { type ConfigSource, writeConfig } from '../../../../../main/core/agents/config/write.ts';
import { llmKinds } from '../../../../../pipeline/engines/llm/kinds.ts';
import { ttsKinds } from '../../../../../pipeline/engines/tts/kinds.ts';
import { settingsSchema } from '../../../../../preload/contract/settings.ts';

/** Seed 001's first item, its texts shortened. */
const twetalk = {
  ProductId: 'Q7MZK2V1QR',
  DeviceName: 'dn1t3dgxbxmo',
  ConfigName: '小兵',
  TargetLanguage: 'zh',
  BasicConfig: { SystemPrompt: '你叫QQ鹅仔', GreetingMessage: '你好呀', DefaultVoiceType: 101016 },
  STTConfig: {
    STTType: 'tencent',
    Enabled: true,
    Config: '{"AppId":123456,"SecretId":"se****","SecretKey":"Se****","EngineType":"16k_zh"}',
  },
  LLMConfig: {
    LLMType: 'openai',
    Model: 'chatgpt4o',
    Streaming: true,
    Config:
      '{"ApiKey":"sk******","ApiUrl":"base_url","SystemPrompt":"你是一个语音助手","Timeout":30,"History":0,"MetaInfo":{"productID":"test"}}',
    Temperature: 0.7,
    MaxTokens: 2000,
    Tools: [{ type: 'function', function: { name: 'get_battery', description: '电量', parameters: { type: 'object', properties: {} } } }],
  },
  TTSConfig: { TTSType: 'tencent', Enabled: true, Config: '{"VoiceType":10001,"PrimaryLanguage":0}', Speed: 1, Volume: 1 },
  ConversationConfig: {
    SessionTimeout: 300,
    InterruptionEnabled: true,
    MaxContextTokens: 20000,
    IdleDetection: {
      Enabled: true,
      TimeoutSeconds: 4,
      MaxRetries: 3,
      IdleResponses: [
        { RetryCount: 1, Message: '您还在吗?' },
        { RetryCount: 3, Message: '以后再聊!' },
      ],
    },
    SemanticVADEnabled: true,
    Mystery: 1,
  },
};

const expected = {
  agent: {
    systemPrompt: '你叫QQ鹅仔',
    greetingZh: '你好呀',
    llmTimeoutS: 30,
    historyRounds: 0,
    metaInfo: { productID: 'test' },
    temperature: 0.7,
    maxTokens: 2000,
    maxContextTokens: 20000,
    tools: [{ source: 'action', name: 'get_battery', description: '电量', parameters: { type: 'object', properties: {} }, isOn: true }],
  },
  voice: { voice: '101016', speed: 1, volume: 1 },
  conversation: {
    sessionTimeoutS: 300,
    isIdleDetected: true,
    idleTimeoutS: 4,
    idleMaxRetries: 3,
    idleMessages: [
      { retry: 1, zh: '您还在吗?', en: '' },
      { retry: 3, zh: '以后再聊!', en: '' },
    ],
  },
  turns: { interruption: 'duration', endpointing: 'semantic' },
};

describe('reading', () => {
  test('an item of GetTWeTalkProductConfigListV2, alone and in its reply', () => {
    const alone = readAgentConfig(JSON.stringify(twetalk));
    expect(alone).toEqual({ layer: expected, notes: ['ConversationConfig: not understood: Mystery'] });
    const reply = readAgentConfig(JSON.stringify({ Response: { Data: [twetalk, twetalk], Total: 2, RequestId: 'x' } }));
    expect(reply.layer).toEqual(expected);
    expect(reply.notes[0]).toContain('1 more');
  });

  test('StartAIConversation, in its spelling, with blocks as JSON in strings', () => {
    const { layer, notes } = readAgentConfig(
      JSON.stringify({
        SdkAppId: 1,
        AgentConfig: {
          UserId: 'u',
          WelcomeMessage: '欢迎',
          InterruptMode: 1,
          InterruptSpeechDuration: 800,
          WelcomeMessagePriority: 1,
          MaxIdleTime: 60,
        },
        STTConfig: { Language: 'zh', AlternativeLanguage: ['en', 'fr'], VadSilenceTime: 800, HotWordList: '腾讯云|10,语音|5' },
        LLMConfig:
          '{"LLMType":"openai","APIKey":"sk","APIUrl":"http://a/v1/chat/completions","SystemPrompt":"助手","Timeout":3.0,"History":5}',
        TTSConfig: '{"TTSType":"tencent","VoiceType":502001,"Speed":2}',
      }),
    );
    expect(layer).toEqual({
      agent: { greetingZh: '欢迎', greetingEn: '欢迎', systemPrompt: '助手', llmTimeoutS: 3, historyRounds: 5 },
      turns: { interruption: 'manual', interruptionMs: 800, isGreetingProtected: true, vadSilenceMs: 800 },
      frontEnd: { hotWords: ['腾讯云', '语音'], languages: ['zh', 'en'] },
    });
    expect(notes).toEqual([
      'STTConfig.AlternativeLanguage: not all of these languages are known here',
      'TTSConfig.Speed: in the service’s own steps; set it with the agent’s voice',
      'AgentConfig: not understood: MaxIdleTime',
    ]);
  });

  test('a value that is no setting’s is left out and said', () => {
    const { layer, notes } = readAgentConfig('{"LLMConfig":{"Config":"{\\"History\\":99,\\"Timeout\\":\\"7\\"}"}}');
    expect(layer).toEqual({ agent: { llmTimeoutS: 7 } });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^agent\.historyRounds: /u);
  });

  test('where the subtitles go is the agent’s; how they are signed is not, which is said without the key', () => {
    const subtitles = { SubtitleCallbackUrl: 'https://example.com/?key=1', SubtitleCallbackSignKey: 'k1', SubtitleCallbackTimeout: 7 };
    const places: [string, object][] = [
      ['', { ...twetalk, ...subtitles }],
      ['ConversationConfig.', { ...twetalk, ConversationConfig: { ...twetalk.ConversationConfig, ...subtitles } }],
    ];
    for (const [place, config] of places) {
      const { layer, notes } = readAgentConfig(JSON.stringify(config));
      expect(layer.conversation?.subtitleUrl).toBe('https://example.com/?key=1');
      const said = notes.filter((note) => note.includes('Subtitle'));
      expect(said.map((note) => note.split(':')[0])).toEqual([`${place}SubtitleCallbackTimeout`, `${place}SubtitleCallbackSignKey`]);
      expect(said.join()).toContain('callbacks.subtitleTimeoutS');
      expect(said.join()).not.toMatch(/example\.com|k1/);
    }
  });

  test.each(['nonsense', '{}', '[1]', '{"a":{"b":2}}'])('%s is refused', (json) => {
    expect(() => readAgentConfig(json)).toThrow(expect.objectContaining({ code: 'agent/bad-config' }));
  });

  test('whatever it is: no fault but that', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(twetalk), 'AgentConfig'), fc.jsonValue()), (config) => {
        try {
          readAgentConfig(JSON.stringify(config));
        } catch (error) {
          expect(error).toMatchObject({ code: 'agent/bad-config' });
        }
      }),
    );
  });
});

const seed = new URL('../../../../../../shared/seeds/001_2a7164b1a6dc62ce.txt', import.meta.url);
test.skipIf(!existsSync(seed))('the example of the document is read', () => {
  const text = readFileSync(seed, 'utf8');
  const from = text.indexOf('"Response"');
  const json = text.slice(text.lastIndexOf('{', from), text.indexOf('}\n5. ') + 1);
  const { layer, notes } = readAgentConfig(json);
  expect(layer.agent).toMatchObject({ historyRounds: 0, maxContextTokens: 20000, temperature: 0.7 });
  expect(notes).toEqual(['1 more configurations stand in it; the first was taken']);
});

describe('writing', () => {
  const kindOf = (kind: string) => {
    const found = [...llmKinds, ...ttsKinds].find((one) => one.kind === kind);
    if (!found) throw new Error(`no kind ${kind}`);
    return found;
  };
  const engine = (id: string): EngineDescription => {
    if (id === 'my-llm') {
      const config = { model: 'deepseek-chat', apiUrl: 'https://a.example/v1' };
      return { profile: { id, stage: 'llm', kind: 'openai', name: 'x', config, secrets: ['apiKey'] }, kind: kindOf('openai') };
    }
    if (id === 'my-tts') {
      const config = { model: 'eleven', voice: 'v' };
      return { profile: { id, stage: 'tts', kind: 'elevenlabs', name: 'x', config, secrets: ['apiKey'] }, kind: kindOf('elevenlabs') };
    }
    return null;
  };
  const source = (settings: unknown, language: 'zh' | 'en' = 'zh'): ConfigSource => ({
    ...{ productId: 'P', deviceName: 'd', language, name: '小兵', engine, atS: 1_758_597_730 },
    settings: settingsSchema.parse(settings),
  });
  const engines = { llm: 'my-llm', tts: 'my-tts' };

  test('in TWeTalk’s words: Config is JSON in a string, credentials are masked', () => {
    const agent = { systemPrompt: 'p', metaInfo: { app: 'x', ApiToken: 'hidden-value' }, llmTimeoutS: 9 };
    const json = writeConfig(source({ engines, agent }), 'twetalk');
    const item = JSON.parse(json);
    expect(item).toMatchObject({ TargetLanguage: 'zh', ConfigName: '小兵', LLMConfig: { LLMType: 'openai', Model: 'deepseek-chat' } });
    expect(JSON.parse(item.LLMConfig.Config)).toMatchObject({
      ...{ ApiKey: '******', ApiUrl: 'https://a.example/v1', SystemPrompt: 'p', Timeout: 9 },
      MetaInfo: { app: 'x', ApiToken: '***' },
    });
    expect(JSON.parse(item.TTSConfig.Config)).toEqual({ ModelId: 'eleven', VoiceId: 'v', ApiKey: '******' });
    expect(json).not.toContain('hidden-value');
  });

  test('in TRTC’s words: LLMConfig is JSON in a string, APIKey and APIUrl', () => {
    const body = JSON.parse(writeConfig(source({ engines }), 'trtc'));
    expect(JSON.parse(body.LLMConfig)).toMatchObject({ LLMType: 'openai', APIKey: '******', APIUrl: 'https://a.example/v1', History: 10 });
    expect(JSON.parse(body.TTSConfig)).toMatchObject({ TTSType: 'elevenlabs', Model: 'eleven', APIKey: '******' });
  });

  test('headers and addresses of tools are never written', () => {
    const tools = [
      { source: 'http', name: 'h', description: '', parameters: {}, url: 'http://a.example/?k=hidden', headers: { a: 'hidden' } },
      { source: 'action', name: 'get_battery', description: '电量' },
    ];
    for (const format of ['twetalk', 'trtc'] as const) {
      const json = writeConfig(source({ agent: { tools } }), format);
      expect(json).not.toContain('hidden');
      expect(json).toContain('get_battery');
    }
  });

  test('what was written is read again as it was', () => {
    const text = fc.string({ maxLength: 20 }).map((given) => `p${given}`);
    const settings = fc.record({
      language: fc.constantFrom('zh' as const, 'en' as const),
      agent: fc.record({
        systemPrompt: text,
        historyRounds: fc.integer({ min: 0, max: 50 }),
        llmTimeoutS: fc.integer({ min: 1, max: 50 }),
        temperature: fc.option(fc.integer({ min: 0, max: 20 }).map((tenths) => tenths / 10)),
        maxContextTokens: fc.nat({ max: 1000 }),
      }),
      turns: fc.record({
        interruption: fc.constantFrom('off', 'duration'),
        endpointing: fc.constantFrom('fixed', 'semantic'),
        vadSilenceMs: fc.integer({ min: 240, max: 2000 }),
      }),
      conversation: fc.record({
        isIdleDetected: fc.boolean(),
        idleMaxRetries: fc.integer({ min: 0, max: 10 }),
        sessionTimeoutS: fc.nat({ max: 86_400 }),
      }),
    });
    fc.assert(
      fc.property(settings, ({ language, ...given }) => {
        const { layer, notes } = readAgentConfig(writeConfig(source(given, language), 'twetalk'));
        expect(notes).toEqual([]);
        expect(layer).toMatchObject({
          turns: given.turns,
          conversation: given.conversation,
          agent: JSON.parse(JSON.stringify({ ...given.agent, temperature: given.agent.temperature ?? undefined })),
        });
      }),
      { numRuns: 50 },
    );
  });
});
