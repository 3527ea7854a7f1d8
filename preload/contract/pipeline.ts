import { z } from 'zod';
import { pipelineEvent } from './events.ts';

export const deviceRecord = z.object({
  productId: z.string().min(1).max(10),
  deviceName: z.string().min(1).max(48),
  /** Whether a secret is stored; the secret itself never leaves the core. */
  hasSecret: z.boolean(),
  isOnline: z.boolean(),
  lastOnlineWallMs: z.number().int().nullable(),
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
});

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
  'devices.state': { request: z.object({}), snapshot: z.array(deviceRecord), delta: deviceChange },
} as const;

export type DeviceChange = z.infer<typeof deviceChange>;
export type DeviceRecord = z.infer<typeof deviceRecord>;
export type ConversationState = z.infer<typeof conversationState>;
export type EngineChoice = z.infer<typeof engineChoice>;
