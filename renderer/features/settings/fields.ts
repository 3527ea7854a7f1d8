import type { Settings } from '../../../preload/contract/settings.ts';

export type Field =
  | { kind: 'number'; min: number; max: number; step?: number; unit?: 'ms' | 'bit/s' | 'rounds' }
  | { kind: 'choice'; options: readonly string[] }
  | { kind: 'engine'; stage: 'vad' | 'stt' | 'llm' | 'tts' }
  | { kind: 'switch' }
  | { kind: 'text'; maxLength: number }
  | { kind: 'paragraph'; maxLength: number }
  | { kind: 'phrases' };

/** Settings that are edited where they are used: the Monitor's, and how logs are saved. */
export const editedElsewhere = ['monitor', 'saving'] as const satisfies readonly (keyof Settings)[];
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
    advertisedHost: { kind: 'text', maxLength: 200 },
  },
  devices: { unknownDevices: { kind: 'choice', options: ['accept', 'refuse'] } },
  turns: {
    vadThreshold: { kind: 'number', min: 0.05, max: 0.95, step: 0.05 },
    vadSilenceMs: { kind: 'number', min: 240, max: 2000, step: 20, unit: 'ms' },
    minimumSpeechMs: { kind: 'number', min: 30, max: 1000, step: 10, unit: 'ms' },
    prerollMs: { kind: 'number', min: 0, max: 1000, step: 20, unit: 'ms' },
    interruption: { kind: 'choice', options: ['off', 'duration', 'manual'] },
    interruptionMs: { kind: 'number', min: 300, max: 5000, step: 50, unit: 'ms' },
    falseInterruptionTimeoutMs: { kind: 'number', min: 200, max: 5000, step: 50, unit: 'ms' },
    aecWarmupMs: { kind: 'number', min: 0, max: 5000, step: 50, unit: 'ms' },
    isHalfDuplex: { kind: 'switch' },
  },
  downlink: {
    leadMs: { kind: 'number', min: 0, max: 300, step: 10, unit: 'ms' },
    bitrate: { kind: 'number', min: 6000, max: 64000, step: 1000, unit: 'bit/s' },
    deviceDelayMs: { kind: 'number', min: 0, max: 1000, step: 10, unit: 'ms' },
  },
  agent: {
    greetingZh: { kind: 'text', maxLength: 500 },
    greetingEn: { kind: 'text', maxLength: 500 },
    systemPrompt: { kind: 'paragraph', maxLength: 20_000 },
    toolTimeoutMs: { kind: 'number', min: 500, max: 60_000, step: 500, unit: 'ms' },
    historyRounds: { kind: 'number', min: 0, max: 50, unit: 'rounds' },
  },
  engines: {
    vad: { kind: 'engine', stage: 'vad' },
    stt: { kind: 'engine', stage: 'stt' },
    llm: { kind: 'engine', stage: 'llm' },
    tts: { kind: 'engine', stage: 'tts' },
    phrases: { kind: 'phrases' },
  },
} as const satisfies Fields;

export type GroupName = keyof typeof fields;
export const groupNames = Object.keys(fields) as GroupName[];
