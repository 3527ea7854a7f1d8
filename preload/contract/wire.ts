import { z } from 'zod';
import { talkErrorSchema } from './errors.ts';

/**
 * What travels on every transport, already structured (binary stays Uint8Array; a transport that needs bytes
 * encodes the whole frame). Client frames carry ids the client chose; the server never invents one.
 *
 * A stream opens with `snapshot` (or, resumed with `fromSeq` inside the server's window, goes straight on), then
 * `deltas`: items in order, the first numbered `seq`; numbers the request's filter refused are skipped, and `nextSeq`
 * is where to resume after the batch. The consumer returns `credit` for items it has finished with; beyond the credit
 * the server keeps a bounded window. When a consumer falls out of it, the server says `dropped` (how many deltas will
 * never come) and then sends a fresh `snapshot`, so that a view of state is right again.
 */
export * from './protocol.ts';

const id = z.number().int().nonnegative();

export const clientFrame = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), protocol: z.number().int() }),
  z.object({ t: z.literal('call'), id, name: z.string(), body: z.unknown() }),
  z.object({ t: z.literal('cancel'), id }),
  z.object({
    t: z.literal('subscribe'),
    id,
    name: z.string(),
    body: z.unknown(),
    fromSeq: z.number().int().optional(),
    credit: z.number().int().positive(),
  }),
  z.object({ t: z.literal('credit'), id, items: z.number().int().positive() }),
  z.object({ t: z.literal('unsubscribe'), id }),
  z.object({ t: z.literal('send'), name: z.string(), body: z.unknown() }),
]);

export const hostKinds = ['electron', 'loopback', 'memory'] as const;
export type HostKind = (typeof hostKinds)[number];

export const welcome = z.object({
  t: z.literal('welcome'),
  protocol: z.number().int(),
  appVersion: z.string(),
  host: z.enum(hostKinds),
  role: z.enum(['operator', 'viewer']),
  /** What this host can do that another may not: 'native-dialogs', 'auto-update', 'safe-storage', 'reveal-file'. */
  capabilities: z.array(z.string()),
  /** Identifies this run of the core: a client that reconnects to another epoch must not resume by seq. */
  coreEpoch: z.string(),
});

export const serverFrame = z.discriminatedUnion('t', [
  welcome,
  z.object({ t: z.literal('reply'), id, body: z.unknown() }),
  z.object({ t: z.literal('error'), id, error: talkErrorSchema }),
  /** `seq` is the number the first delta after it carries. */
  z.object({ t: z.literal('snapshot'), id, seq: z.number().int(), body: z.unknown() }),
  z.object({ t: z.literal('deltas'), id, seq: z.number().int(), nextSeq: z.number().int(), items: z.array(z.unknown()) }),
  z.object({ t: z.literal('dropped'), id, count: z.number().int(), seq: z.number().int() }),
  z.object({ t: z.literal('end'), id, error: talkErrorSchema.optional() }),
]);

export type ClientFrame = z.infer<typeof clientFrame>;
export type ServerFrame = z.infer<typeof serverFrame>;
export type Welcome = z.infer<typeof welcome>;

/**
 * One side of a frame channel. Frames arrive in order and none before `onFrame` was called; `onClose` fires exactly once,
 * also for the side that closed. The reason is one of `closeReasons` or a transport's own word.
 */
export interface Transport<Outgoing, Incoming> {
  post(frame: Outgoing): void;
  onFrame(listener: (frame: Incoming) => void): void;
  onClose(listener: (reason: string) => void): void;
  close(reason?: string): void;
}

export type ClientTransport = Transport<ClientFrame, unknown>;
export type ServerTransport = Transport<ServerFrame, unknown>;
