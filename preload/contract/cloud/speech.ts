import { z } from 'zod';
import { bytes } from '../bytes.ts';
import { talkErrorSchema } from '../errors.ts';

/**
 * Speech services (seed 003): simultaneous translation V1 and V2, recognition, summary and translation of text. What the
 * document leaves open stands here with what was taken for likely.
 */
export const speechSettings = z
  .object({
    /** Streams and requests at once of one token or app id (4006 beyond). */
    maxConcurrent: z.number().int().min(1).max(200).default(20),
    /** Audio may run so far ahead of real time, ms, before the document's 1:1 rule is taken for broken (4000); 0: never. */
    maxAheadMs: z.number().int().min(0).max(60_000).default(3000),
    /** Longest gap between two audio packets, s (4008 beyond); 0: any. The document says 6. */
    maxGapS: z.number().int().min(0).max(600).default(6),
    /** From the connection to the settings of a translation, s. */
    initTimeoutS: z.number().int().min(1).max(120).default(10),
    /** Whether `code`, `msg` and `message` are sent when all is well: the document shows them and says they are usually left out. */
    isSuccessTold: z.boolean().default(true),
    /** Whether translations of the embedded phrase table say so in a key of their own, `engine`; over HTTP a header always does. */
    isEmbeddedNamed: z.boolean().default(true),
    /** The HTTP status of an answer whose code is not 0. The document shows the bodies only. */
    errorStatus: z.union([z.literal(200), z.literal(400)]).default(200),
    /** Longest text of a summary or translation, characters. */
    maxTextCharacters: z.number().int().min(100).max(200_000).default(20_000),
    /** What a summary is asked for with when it is not streamed (the document's 预设的提示词), and when a streamed one brings no prompt. */
    summaryPrompt: z.string().max(4000).default('用原文的语言写出下面内容的摘要，只写摘要本身。'),
  })
  .prefault({});

/** Where a run connects. Without `url` to this bench itself, over its own listener and with a credential made for that. */
const target = {
  /** `ws://` or `http://host:port`, or with s; a path is not needed. */
  url: z
    .string()
    .max(500)
    .regex(/^(ws|http)s?:\/\/[^\s@]+$/)
    .optional(),
  /** Another token or app id than the bench's own: it goes to the service and into nothing else. */
  token: z.string().max(500).optional(),
};

/** What is spoken: a WAV of any rate, or a text in an embedded voice. */
const speech = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('wav'), wav: bytes }),
  z.object({ kind: z.literal('text'), text: z.string().min(1).max(500), language: z.enum(['zh', 'en']) }),
]);

export const speechJob = z.discriminatedUnion('service', [
  z.object({
    service: z.literal('translate'),
    ...target,
    version: z.union([z.literal(1), z.literal(2)]).default(2),
    speech,
    source: z.string().max(20).default('zh'),
    target: z.string().max(20).default('en'),
    isTtsOn: z.boolean().default(true),
    isTtsStream: z.boolean().default(true),
  }),
  z.object({
    service: z.literal('asr'),
    ...target,
    appId: z.string().max(40).optional(),
    speech,
    model: z.string().max(40).default('iot_16k_zh'),
    sampleRate: z.union([z.literal(16_000), z.literal(8000)]).default(16_000),
    /** How fast the audio is sent, times real time: more than 1 breaks the pace rule. */
    pace: z.number().min(0.1).max(100).default(1),
  }),
  z.object({
    service: z.literal('summary'),
    ...target,
    text: z.string().min(1).max(200_000),
    isStream: z.boolean().default(true),
    prompt: z.string().max(4000).default(''),
  }),
  z.object({
    service: z.literal('text-translate'),
    ...target,
    text: z.string().min(1).max(200_000),
    isStream: z.boolean().default(true),
    source: z.string().max(20).default('zh'),
    target: z.string().max(20).default('en'),
  }),
]);

/** One message as it was on the wire, tokens taken out; audio is told by its length. */
export const speechMessage = z.object({
  runId: z.string(),
  /** From the run's beginning. */
  atMs: z.number(),
  direction: z.enum(['up', 'down']),
  kind: z.enum(['text', 'audio', 'http', 'close']),
  /** JSON, a request line, or why it closed. */
  text: z.string(),
  /** Audio since the last message of that direction, ms. */
  audioMs: z.number().optional(),
});

export const speechReport = z.object({
  runId: z.string(),
  service: z.enum(['translate', 'asr', 'summary', 'text-translate']),
  /** What was recognised, sentence by sentence. */
  originals: z.array(z.string()),
  /** Translations, the summary, sentence by sentence. */
  results: z.array(z.string()),
  /** What came as speech, WAV, 16 kHz mono; null: none. */
  audio: bytes.nullable(),
  audioMs: z.number(),
  /** Who translated, as the answer's header says: 'phrase-table', 'extract', an engine's name; null when it does not. */
  engine: z.string().nullable(),
  /** To the first recognised text, result and audio, from the beginning of the speech or the request; null: none came. */
  firstOriginalMs: z.number().nullable(),
  firstResultMs: z.number().nullable(),
  firstAudioMs: z.number().nullable(),
  /** Messages that `speech.messages` tells of the run. */
  messageCount: z.number().int(),
  /** What the messages have against the document: 'index 3 after 1'. */
  violations: z.array(z.string()),
  /** The service's own refusal, or what else went wrong. */
  error: talkErrorSchema.nullable(),
});

/** What the services did since the core began. */
const speechCounts = z.object({
  open: z.number().int(),
  streams: z.number().int(),
  requests: z.number().int(),
  refused: z.number().int(),
  failed: z.number().int(),
});

export const speechCalls = {
  /** Drives one service as a client over a real socket, to its end. Cancellable. What the service refuses is in the report's error. */
  'speech.run': {
    request: z.object({ runId: z.string().regex(/^[\w-]{1,64}$/), job: speechJob }),
    reply: speechReport,
    role: 'operator',
  },
  /** While a translation runs: voice on or off, a heartbeat. Fails with 'not-found'. */
  'speech.tell': {
    request: z.object({ runId: z.string(), isTtsOn: z.boolean().optional(), ping: z.string().max(200).optional() }),
    reply: z.object({}),
    role: 'operator',
  },
  /** Where the services are, and what they have done. `baseUrl` is null while they are not open. */
  'speech.state': {
    request: z.object({}),
    reply: z.object({
      baseUrl: z.string().nullable(),
      appId: z.string(),
      /** What would translate and summarise now. */
      engine: z.object({ id: z.string(), isEmbedded: z.boolean() }),
      counts: speechCounts,
    }),
    role: 'viewer',
  },
} as const;

export const speechStreams = {
  /** The messages of one run as they go and come; begins empty, so subscribe before the run. */
  'speech.messages': { request: z.object({ runId: z.string() }), snapshot: z.object({}), delta: speechMessage },
} as const;

export type SpeechJob = z.output<typeof speechJob>;
export type SpeechMessage = z.infer<typeof speechMessage>;
export type SpeechReport = z.infer<typeof speechReport>;
