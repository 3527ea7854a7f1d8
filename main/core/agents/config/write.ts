import { maskedByName } from '../../../../pipeline/agent/recordable.ts';
import type { ConversationSettings } from '../../../../preload/contract/settings.ts';
import { type ConfigFormat, type EngineDescription, engineConfig, engineType } from './engine-words.ts';
import { type ProgramKind, trtcProgram } from './programs.ts';

export interface ConfigSource {
  productId: string;
  deviceName: string;
  language: 'zh' | 'en';
  /** The agent's name. */
  name: string;
  settings: ConversationSettings;
  engine: (id: string) => EngineDescription;
  /** Unix seconds. */
  atS: number;
}

/** An item of `Data` in GetTWeTalkProductConfigListV2 (seed 001). Each `Config` is JSON in a string; credentials are masked. */
export function twetalkConfig(source: ConfigSource): Record<string, unknown> {
  const { settings, language, engine } = source;
  const { agent, engines, voice, turns, conversation, frontEnd } = settings;
  const config = (id: string, more: Record<string, unknown> = {}) => JSON.stringify({ ...engineConfig(engine(id), 'twetalk'), ...more });
  return {
    ProductId: source.productId,
    DeviceName: source.deviceName,
    ConfigName: source.name,
    TargetLanguage: language,
    BasicConfig: {
      SystemPrompt: agent.systemPrompt,
      GreetingMessage: language === 'zh' ? agent.greetingZh : agent.greetingEn,
      ...(voice.voice !== '' && { DefaultVoiceType: numberIfOne(voice.voice) }),
    },
    STTConfig: {
      STTType: engineType(engine(engines.stt), engines.stt),
      Enabled: true,
      Config: config(engines.stt, { VadSilenceTime: turns.vadSilenceMs }),
    },
    LLMConfig: {
      LLMType: engineType(engine(engines.llm), engines.llm),
      Enabled: true,
      ...modelOf(engine(engines.llm)),
      Streaming: true,
      Config: config(engines.llm, llmWords(source)),
      ...samplingWords(source),
      ...toolWords(source),
    },
    TTSConfig: {
      TTSType: engineType(engine(engines.tts), engines.tts),
      Enabled: true,
      Config: config(engines.tts),
      Speed: voice.speed,
      Volume: voice.volume,
      Pitch: voice.pitch,
    },
    ConversationConfig: {
      SessionTimeout: conversation.sessionTimeoutS,
      InterruptionEnabled: turns.interruption !== 'off',
      MaxContextTokens: agent.maxContextTokens,
      IdleDetection: {
        Enabled: conversation.isIdleDetected,
        TimeoutSeconds: conversation.idleTimeoutS,
        MaxRetries: conversation.idleMaxRetries,
        IdleResponses: conversation.idleMessages.map((message) => ({ RetryCount: message.retry, Message: message[language] })),
      },
      EmotionEnabled: frontEnd.isEmotionDetected,
      SemanticVADEnabled: turns.endpointing === 'semantic',
      NoiseFilterEnabled: frontEnd.noiseSuppression !== 'off',
    },
    Version: 1,
    CreateTime: source.atS,
    UpdateTime: source.atS,
  };
}

/** The body of StartAIConversation: LLMConfig and TTSConfig are JSON in strings; credentials are masked. */
export function trtcConfig(source: ConfigSource): Record<string, unknown> {
  const { settings, language, engine } = source;
  const { agent, engines, voice, turns, frontEnd } = settings;
  const stt = engine(engines.stt);
  const isBuiltIn = stt === null || stt.profile.kind === 'tencent';
  return {
    AgentConfig: {
      WelcomeMessage: language === 'zh' ? agent.greetingZh : agent.greetingEn,
      InterruptMode: turns.interruption === 'manual' || turns.interruption === 'off' ? 1 : 0,
      InterruptSpeechDuration: turns.interruptionMs,
      TurnDetectionMode: turns.endpointing === 'semantic' ? 3 : 0,
      WelcomeMessagePriority: turns.isGreetingProtected ? 1 : 0,
      FilterOneWord: turns.interruptionMinimumWords > 1,
    },
    STTConfig: {
      Language: frontEnd.languages[0] ?? language,
      ...(frontEnd.languages.length > 1 && { AlternativeLanguage: frontEnd.languages.slice(1) }),
      VadSilenceTime: turns.vadSilenceMs,
      ...(frontEnd.hotWords.length > 0 && { HotWordList: frontEnd.hotWords.map((word) => `${word}|10`).join(',') }),
      ...(!isBuiltIn && { CustomParam: JSON.stringify({ STTType: stt.profile.kind, ...engineConfig(stt, 'trtc') }) }),
    },
    LLMConfig: JSON.stringify({
      LLMType: engineType(engine(engines.llm), engines.llm),
      ...engineConfig(engine(engines.llm), 'trtc'),
      Streaming: true,
      ...llmWords(source),
      ...samplingWords(source),
      ...toolWords(source),
    }),
    TTSConfig: JSON.stringify({
      TTSType: engineType(engine(engines.tts), engines.tts),
      ...engineConfig(engine(engines.tts), 'trtc'),
      ...(engine(engines.tts)?.profile.kind !== 'tencent' && { Speed: voice.speed, Volume: voice.volume, Pitch: voice.pitch }),
      ...(voice.emotion !== '' && { Emotion: voice.emotion }),
    }),
  };
}

/** A configuration as JSON, or the program that starts a conversation with it. */
export function writeConfig(source: ConfigSource, format: ConfigFormat | ProgramKind): string {
  if (format === 'trtc-node' || format === 'trtc-curl') return trtcProgram(trtcConfig(source), format);
  return JSON.stringify(format === 'twetalk' ? twetalkConfig(source) : trtcConfig(source), null, 2);
}

function llmWords({ settings: { agent } }: ConfigSource): Record<string, unknown> {
  return {
    SystemPrompt: agent.systemPrompt,
    Timeout: agent.llmTimeoutS,
    History: agent.historyRounds,
    MetaInfo: maskedByName(agent.metaInfo),
  };
}

function samplingWords({ settings: { agent } }: ConfigSource): Record<string, unknown> {
  return {
    ...(agent.temperature !== null && { Temperature: agent.temperature }),
    ...(agent.maxTokens > 0 && { MaxTokens: agent.maxTokens }),
    ...(agent.topP !== null && { TopP: agent.topP }),
  };
}

/** Functions in OpenAI's form, of the actions only: where other tools lead to is the lab's matter. */
function toolWords({ settings: { agent } }: ConfigSource): Record<string, unknown> {
  const tools = agent.tools.flatMap((tool) => {
    if (tool.source !== 'action' || !tool.isOn) return [];
    const { name, description = '', parameters } = tool;
    return { type: 'function', function: { name, description, ...(parameters !== undefined && { parameters }) } };
  });
  return tools.length > 0 ? { Tools: tools } : {};
}

function modelOf(engine: EngineDescription): Record<string, unknown> {
  const model = engine?.profile.config.model;
  return typeof model === 'string' ? { Model: model } : {};
}

/** Tencent's voices are numbers. */
function numberIfOne(voice: string): string | number {
  return /^\d{1,12}$/u.test(voice) ? Number(voice) : voice;
}
