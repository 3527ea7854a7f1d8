import { describe, expect, test } from 'vitest';
import { configureTask } from '../../../../../../main/core/cloud/trtc/configuration.ts';
import { systemClock } from '../../../../../../pipeline/clock.ts';
import type { Engines } from '../../../../../../pipeline/conversation.ts';
import { readTaskRequest } from '../../../../../../pipeline/gateways/trtc/task-request.ts';
import { settingsSchema } from '../../../../../../preload/contract/settings.ts';
import { fakeOpenAi } from '../../../../../fakes/services/openai.ts';
import { startBody } from '../../../../../fakes/trtc.ts';

const bench = {
  stt: { id: 'bench-stt' },
  llm: { id: 'bench-llm' },
  tts: { id: 'bench-tts' },
  vad: { id: 'bench-vad' },
} as unknown as Engines;

const trusted = { mayNameServices: true };

async function configured(more: Record<string, unknown>, agent: Record<string, unknown> = {}, caller = trusted) {
  const settings = settingsSchema.parse({ agent: { systemPrompt: 'the bench’s', historyRounds: 7 }, turns: { vadSilenceMs: 400 } });
  const secrets: string[] = [];
  const signatures: string[] = [];
  const asked: { engines: string[]; devices: unknown[] } = { engines: [], devices: [] };
  const configuration = await configureTask(readTaskRequest(startBody(more, agent), caller), {
    clock: systemClock,
    agents: {
      conversationSettings: (device, language) => {
        asked.devices.push([device, language]);
        return () => settings;
      },
    },
    engines: {
      for: (_language: string, choice: { llm: string }) => {
        asked.engines.push(choice.llm);
        return bench;
      },
      calls: { 'pipeline.engines': async () => ({ engines: [{ id: 'scripted', stage: 'llm', isAvailable: true, languages: [] }] }) },
    } as unknown as Parameters<typeof configureTask>[1]['engines'],
    onSecret: (secret) => secrets.push(secret),
    onSignature: (signature) => signatures.push(signature),
  });
  return { configuration, secrets, signatures, asked };
}

const signal = () => new AbortController().signal;

describe('the settings of a task', () => {
  test('are the bench’s, with what TRTC does where the request says nothing', async () => {
    const { configuration, asked } = await configured({});
    expect(configuration.settings()).toMatchObject({
      turns: { vadSilenceMs: 1000, interruption: 'duration', interruptionMs: 500 },
      agent: { greetingZh: '', greetingEn: '', systemPrompt: 'the bench’s', historyRounds: 7 },
    });
    expect(asked.devices).toEqual([[{ productId: '1400000001', deviceName: 'user' }, 'zh']]);
    expect(configuration.settings()).toBe(configuration.settings());
  });

  test('follow the request, in the spelling of either document', async () => {
    const LLMConfig = JSON.stringify({ LLMType: 'scripted', SystemPrompt: 'the request’s', History: 5, Timeout: 8, MetaInfo: { a: 1 } });
    const { configuration } = await configured(
      { LLMConfig, STTConfig: { Language: 'en', VadSilenceTime: 700, HotWordList: '腾讯云|10' }, TTSConfig: '{"TTSType":"auto"}' },
      { WelcomeMessage: 'Hi', InterruptMode: 1, TurnDetectionMode: 3, WelcomeMessagePriority: 1 },
    );
    expect(configuration.language).toBe('en');
    expect(configuration.settings()).toMatchObject({
      turns: { vadSilenceMs: 700, interruption: 'manual', endpointing: 'semantic', isGreetingProtected: true },
      agent: { greetingEn: 'Hi', systemPrompt: 'the request’s', historyRounds: 5, llmTimeoutS: 8, metaInfo: { a: 1 } },
      frontEnd: { hotWords: ['腾讯云'] },
      engines: { llm: 'scripted', tts: 'auto' },
    });
    expect(configuration.notes).toEqual([]);
  });

  test('of a model without History know nothing of the rounds before', async () => {
    const { configuration } = await configured({ LLMConfig: '{"LLMType":"scripted"}' });
    expect(configuration.settings().agent).toMatchObject({ historyRounds: 0, systemPrompt: '', llmTimeoutS: 3 });
  });

  test('change with UpdateAIConversation, and nothing else does', async () => {
    const { configuration } = await configured({ LLMConfig: '{"LLMType":"scripted","SystemPrompt":"one"}' }, { WelcomeMessage: 'Hi' });
    expect(configuration.update({ InterruptSpeechDuration: 900 }, trusted)).toEqual([]);
    expect(configuration.settings()).toMatchObject({ turns: { interruptionMs: 900 }, agent: { greetingZh: 'Hi', systemPrompt: 'one' } });
  });

  test('what is not done here is said, and never with its value', async () => {
    const { configuration } = await configured(
      { AvatarConfig: 'secret' },
      { InterruptWordList: ['secret'], AmbientSound: { Scene: 'secret' } },
    );
    expect(configuration.notes.join('\n')).toMatch(/AvatarConfig[\s\S]*InterruptWordList/);
    expect(configuration.notes.join('\n')).not.toContain('secret');
  });
});

