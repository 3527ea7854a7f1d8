import { z } from 'zod';
import { bytes } from './bytes.ts';

/** A virtual board: an ESP32-S3 in software behind a UART, running a TWeTalk client; or an LTE cat.1 module with its AT port. */
export const virtualBoard = z.object({
  name: z.string(),
  kind: z.enum(['esp32s3', 'cat1']),
  address: z.string(),
  ptyPath: z.string().nullable(),
  productId: z.string(),
  deviceName: z.string(),
  state: z.enum(['off', 'download', 'booting', 'running']),
  /** What the firmware's client is doing, for display. */
  activity: z.enum(['idle', 'connecting', 'connected', 'speaking', 'listening']),
});

export const boardCalls = {
  'boards.list': { request: z.object({}), reply: z.object({ boards: z.array(virtualBoard) }), role: 'viewer' },
  'boards.start': {
    request: z.object({
      name: z.string().regex(/^[\w-]{1,32}$/),
      /** An ESP32-S3 unless it is said. */
      kind: virtualBoard.shape.kind.optional(),
      /** 'installed' boots the demo firmware at once; 'blank' is a chip fresh from the factory that wants flashing. */
      firmware: z.enum(['installed', 'blank']).default('installed'),
      language: z.enum(['zh', 'en']).default('en'),
      audioType: z.enum(['opus', 'pcm']).default('opus'),
      audioInterval: z.union([z.literal(20), z.literal(40), z.literal(60)]).default(60),
      /** Of a cat.1 module: whose firmware it runs and what is wrong with it (`pin` is 1234). AirM2M's and nothing unless said. */
      family: z.enum(['airm2m', 'eigencomm', 'quectel']).optional(),
      trouble: z.enum(['none', 'no-sim', 'pin', 'no-signal', 'weak-signal', 'denied', 'slow-network', 'interrupts']).optional(),
    }),
    reply: virtualBoard,
    role: 'operator',
  },
  'boards.stop': { request: z.object({ name: z.string() }), reply: z.object({}), role: 'operator' },
  /** Speaks to the pipeline through the board's microphone: a WAV, or text said by an embedded voice. Replies once queued. */
  'boards.speak': {
    request: z.object({
      name: z.string(),
      source: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('wav'), wav: bytes }),
        z.object({ kind: z.literal('text'), text: z.string().min(1).max(500), language: z.enum(['zh', 'en']) }),
      ]),
    }),
    reply: z.object({ durationMs: z.number() }),
    role: 'operator',
  },
  'boards.text': { request: z.object({ name: z.string(), text: z.string().min(1).max(2000) }), reply: z.object({}), role: 'operator' },
  /**
   * What came out of the board's speaker since the last `boards.speak` (or since it booted), placed by play time: 16 kHz mono.
   * `firstAudibleMs` counts from the end of what was spoken; null while nothing has been heard.
   */
  'boards.heard': {
    request: z.object({ name: z.string() }),
    reply: z.object({ wav: bytes, durationMs: z.number(), firstAudibleMs: z.number().nullable() }),
    role: 'viewer',
  },
  /** The whole thread in one click: start, flash, boot, connect, ask, be answered. Replies when the session is saved; `demo.progress` tells how far it is. */
  'demo.run': {
    request: z.object({ language: z.enum(['zh', 'en']).default('en') }),
    reply: z.object({ sessionId: z.string() }),
    role: 'operator',
  },
} as const;

export const demoProgress = z.object({
  step: z.enum(['idle', 'start', 'flash', 'boot', 'connect', 'greeting', 'ask', 'answer', 'saved', 'failed']),
  sessionId: z.string().nullable(),
  /** 0..1 within the step. */
  progress: z.number(),
  error: z.object({ code: z.string(), data: z.record(z.string(), z.unknown()) }).nullable(),
});

export const boardStreams = {
  'boards.state': { request: z.object({}), snapshot: z.array(virtualBoard), delta: virtualBoard },
  'demo.progress': { request: z.object({}), snapshot: demoProgress, delta: demoProgress },
} as const;

export type VirtualBoard = z.infer<typeof virtualBoard>;
export type DemoProgress = z.infer<typeof demoProgress>;
