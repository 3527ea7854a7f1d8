import { z } from 'zod';
import { pipelineEvent } from './events.ts';

/**
 * How the devices of a product prove who they are. key: an HMAC of the secret, or the secret as a TLS pre-shared key · psk: the
 * pre-shared key alone · certificate: a client certificate of the bench's authority.
 */
export const productAuthentication = z.enum(['key', 'psk', 'certificate']);

export const deviceRecord = z.object({
  productId: z.string().min(1).max(10),
  deviceName: z.string().min(1).max(48),
  /** Whether a secret is stored; the secret itself never leaves the core. */
  hasSecret: z.boolean(),
  isOnline: z.boolean(),
  /** The first time it was online. */
  activatedWallMs: z.number().int().nullable(),
  lastOnlineWallMs: z.number().int().nullable(),
  /** How often it has connected since it was registered. */
  connectionCount: z.number().int(),
  /** Of its last connection; null before the first. */
  connection: z
    .object({
      /** Where it came from. Null where a broker of the lab's does not tell. */
      address: z.string().nullable(),
      /** password · psk · certificate; none: let in unregistered. */
      proof: z.enum(['password', 'psk', 'certificate', 'none']),
      isTls: z.boolean(),
      /** As its username says, which tells SDK generations apart. */
      sdkAppId: z.string(),
    })
    .nullable(),
  /** Subscribed now. */
  topics: z.array(z.string()),
  /** SHA-256 of the certificate it has been given; null without one. */
  certificateFingerprint: z.string().nullable(),
  firmwareVersion: z.string().nullable(),
  /** Last reported thing-model properties. */
  properties: z.record(z.string(), z.unknown()),
});

/** A device as it is now, or, once removed, as it last was. */
export const deviceChange = deviceRecord.extend({ isRemoved: z.literal(true).optional() });

export const conversationState = z.object({
  conversationId: z.string(),
  sessionId: z.string().nullable(),
  productId: z.string(),
  deviceName: z.string(),
  gateway: z.string(),
  state: z.string(),
  turnCount: z.number().int(),
  openedWallMs: z.number().int(),
});

export const engineChoice = z.object({
  id: z.string(),
  stage: z.enum(['vad', 'stt', 'llm', 'tts']),
  isAvailable: z.boolean(),
  languages: z.array(z.string()),
  missing: z.string().optional(),
  /** Those a synthesiser is known to have; others may be named as well. Left out where none is known. */
  voices: z.array(z.object({ id: z.string(), language: z.string(), label: z.string() })).optional(),
});

/** The largest sample since the last one told, 0..1: the microphone's and the reply's. */
export const audioLevel = z.object({ conversationId: z.string(), uplinkPeak: z.number(), downlinkPeak: z.number() });

export const pipelineCalls = {
  'pipeline.engines': { request: z.object({}), reply: z.object({ engines: z.array(engineChoice) }), role: 'viewer' },
  /** Replies when the embedded engines are loaded and the phrases learnt: a measurement should not start before. */
  'pipeline.warmUp': { request: z.object({}), reply: z.object({}), role: 'operator' },
  'pipeline.conversations': { request: z.object({}), reply: z.object({ conversations: z.array(conversationState) }), role: 'viewer' },
  'pipeline.interrupt': { request: z.object({ conversationId: z.string() }), reply: z.object({}), role: 'operator' },
  /** Text injected past speech recognition, answered as if it had been said. */
  'pipeline.text': {
    request: z.object({ conversationId: z.string(), text: z.string().min(1).max(2000) }),
    reply: z.object({}),
    role: 'operator',
  },
  /** Makes the agent say exactly this now. */
  'pipeline.say': {
    request: z.object({ conversationId: z.string(), text: z.string().min(1).max(2000) }),
    reply: z.object({}),
    role: 'operator',
  },
  /** The button of push-to-talk, pressed here instead of on the board: between the two everything is the user's. */
  'pipeline.listen': {
    request: z.object({ conversationId: z.string(), state: z.enum(['start', 'stop']) }),
    reply: z.object({}),
    role: 'operator',
  },
  'pipeline.hangUp': { request: z.object({ conversationId: z.string() }), reply: z.object({}), role: 'operator' },
  'devices.list': { request: z.object({}), reply: z.object({ devices: z.array(deviceRecord) }), role: 'viewer' },
  /** Without `secret` one is generated and returned this once. */
  'devices.put': {
    request: z.object({
      productId: z.string().regex(/^[A-Za-z0-9]{1,10}$/),
      deviceName: z.string().regex(/^[\w:@-]{1,48}$/),
      secret: z
        .string()
        .regex(/^[A-Za-z0-9+/]+={0,2}$/)
        .optional(),
    }),
    reply: z.object({ device: deviceRecord, generatedSecret: z.string().optional() }),
    role: 'operator',
  },
  'devices.remove': { request: z.object({ productId: z.string(), deviceName: z.string() }), reply: z.object({}), role: 'operator' },
} as const;

/** `pipeline.events` starts empty: history is the session's. A delta is one event. */
export const pipelineStreams = {
  'pipeline.events': { request: z.object({ includeWire: z.boolean().default(true) }), snapshot: z.object({}), delta: pipelineEvent },
  'pipeline.conversations': { request: z.object({}), snapshot: z.array(conversationState), delta: conversationState },
  /** At most 15 a second a conversation, only while audio flows. */
  'pipeline.levels': { request: z.object({}), snapshot: z.array(audioLevel), delta: audioLevel },
  'devices.state': { request: z.object({}), snapshot: z.array(deviceRecord), delta: deviceChange },
} as const;

export type ProductAuthentication = z.infer<typeof productAuthentication>;
export type DeviceConnection = NonNullable<DeviceRecord['connection']>;
export type DeviceChange = z.infer<typeof deviceChange>;
export type DeviceRecord = z.infer<typeof deviceRecord>;
export type ConversationState = z.infer<typeof conversationState>;
export type AudioLevel = z.infer<typeof audioLevel>;
export type EngineChoice = z.infer<typeof engineChoice>;