describe('the engines of a task', () => {
  test('are those of the request, asked at its full address with its key', async () => {
    await using service = await fakeOpenAi({ key: 'sk-request', reply: (text) => [`heard ${text}`] });
    const APIUrl = `${service.origin}/v1/chat/completions`;
    const { configuration, secrets } = await configured({
      LLMConfig: JSON.stringify({ LLMType: 'openai', Model: 'm', APIKey: 'sk-request', APIUrl, Streaming: true }),
    });
    const engines = configuration.engines();
    const request = {
      model: '',
      language: 'zh',
      messages: [{ role: 'user', content: '你好' }],
      tools: [],
      headers: { 'X-Room-Id': '1234' },
    } as const;
    let answer = '';
    for await (const event of engines.llm.respond(request, signal())) if (event.kind === 'text') answer += event.text;
    expect(answer).toBe('heard 你好');
    expect(service.exchanges[0]?.headers['x-room-id']).toBe('1234');
    // Taken out of logs and exports from now on.
    expect(secrets).toEqual(['sk-request']);
    expect([engines.llm.id, engines.stt.id, engines.tts.id]).toEqual(['request:llm', 'bench-stt', 'bench-tts']);
    await configuration.close();
  });

  test('a masked key is none: the bench’s engine stands in, and a note says so', async () => {
    const LLMConfig = JSON.stringify({ LLMType: 'coze', APIKey: '******', BotId: 'b' });
    const { configuration } = await configured({ LLMConfig });
    expect(configuration.engines().llm.id).toBe('bench-llm');
    expect(configuration.notes.join()).toContain('masked');
  });

  test.each([
    ['that is not whole', { LLMConfig: JSON.stringify({ LLMType: 'openai', APIKey: 'sk-lonely-key' }) }, 'sk-lonely-key'],
    [
      'of a type nobody here knows',
      { TTSConfig: '{"TTSType":"flow","Config":"{\\"SecretKey\\":\\"flow-secret-key\\"}"}' },
      'flow-secret-key',
    ],
    ['that names one of the bench', { LLMConfig: '{"LLMType":"scripted","APIKey":"sk-not-needed"}' }, 'sk-not-needed'],
    ['that is switched off', { TTSConfig: '{"TTSType":"custom","Enabled":false,"APIKey":"sk-switched-off"}' }, 'sk-switched-off'],
  ])('the key of a block %s is a secret all the same', async (_, more, key) => {
    const { configuration, secrets } = await configured(more);
    expect(secrets).toEqual([key]);
    await configuration.close();
  });

  test('the signature of its robot is a secret too, but for what is none', async () => {
    const UserSig = 'eJwtzF0LgjAUBuD-suuQzTl1Qhd';
    expect((await configured({}, { UserSig })).signatures).toEqual([UserSig]);
    for (const word of ['none', 'power save enabled', 'ESP-ROM:esp32s3-20210327'])
      expect((await configured({}, { UserSig: word })).signatures).toEqual([]);
  });

  test('a type nobody here knows is said', async () => {
    const { configuration } = await configured({ TTSConfig: '{"TTSType":"flow","VoiceId":"v"}' });
    expect(configuration.engines().tts.id).toBe('bench-tts');
    expect(configuration.notes.join()).toContain('“flow” is not known');
  });

  test('an update changes them from the next turn on', async () => {
    const { configuration } = await configured({});
    expect(configuration.engines().tts.id).toBe('bench-tts');
    configuration.update({ TTSConfig: '{"TTSType":"custom","APIUrl":"http://127.0.0.1:9/tts","APIKey":"k"}' }, trusted);
    expect(configuration.engines().tts.id).toBe('request:tts');
    await configuration.close();
  });

  test('a caller that nobody has checked names no service: not at the start, and not of a task that a checked one started', async () => {
    const LLMConfig = '{"LLMType":"openai","APIKey":"k","APIUrl":"http://169.254.169.254/v1","SystemPrompt":"theirs"}';
    const stranger = { mayNameServices: false };
    const { configuration } = await configured({ LLMConfig }, {}, stranger);
    expect(configuration.engines().llm.id).toBe('bench-llm');
    expect(configuration.settings().agent.systemPrompt).toBe('theirs');
    expect(configuration.notes.join()).toContain('LLMConfig');
    const other = await configured({});
    expect(other.configuration.update({ LLMConfig }, stranger).join()).toContain('signature');
    expect(other.configuration.engines().llm.id).toBe('bench-llm');
    expect(other.secrets).toEqual([]);
  });

  test('a backend may update without end: the last word counts, and what it said before', async () => {
    const { configuration } = await configured({ LLMConfig: '{"LLMType":"scripted","SystemPrompt":"one"}' });
    configuration.update({ InterruptSpeechDuration: 300 }, trusted);
    for (let count = 0; count < 40; count++) configuration.update({ WelcomeMessage: `hello ${count}` }, trusted);
    expect(configuration.settings()).toMatchObject({
      turns: { interruptionMs: 300, vadSilenceMs: 1000 },
      agent: { greetingZh: 'hello 39', systemPrompt: 'one' },
    });
  });
});
