import { z } from 'zod';
import { bytes } from './bytes.ts';
import { talkErrorSchema } from './errors.ts';

export const engineStage = z.enum(['vad', 'stt', 'llm', 'tts']);

/** One thing an engine kind is to be told. Secrets are kept in the secret store and never come back. */
export const engineField = z.object({
  /** Its name in our words ('apiKey'); imports know the documents' spellings of it. */
  name: z.string(),
  kind: z.enum(['text', 'secret', 'number', 'choice', 'switch', 'url', 'folder', 'json']),
  isRequired: z.boolean(),
  default: z.unknown().optional(),
  options: z.array(z.string()).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  placeholder: z.string().optional(),
});

/** A service or program that engines can be made of: 'openai', 'tencent', 'sherpa' … The same kind may serve several stages. */
export const engineKind = z.object({
  kind: z.string(),
  stage: engineStage,
  /** As its maker writes it; not translated. */
  title: z.string(),
  fields: z.array(engineField),
  languages: z.array(z.string()),
  /** Filled-in starting points: 'deepseek', 'ollama' … */
  presets: z.array(z.object({ id: z.string(), title: z.string(), config: z.record(z.string(), z.unknown()) })),
  /** Where its maker describes it. */
  documentation: z.string().optional(),
});

/** An engine kind with its configuration, chosen by `id` wherever an engine is chosen. */
export const engineProfile = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  stage: engineStage,
  kind: z.string(),
  name: z.string().min(1).max(80),
  config: z.record(z.string(), z.unknown()),
  /** Names of the secrets that are stored for it. */
  secrets: z.array(z.string()),
});

export const engineTestReport = z.object({
  stage: engineStage,
  engine: z.string(),
  /** From the request to the connection or the response headers, the first token / transcript / audio, and the end; null: not reached. */
  connectMs: z.number().nullable(),
  firstMs: z.number().nullable(),
  totalMs: z.number().nullable(),
  /** STT: from the last of the speech to the transcript, which is what a user waits for. */
  finalMs: z.number().nullable(),
  /** Of the audio that went in (STT) or came out (TTS). */
  audioMs: z.number().nullable(),
  /** Time taken a second of audio; under 1 is faster than real time. */
  realTimeFactor: z.number().nullable(),
  /** What was recognised or answered. */
  text: z.string().nullable(),
  /** What was said, for a recogniser: compare it with `text`. */
  expected: z.string().nullable(),
  error: talkErrorSchema.nullable(),
});

/** A model that can be had: nothing of it is in the product, and nothing is fetched before the user agrees to its licence and size. */
export const modelEntry = z.object({
  id: z.string(),
  stage: engineStage,
  /** The engine kind that runs it. */
  kind: z.string(),
  title: z.string(),
  languages: z.array(z.string()),
  licence: z.string(),
  licenceUrl: z.string(),
  files: z.array(
    z.object({
      path: z.string(),
      url: z.string(),
      /** About: as its publisher's listing rounds it. 0: not known. */
      sizeBytes: z.number().int(),
      /** Empty: not known. It is taken on trust the first time, and shown. */
      sha256: z.string(),
    }),
  ),
});
export const modelState = z.object({
  entry: modelEntry,
  state: z.enum(['absent', 'downloading', 'paused', 'verifying', 'present', 'failed']),
  doneBytes: z.number().int(),
  totalBytes: z.number().int(),
  bytesPerSecond: z.number().nullable(),
  /** Where it lies, once present. */
  folder: z.string().nullable(),
  /** Once present: the hashes of those files whose hash the catalogue does not know. */
  takenOnTrust: z.array(z.object({ path: z.string(), sha256: z.string() })),
  error: talkErrorSchema.nullable(),
});

export const engineCalls = {
  'engines.kinds': { request: z.object({}), reply: z.object({ kinds: z.array(engineKind) }), role: 'viewer' },
  /** Adds or replaces. A secret that is left out stays as it was; null removes it. Fails with 'engine/bad-config' {field, reason}. */
  'engines.put': {
    request: z.object({ profile: engineProfile.omit({ secrets: true }), secrets: z.record(z.string(), z.string().nullable()).default({}) }),
    reply: engineProfile,
    role: 'operator',
  },
  'engines.remove': { request: z.object({ id: z.string() }), reply: z.object({}), role: 'operator' },
  /** STTConfig, LLMConfig, TTSConfig of TWeTalk's or TRTC's JSON, both spellings, as profiles; nothing is stored. */
  'engines.read': {
    request: z.object({ json: z.string().max(1_000_000) }),
    reply: z.object({
      profiles: z.array(z.object({ profile: engineProfile.omit({ secrets: true }), secretNames: z.array(z.string()) })),
      notes: z.array(z.string()),
    }),
    role: 'operator',
  },
  /** Speaks, listens or asks once and measures. `id` is a profile or an embedded engine. Cancellable. Its failure is in the report. */
  'engines.test': {
    request: z.object({
      stage: engineStage,
      id: z.string(),
      language: z.enum(['zh', 'en']).default('zh'),
      text: z.string().max(500).optional(),
    }),
    reply: engineTestReport,
    role: 'operator',
  },
  /** A recording of the real speaker saying a phrase, for the phrase recogniser: known until the core ends. Fails with 'audio/bad-wav'. */
  'engines.enrol': {
    request: z.object({ text: z.string().min(1).max(200), language: z.enum(['zh', 'en']), wav: bytes }),
    reply: z.object({}),
    role: 'operator',
  },
  /** `acceptLicence` must be true: the user has seen the licence and the size. */
  'models.download': { request: z.object({ id: z.string(), acceptLicence: z.literal(true) }), reply: z.object({}), role: 'operator' },
  /** What was fetched stays and is gone on with. */
  'models.pause': { request: z.object({ id: z.string() }), reply: z.object({}), role: 'operator' },
  'models.remove': { request: z.object({ id: z.string() }), reply: z.object({}), role: 'operator' },
  /** From a folder of this machine, for those without a network: checked as a download is. */
  'models.import': { request: z.object({ id: z.string(), folder: z.string() }), reply: z.object({}), role: 'operator' },
} as const;

export const engineStreams = {
  /** Snapshot and delta: all profiles. */
  'engines.profiles': { request: z.object({}), snapshot: z.array(engineProfile), delta: z.array(engineProfile) },
  /** A delta is one model's new state. */
  'models.state': { request: z.object({}), snapshot: z.array(modelState), delta: modelState },
} as const;

export type EngineStage = z.infer<typeof engineStage>;
export type EngineField = z.infer<typeof engineField>;
export type EngineKind = z.infer<typeof engineKind>;
export type EngineProfile = z.infer<typeof engineProfile>;
export type EngineTestReport = z.infer<typeof engineTestReport>;
export type ModelEntry = z.infer<typeof modelEntry>;
export type ModelState = z.infer<typeof modelState>;
