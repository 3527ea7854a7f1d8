import { z } from 'zod';
import { logFilter, logPattern, logTextStyle } from './logs.ts';

/**
 * Every setting with its default and limits; the stored value is checked on read, a bad one falls back to its default
 * and is reported. Settings that hold secrets do not exist: secrets live in the SecretStore.
 */
export const settingsSchema = z.object({
  ui: z
    .object({
      language: z.enum(['system', 'zh', 'en']).default('system'),
      theme: z.enum(['system', 'dark', 'light']).default('system'),
      density: z.enum(['compact', 'comfortable']).default('compact'),
    })
    .prefault({}),
  listeners: z
    .object({
      /** Only the device-facing listeners may leave loopback. Take an address of this machine to let boards in. */
      host: z
        .string()
        .regex(/^[\w.:%-]{1,253}$/)
        .default('127.0.0.1'),
      mqttPort: z.number().int().min(0).max(65535).default(1883),
      gatewayPort: z.number().int().min(0).max(65535).default(8787),
      /** Host named in query_websocket_url_reply; empty: the address the board's MQTT connection came in on. */
      advertisedHost: z.string().default(''),
    })
    .prefault({}),
  devices: z
    .object({
      /** What to do with a device nobody registered: accept and record it, or refuse. A known device's HMAC is always checked. */
      unknownDevices: z.enum(['accept', 'refuse']).default('refuse'),
    })
    .prefault({}),
  turns: z
    .object({
      vadThreshold: z.number().min(0.05).max(0.95).default(0.5),
      /** Silence that ends an utterance, ms (the documents' range). */
      vadSilenceMs: z.number().int().min(240).max(2000).default(500),
      minimumSpeechMs: z.number().int().min(30).max(1000).default(120),
      prerollMs: z.number().int().min(0).max(1000).default(300),
      interruption: z.enum(['off', 'duration', 'manual']).default('duration'),
      interruptionMs: z.number().int().min(300).max(5000).default(500),
      falseInterruptionTimeoutMs: z.number().int().min(200).max(5000).default(1200),
      /** Voice cannot interrupt during the first so many ms of the first reply, while the board's echo canceller settles. */
      aecWarmupMs: z.number().int().min(0).max(5000).default(0),
      isHalfDuplex: z.boolean().default(false),
    })
    .prefault({}),
  downlink: z
    .object({
      /** Audio sent ahead of real time, ms. */
      leadMs: z.number().int().min(0).max(300).default(120),
      bitrate: z.number().int().min(6000).max(64000).default(24000),
      /** Estimated time from the socket to the speaker where the board cannot tell, ms. */
      deviceDelayMs: z.number().int().min(0).max(1000).default(100),
    })
    .prefault({}),
  agent: z
    .object({
      greetingZh: z.string().max(500).default('你好，我是语音助手，有什么可以帮你？'),
      greetingEn: z.string().max(500).default('Hello, how can I help you?'),
      systemPrompt: z.string().max(20_000).default(''),
      toolTimeoutMs: z.number().int().min(500).max(60_000).default(5000),
      historyRounds: z.number().int().min(0).max(50).default(10),
    })
    .prefault({}),
  engines: z
    .object({
      vad: z.string().default('auto'),
      stt: z.string().default('auto'),
      llm: z.string().default('scripted'),
      tts: z.string().default('auto'),
      /** Phrases the phrase recogniser knows besides the built-in ones. */
      phrases: z
        .array(z.object({ text: z.string().min(1).max(200), language: z.enum(['zh', 'en']) }))
        .max(200)
        .default([]),
    })
    .prefault({}),
  /** What the Monitor offers by name; exported and imported as one JSON document. */
  monitor: z
    .object({
      filterSets: z
        // A stretch of time is one session's: it is no part of a set.
        .array(z.object({ name: z.string().min(1).max(80), filter: logFilter.omit({ fromUs: true, toUs: true }) }))
        .max(200)
        .default([]),
      highlights: z
        .array(
          z.object({
            name: z.string().min(1).max(80),
            pattern: logPattern,
            colour: z.enum(['yellow', 'red', 'green', 'blue', 'violet']),
            isOn: z.boolean(),
          }),
        )
        .max(100)
        .default([]),
      snippets: z
        .array(z.object({ name: z.string().min(1).max(80), text: z.string().max(4000), isHex: z.boolean() }))
        .max(200)
        .default([]),
    })
    .prefault({}),
  /** Logs saved to files while they come, besides the recording. */
  saving: z
    .object({
      isOn: z.boolean().default(false),
      /** Empty: `logs` in the data directory. */
      directory: z.string().max(1000).default(''),
      /** {date} {time} {port} {session}: where the file goes under `directory`. */
      template: z.string().min(1).max(200).default('{date}/{port}-{time}.log'),
      format: z.enum(['text', 'raw', 'jsonl']).default('text'),
      style: logTextStyle.prefault({}),
      /** A new file after so many bytes; 0 never. */
      rollBytes: z.number().int().min(0).max(10_000_000_000).default(100_000_000),
      rollDaily: z.boolean().default(true),
    })
    .prefault({}),
});

export type Settings = z.infer<typeof settingsSchema>;

export const settingsCalls = {
  'settings.get': {
    request: z.object({}),
    reply: z.object({ settings: settingsSchema, problems: z.array(z.object({ key: z.string(), issue: z.string() })) }),
    role: 'viewer',
  },
  /** A partial tree: `{turns: {vadSilenceMs: 400}}`. All or nothing; refused with `settings/invalid`. */
  'settings.set': {
    request: z.object({ changes: z.record(z.string(), z.record(z.string(), z.unknown())) }),
    reply: z.object({ settings: settingsSchema, restartNeeded: z.array(z.string()) }),
    role: 'operator',
  },
} as const;

export const settingsStreams = {
  'settings.state': { request: z.object({}), snapshot: settingsSchema, delta: settingsSchema },
} as const;
