import { z } from 'zod';
import { bytes } from '../bytes.ts';
import { monoUs } from '../time.ts';

/** Every message on a device-facing wire, decoded, to be filtered, linked and sent again. */
export const wireChannel = z.enum(['mqtt', 'websocket', 'http', 'tcp', 'udp']);
export const wireDirection = z.enum(['up', 'down']);

/** A message as the list shows it. */
export const wireMessage = z.object({
  /** Counts from 1 since the core started. */
  id: z.number().int().positive(),
  atUs: monoUs,
  wallMs: z.number().int(),
  gateway: z.string(),
  channel: wireChannel,
  direction: wireDirection,
  name: z.string(),
  deviceId: z.string().optional(),
  conversationId: z.string().optional(),
  /** The turn of the conversation that was under way. */
  turnId: z.number().int().optional(),
  /** Where it is recorded; null while nothing is. */
  sessionId: z.string().nullable(),
  /** The beginning of its text, one line. */
  preview: z.string(),
  sizeBytes: z.number().int(),
  isUnknown: z.boolean(),
  note: z.string().optional(),
});

/** What of the messages is shown; each condition that is there must hold. */
export const wireFilter = z.object({
  gateways: z.array(z.string()).max(20).optional(),
  channels: z.array(wireChannel).optional(),
  direction: wireDirection.optional(),
  deviceId: z.string().max(200).optional(),
  conversationId: z.string().max(200).optional(),
  /** In the name, the text or the note; upper and lower case are one. */
  contains: z.string().max(200).optional(),
  isUnknown: z.boolean().optional(),
});

export const wireCalls = {
  /** One message whole. 'not-found' when it is older than what is kept. */
  'wire.get': {
    request: z.object({ id: z.number().int() }),
    reply: wireMessage.extend({ text: z.string().optional(), bytes: bytes.optional() }),
    role: 'viewer',
  },
  /** The newest that the filter lets through and that are older than `before`; newest first. */
  'wire.list': {
    request: z.object({
      filter: wireFilter.default({}),
      before: z.number().int().optional(),
      limit: z.number().int().min(1).max(1000).default(200),
    }),
    reply: z.object({ messages: z.array(wireMessage), oldestKept: z.number().int() }),
    role: 'viewer',
  },
  /**
   * Sends a message once more, as it was or with another text: a downward one to its board, an upward one to the bench as if the board had sent it.
   * Fails with 'not-found' (the message, or its connection), 'unsupported' {feature, why}: not of that kind, or it held a secret that was
   * taken out, 'bad-request' for a text that the protocol cannot carry.
   */
  'wire.resend': {
    request: z.object({ id: z.number().int(), text: z.string().max(1_000_000).optional() }),
    reply: z.object({}),
    role: 'operator',
  },
  'wire.clear': { request: z.object({}), reply: z.object({}), role: 'operator' },
} as const;

/** The snapshot is the newest few hundred of the filter; a delta one more. */
export const wireStreams = {
  'wire.messages': {
    request: z.object({ filter: wireFilter.default({}) }),
    snapshot: z.array(wireMessage),
    delta: wireMessage,
  },
} as const;

export type WireMessage = z.infer<typeof wireMessage>;
export type WireFilter = z.infer<typeof wireFilter>;
