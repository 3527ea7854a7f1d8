import { z } from 'zod';

/** Of a key of the documents' form: at most 32 letters and digits. */
const key = z.string().regex(/^[A-Za-z0-9]{1,32}$/);
const address = z
  .string()
  .max(2000)
  .regex(/^(https?:\/\/\S+)?$/);

/** What the cloud tells a backend: TRTC's server callbacks 901–909 (seed 002) and TWeTalk's subtitles (seed 000); and a receiver to look at them. */
export const callbackSettings = z
  .object({
    /** Where 901–909 go; empty: nowhere. */
    serverUrl: address.default(''),
    /** Without an answer of status 200 in so long the attempt failed, ms (the documents' 5 s). */
    serverTimeoutMs: z.number().int().min(100).max(60_000).default(5000),
    /** The table of the documents calls the time CallbackMsTs, the examples CallbackTs: which one is sent. */
    timestampField: z.enum(['both', 'CallbackTs', 'CallbackMsTs']).default('both'),
    /** SubtitleCallbackUrl, for the conversations of all TWeTalk boards; empty: nowhere. */
    subtitleUrl: address.default(''),
    /** SubtitleCallbackTimeout, s. */
    subtitleTimeoutS: z.number().int().min(1).max(60).default(5),
    /** The first failure is tried again at once, later ones after so long, ms (the documents' 10 s; for subtitles they name no time). */
    retryMs: z.number().int().min(100).max(60_000).default(10_000),
    /** No more attempts once the message is so old, s (the documents' 1 min). */
    retryForS: z.number().int().min(0).max(3600).default(60),
    /** How the bench's own receiver answers, to see what a failing backend does to the sender. */
    receiverAnswer: z.enum(['accept', 'status', 'silence']).default('accept'),
    /** With 'status'. */
    receiverStatus: z.number().int().min(200).max(599).default(500),
    /** How old a callback may be that the receiver accepts, s (the documents' 5 min). */
    receiverFreshnessS: z.number().int().min(1).max(86_400).default(300),
  })
  .prefault({});

export const callbackKind = z.enum(['server', 'subtitle']);

/** One message to a backend, with all that was tried to get it there. */
export const callbackDelivery = z.object({
  id: z.string(),
  kind: callbackKind,
  /** '901', or 'subtitle user'. */
  name: z.string(),
  conversationId: z.string().optional(),
  /** Without what stands behind a question mark: it may hold a key. */
  url: z.string(),
  body: z.string(),
  isSigned: z.boolean(),
  createdWallMs: z.number().int(),
  attempts: z.array(
    z.object({
      atWallMs: z.number().int(),
      elapsedMs: z.number(),
      /** The backend's; absent where none came. */
      status: z.number().int().optional(),
      /** 'timeout', 'ECONNREFUSED' … */
      failure: z.string().optional(),
    }),
  ),
  state: z.enum(['sending', 'waiting', 'delivered', 'given-up']),
});

/** What the bench's own receiver got, and what it thinks of it. */
export const receivedCallback = z.object({
  id: z.string(),
  kind: callbackKind,
  name: z.string(),
  receivedWallMs: z.number().int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  /** unsigned: a key is kept here and the message has no Sign. unchecked: it has one and no key is kept here. */
  verdict: z.enum(['good', 'unchecked', 'unsigned', 'bad-signature', 'stale', 'duplicate', 'malformed']),
  /** What would have been right, where the signature is not. */
  expectedSign: z.string().optional(),
  /** How old it was by its own stamp, ms. */
  ageMs: z.number().optional(),
  answer: z.union([z.number().int(), z.literal('silence')]),
});

export const callbackCalls = {
  'callbacks.keys': { request: z.object({}), reply: z.object({ server: z.boolean(), subtitle: z.boolean() }), role: 'viewer' },
  /** Keeps the key that messages are signed and verified with; null forgets it. It never comes back. */
  'callbacks.putKey': { request: z.object({ kind: callbackKind, key: key.nullable() }), reply: z.object({}), role: 'operator' },
  /** Sends an example to the configured address. Fails with 'bad-request' when there is none. */
  'callbacks.test': { request: z.object({ kind: callbackKind }), reply: z.object({ id: z.string() }), role: 'operator' },
  'callbacks.clear': { request: z.object({}), reply: z.object({}), role: 'operator' },
} as const;

/** The newest few hundred; a delta is one of them as it is now, or all of them gone. */
const cleared = z.object({ isCleared: z.literal(true) });
export const callbackStreams = {
  'callbacks.deliveries': {
    request: z.object({}),
    snapshot: z.array(callbackDelivery),
    delta: z.union([callbackDelivery, cleared]),
  },
  'callbacks.received': {
    request: z.object({}),
    snapshot: z.array(receivedCallback),
    delta: z.union([receivedCallback, cleared]),
  },
} as const;

export type CallbackKind = z.infer<typeof callbackKind>;
export type CallbackDelivery = z.infer<typeof callbackDelivery>;
export type ReceivedCallback = z.infer<typeof receivedCallback>;
