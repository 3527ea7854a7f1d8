import type { Settings } from '../../../preload/contract/settings.ts';

export type Field =
  /** `isOptional`: null, an empty field, leaves it to whoever is asked, or says that there is none. */
  | { kind: 'number'; min: number; max: number; step?: number; unit?: Unit; isOptional?: true; empty?: 'modelDecides' | 'none' | 'machine' }
  /** Numbers are chosen by their text. Nothing, as a choice, is called none. */
  | { kind: 'choice'; options: readonly string[] }
  | { kind: 'choices'; options: readonly string[]; max: number }
  | { kind: 'engine'; stage: 'vad' | 'stt' | 'llm' | 'tts' }
  | { kind: 'switch' }
  | { kind: 'text'; maxLength: number }
  /** Of several lines, as they were pasted. */
  | { kind: 'lines'; maxLength: number }
  | { kind: 'words'; max: number; maxLength: number }
  | { kind: 'prompt'; maxLength: number }
  | { kind: 'json' }
  | { kind: 'idle-messages' }
  | { kind: 'tools' }
  | { kind: 'phrases' };

type Unit = 'ms' | 's' | 'min' | 'h' | 'bit/s' | 'rounds' | 'tokens' | 'semitones';

/** Settings that are edited where they are used: the Monitor's, budgets of latency, how logs are saved, and those of each cloud that is hosted here. */
export const editedElsewhere = [
  'latency',
  'monitor',
  'retention',
  'saving',
  'twetalk',
  'callbacks',
  'trtc',
  'cloudApi',
  'speech',
  'tuya',
  'xiaozhi',
  'reach',
  'broker',
  'certificates',
] as const satisfies readonly (keyof Settings)[];
type Edited = Omit<Settings, (typeof editedElsewhere)[number]>;

type Fields = { readonly [Group in keyof Edited]: { readonly [Name in keyof Settings[Group]]: Field } };

/**
 * How each setting is edited; limits repeat preload/contract/settings.ts, which the core enforces, and a test compares
 * them. The type makes a setting without a field an error.
 */
