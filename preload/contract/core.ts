import { z } from 'zod';
import { talkErrorSchema } from './errors.ts';

export const listenerState = z.object({
  /** 'mqtt' | 'gateway' | 'ui' | later gateways' own. */
  name: z.string(),
  host: z.string(),
  port: z.number().int(),
  state: z.enum(['listening', 'failed', 'stopped']),
  error: talkErrorSchema.optional(),
});

export const coreStatus = z.object({
  state: z.enum(['starting', 'ready', 'degraded', 'stopped']),
  appVersion: z.string(),
  dataDirectory: z.string(),
  listeners: z.array(listenerState),
  /** Session being recorded now, if any. */
  recordingSessionId: z.string().nullable(),
  /** Sessions that a killed process had left open and this start closed. */
  recoveredSessionIds: z.array(z.string()),
  /** Bytes, frames or events that could not be kept since start. Anything above zero is shown. */
  droppedCount: z.number().int(),
  /** Why nothing can be stored right now; what comes meanwhile waits as long as there is room for it, then is dropped and counted. */
  problem: talkErrorSchema.nullable().optional(),
  /** Wall and monotonic time of the same instant, for display. */
  anchor: z.object({ wallMs: z.number().int(), monoUs: z.number().int() }),
});

export const coreCalls = {
  'core.status': { request: z.object({}), reply: coreStatus, role: 'viewer' },
} as const;

/** One delta is the whole new status. */
export const coreStreams = {
  'core.status': { request: z.object({}), snapshot: coreStatus, delta: coreStatus },
} as const;

export type ListenerState = z.infer<typeof listenerState>;
export type CoreStatus = z.infer<typeof coreStatus>;
