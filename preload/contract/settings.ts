import { z } from 'zod';
import { agentTool, type ConversationSection } from './agents.ts';
import { cloudSettings } from './cloud/index.ts';
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
      /** TLS beside the plain ports, with certificates of the bench's own authority. */
      isTlsOn: z.boolean().default(true),
      mqttTlsPort: z.number().int().min(0).max(65535).default(8883),
      gatewayTlsPort: z.number().int().min(0).max(65535).default(8788),
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
      /**
       * fixed: `vadSilenceMs` · dynamic: between `endpointMinMs` and `endpointMaxMs` after how long this user's pauses are · semantic: short
       * when what was said sounds complete, long when it does not (reference/voice.md §1.1, seed 000 语义 VAD).
       */
      endpointing: z.enum(['fixed', 'dynamic', 'semantic']).default('fixed'),
      endpointMinMs: z.number().int().min(100).max(2000).default(300),
      endpointMaxMs: z.number().int().min(240).max(6000).default(2000),
      /** push-to-talk: the board says when the user begins and ends; voice activity decides nothing. */
      input: z.enum(['open', 'push-to-talk']).default('open'),
      /** Speech longer than this is ended, ms. */
      longestUtteranceMs: z.number().int().min(5000).max(300_000).default(60_000),
      interruption: z.enum(['off', 'duration', 'semantic', 'manual']).default('duration'),
      interruptionMs: z.number().int().min(300).max(5000).default(500),
      /** Words, Han characters counted one each, that speech needs to interrupt by its text. */
      interruptionMinimumWords: z.number().int().min(0).max(20).default(1),
      /** While the agent thinks and nothing is heard yet; 'same' as while it speaks. */
      interruptionWhileThinking: z.enum(['same', 'off', 'duration', 'semantic', 'manual']).default('same'),
      /** Listener's signals that never interrupt, besides the built-in ones (嗯 哦 对 好的 uh-huh). */
      backchannels: z.array(z.string().min(1).max(40)).max(100).default([]),
      isGreetingProtected: z.boolean().default(false),
      /** Asks the language model before the endpoint is decided; its answer is used only if nothing changed. */
      isPreemptive: z.boolean().default(false),
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
  /** What is done to the microphone's signal before it is understood. */
  frontEnd: z
    .object({
      noiseSuppression: z.enum(['off', 'rnnoise']).default('off'),
      /** Candidates of the recogniser, at most three; empty: the conversation's language. */
      languages: z
        .array(z.enum(['zh', 'en', 'yue', 'ja', 'ko']))
        .max(3)
        .default([]),
      /** Asks the recogniser for the speaker's emotion, where it knows one. */
      isEmotionDetected: z.boolean().default(false),
      /** Only the enrolled voice is heard, where an engine can tell. */
      isVoiceprintGated: z.boolean().default(false),
      hotWords: z.array(z.string().min(1).max(40)).max(100).default([]),
    })
    .prefault({}),
  voice: z
    .object({
      /** The synthesiser's own name of a voice; empty: the engine's default. */
      voice: z.string().max(200).default(''),
      /** 1 is the voice's own. */
      speed: z.number().min(0.25).max(4).default(1),
      /** 1 is the voice's own. */
      volume: z.number().min(0).max(4).default(1),
      /** Semitones. */
      pitch: z.number().min(-12).max(12).default(0),
      emotion: z.string().max(40).default(''),
      /** Takes the silence before the first sound off every sentence but so much, ms; −1 leaves it. */
      leadSilenceMs: z.number().int().min(-1).max(1000).default(-1),
    })
    .prefault({}),
  conversation: z
    .object({
      /** The conversation ends after so many seconds; 0 never. */
      sessionTimeoutS: z.number().int().min(0).max(86_400).default(0),
      isIdleDetected: z.boolean().default(false),
      /** Where this conversation's subtitles go (SubtitleCallbackUrl); empty: where the bench's callbacks say. */
      subtitleUrl: z
        .string()
        .max(2000)
        .regex(/^(https?:\/\/\S+)?$/)
        .default(''),
      /** From the end of the reply until the first reminder, and between reminders, s. */
      idleTimeoutS: z.number().int().min(1).max(600).default(4),
      /** Reminders; after the last one's silence the conversation ends. */
      idleMaxRetries: z.number().int().min(0).max(10).default(3),
      /** What is said at the n-th reminder; one without a text is silent. */
      idleMessages: z
        .array(
          z.object({ retry: z.number().int().min(1).max(10), zh: z.string().max(200).default(''), en: z.string().max(200).default('') }),
        )
        .max(10)
        .default([{ retry: 1, zh: '你还在吗？', en: 'Are you still there?' }]),
    })
    .prefault({}),
  memory: z
    .object({
      /** After so many rounds the older ones are told in one summary; 0 never (对话总结轮次). */
      summaryRounds: z.number().int().min(0).max(50).default(0),
      /** The conversation's end is remembered for the device's next one. */
      isLongTerm: z.boolean().default(false),
      factLimit: z.number().int().min(0).max(200).default(50),
    })
    .prefault({}),
  agent: z
    .object({
      greetingZh: z.string().max(500).default('你好，我是语音助手，有什么可以帮你？'),
      greetingEn: z.string().max(500).default('Hello, how can I help you?'),
      systemPrompt: z.string().max(20_000).default(''),
      toolTimeoutMs: z.number().int().min(500).max(60_000).default(5000),
      historyRounds: z.number().int().min(0).max(50).default(10),
      /** Older rounds are left out when a request would be longer than about so many tokens; 0: no limit (MaxContextTokens). */
      maxContextTokens: z.number().int().min(0).max(1_000_000).default(0),
      temperature: z.number().min(0).max(2).nullable().default(null),
      topP: z.number().min(0).max(1).nullable().default(null),
      /** Of one answer; 0: the model's own limit. */
      maxTokens: z.number().int().min(0).max(100_000).default(0),
      /** Until the first token, s (the documents' 1–50). */
      llmTimeoutS: z.number().int().min(1).max(50).default(3),
      /** Of a request that failed before its first token; under the same request id. */
      llmRetries: z.number().int().min(0).max(3).default(1),
      /** Requests to the model in one turn. */
      maxToolSteps: z.number().int().min(1).max(10).default(3),
      /** Merged into the body of each request to the model (MetaInfo). */
      metaInfo: z.record(z.string(), z.unknown()).default({}),
      tools: z.array(agentTool).max(64).default([]),
      /** Said when a tool takes long; empty: nothing. Not part of the history. */
      fillerZh: z.string().max(100).default(''),
      fillerEn: z.string().max(100).default(''),
      fillerAfterMs: z.number().int().min(200).max(10_000).default(800),
    })
    .prefault({}),
  engines: z
    .object({
      vad: z.string().default('auto'),
      stt: z.string().default('auto'),
      llm: z.string().default('scripted'),
      tts: z.string().default('auto'),
      /**
       * What tells the semantic endpoint whether the user has ended: rules on the words, or the Smart Turn model on the sound where it has
       * been fetched; the rules in its place where not.
       */
      turnEnd: z.enum(['rules', 'smart-turn']).default('rules'),
      /** Where models are fetched from instead of their publisher's site, `https://hf-mirror.com`; empty: from there. */
      modelMirror: z
        .string()
        .regex(/^(https?:\/\/[^\s@]{1,300})?$/)
        .default(''),
      /** Phrases the phrase recogniser knows besides the built-in ones. */
      phrases: z
        .array(z.object({ text: z.string().min(1).max(200), language: z.enum(['zh', 'en']) }))
        .max(200)
        .default([]),
    })
    .prefault({}),
  ...cloudSettings,
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
  /** What the latency screen offers by name. */
  latency: z
    .object({
      /** Conditions as `talkbench latency --assert` takes them. */
      budgets: z
        .array(z.object({ name: z.string().min(1).max(80), conditions: z.string().min(1).max(4000) }))
        .max(100)
        .default([]),
    })
    .prefault({}),
  /**
   * Sessions are removed, oldest first, while the library is larger and once they are older; 0 never. Not those that are kept.
   * `rememberSecrets`: those that were replaced, removed or only passed through are kept with the others, for redaction.
   */
  retention: z
    .object({
      maximumGb: z.number().min(0).max(100_000).default(0),
      maximumAgeDays: z.number().int().min(0).max(36_500).default(0),
      rememberSecrets: z.boolean().default(true),
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
/** The part of the settings that a conversation runs with, each leaf from the last layer that says it. */
export type ConversationSettings = Pick<Settings, ConversationSection>;

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