export const fields = {
  ui: {
    language: { kind: 'choice', options: ['system', 'zh', 'en'] },
    theme: { kind: 'choice', options: ['system', 'dark', 'light'] },
    density: { kind: 'choice', options: ['compact', 'comfortable'] },
  },
  listeners: {
    host: { kind: 'text', maxLength: 200 },
    mqttPort: { kind: 'number', min: 0, max: 65535 },
    gatewayPort: { kind: 'number', min: 0, max: 65535 },
    isTlsOn: { kind: 'switch' },
    mqttTlsPort: { kind: 'number', min: 0, max: 65535 },
    gatewayTlsPort: { kind: 'number', min: 0, max: 65535 },
    advertisedHost: { kind: 'text', maxLength: 200 },
  },
  devices: { unknownDevices: { kind: 'choice', options: ['accept', 'refuse'] } },
  turns: {
    vadThreshold: { kind: 'number', min: 0.05, max: 0.95, step: 0.05 },
    vadSilenceMs: { kind: 'number', min: 240, max: 2000, step: 20, unit: 'ms' },
    minimumSpeechMs: { kind: 'number', min: 30, max: 1000, step: 10, unit: 'ms' },
    prerollMs: { kind: 'number', min: 0, max: 1000, step: 20, unit: 'ms' },
    endpointing: { kind: 'choice', options: ['fixed', 'dynamic', 'semantic'] },
    endpointMinMs: { kind: 'number', min: 100, max: 2000, step: 20, unit: 'ms' },
    endpointMaxMs: { kind: 'number', min: 240, max: 6000, step: 20, unit: 'ms' },
    input: { kind: 'choice', options: ['open', 'push-to-talk'] },
    longestUtteranceMs: { kind: 'number', min: 5000, max: 300_000, step: 1000, unit: 'ms' },
    interruption: { kind: 'choice', options: ['off', 'duration', 'semantic', 'manual'] },
    interruptionMs: { kind: 'number', min: 300, max: 5000, step: 50, unit: 'ms' },
    interruptionMinimumWords: { kind: 'number', min: 0, max: 20 },
    interruptionWhileThinking: { kind: 'choice', options: ['same', 'off', 'duration', 'semantic', 'manual'] },
    backchannels: { kind: 'words', max: 100, maxLength: 40 },
    isGreetingProtected: { kind: 'switch' },
    isPreemptive: { kind: 'switch' },
    falseInterruptionTimeoutMs: { kind: 'number', min: 200, max: 5000, step: 50, unit: 'ms' },
    aecWarmupMs: { kind: 'number', min: 0, max: 5000, step: 50, unit: 'ms' },
    isHalfDuplex: { kind: 'switch' },
  },
  frontEnd: {
    noiseSuppression: { kind: 'choice', options: ['off', 'rnnoise'] },
    languages: { kind: 'choices', options: ['zh', 'en', 'yue', 'ja', 'ko'], max: 3 },
    isEmotionDetected: { kind: 'switch' },
    isVoiceprintGated: { kind: 'switch' },
    hotWords: { kind: 'words', max: 100, maxLength: 40 },
  },
  agent: {
    greetingZh: { kind: 'text', maxLength: 500 },
    greetingEn: { kind: 'text', maxLength: 500 },
    systemPrompt: { kind: 'prompt', maxLength: 20_000 },
    tools: { kind: 'tools' },
    toolTimeoutMs: { kind: 'number', min: 500, max: 60_000, step: 500, unit: 'ms' },
    maxToolSteps: { kind: 'number', min: 1, max: 10 },
    historyRounds: { kind: 'number', min: 0, max: 50, unit: 'rounds' },
    maxContextTokens: { kind: 'number', min: 0, max: 1_000_000, step: 1000, unit: 'tokens' },
    temperature: { kind: 'number', min: 0, max: 2, step: 0.1, isOptional: true },
    topP: { kind: 'number', min: 0, max: 1, step: 0.05, isOptional: true },
    maxTokens: { kind: 'number', min: 0, max: 100_000, step: 100, unit: 'tokens' },
    llmTimeoutS: { kind: 'number', min: 1, max: 50, unit: 's' },
    llmRetries: { kind: 'number', min: 0, max: 3 },
    fillerZh: { kind: 'text', maxLength: 100 },
    fillerEn: { kind: 'text', maxLength: 100 },
    fillerAfterMs: { kind: 'number', min: 200, max: 10_000, step: 100, unit: 'ms' },
    metaInfo: { kind: 'json' },
  },
  memory: {
    summaryRounds: { kind: 'number', min: 0, max: 50, unit: 'rounds' },
    isLongTerm: { kind: 'switch' },
    factLimit: { kind: 'number', min: 0, max: 200 },
  },
  voice: {
    voice: { kind: 'text', maxLength: 200 },
    speed: { kind: 'number', min: 0.25, max: 4, step: 0.05 },
    volume: { kind: 'number', min: 0, max: 4, step: 0.05 },
    pitch: { kind: 'number', min: -12, max: 12, step: 0.5, unit: 'semitones' },
    emotion: { kind: 'text', maxLength: 40 },
    leadSilenceMs: { kind: 'number', min: -1, max: 1000, unit: 'ms' },
  },
  downlink: {
    leadMs: { kind: 'number', min: 0, max: 300, step: 10, unit: 'ms' },
    bitrate: { kind: 'number', min: 6000, max: 64000, step: 1000, unit: 'bit/s' },
    deviceDelayMs: { kind: 'number', min: 0, max: 1000, step: 10, unit: 'ms' },
  },
  conversation: {
    sessionTimeoutS: { kind: 'number', min: 0, max: 86_400, step: 10, unit: 's' },
    isIdleDetected: { kind: 'switch' },
    subtitleUrl: { kind: 'text', maxLength: 2000 },
    idleTimeoutS: { kind: 'number', min: 1, max: 600, unit: 's' },
    idleMaxRetries: { kind: 'number', min: 0, max: 10 },
    idleMessages: { kind: 'idle-messages' },
  },
  engines: {
    vad: { kind: 'engine', stage: 'vad' },
    stt: { kind: 'engine', stage: 'stt' },
    llm: { kind: 'engine', stage: 'llm' },
    tts: { kind: 'engine', stage: 'tts' },
    turnEnd: { kind: 'choice', options: ['rules', 'smart-turn'] },
    modelMirror: { kind: 'text', maxLength: 310 },
    phrases: { kind: 'phrases' },
  },
} as const satisfies Fields;

export type GroupName = keyof typeof fields;
export const groupNames = Object.keys(fields) as GroupName[];
