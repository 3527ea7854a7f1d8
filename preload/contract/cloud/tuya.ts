import { z } from 'zod';
import { bytes } from '../bytes.ts';

/** A Tuya device's id, or the client id that a backend gave it. */
export const tuyaDeviceId = z.string().regex(/^[\w.:@-]{1,48}$/);

/** Tuya AI stream (seed 004, reference/tuya.md). What the documents leave open is a setting. */
export const tuyaSettings = z
  .object({
    /** AI channel in clear: V1 with its own encryption, and V2.1 of clients whose TLS is switched off. */
    port: z.number().int().min(0).max(65535).default(7891),
    /** The same within TLS. */
    tlsPort: z.number().int().min(0).max(65535).default(7892),
    /** The product in the registry that Tuya's devices belong to: a device is its id there, its secret the base64 of its local key. */
    productId: z
      .string()
      .regex(/^[A-Za-z0-9]{1,32}$/)
      .default('tuya'),
    /** For a client that does not say it (attribute 1001). */
    language: z.enum(['zh', 'en']).default('zh'),
    /**
     * Sessions only with an agent token of this bench. Off: a token of another cloud, or none, is taken and noted, but of a client that
     * signs nothing where only known devices are let in: with it the token is all the proof there is.
     */
    isAgentTokenRequired: z.boolean().default(false),
    /** A hello with the randoms of one before is a recording of it. Off: for firmware that makes the same ones after each start. */
    isReplayRefused: z.boolean().default(true),
    agentTokenHours: z.number().min(0.01).max(720).default(24),
    /** A connection is closed with 605 after so long, unless the client refreshes it. */
    connectionHours: z.number().min(0.01).max(720).default(24),
    /** The agent greets at each new session. The documents have no turn that the cloud begins with. */
    isGreeting: z.boolean().default(false),
    /** Sound of a session that orders none that we have (`tts.order.supports`); MP3 is not made here. */
    audio: z.enum(['pcm', 'opus']).default('pcm'),
    /** Whether the cloud decides about the end of speech where an event does not say (`asr.enableVad`). */
    isServerVad: z.boolean().default(false),
    /** Audio after ServerVAD on the same event: ignored as the App SDK's document says · heard where the event has `processing.interrupt`. */
    afterServerVad: z.enum(['ignored', 'heard-with-interrupt']).default('heard-with-interrupt'),
    /** Answer SessionNew with a SessionNew (44 = 0). TuyaOpen logs an error for it; agentic-kit takes either. */
    isSessionAnswered: z.boolean().default(false),
  })
  .prefault({});

export const tuyaSession = z.object({
  sessionId: z.string(),
  conversationId: z.string(),
  agentCode: z.string().nullable(),
  /** Null: opened without a token of this bench. */
  tokenExpiresWallMs: z.number().nullable(),
  downlink: z.enum(['pcm', 'opus', 'none']),
  /** The event under way, if any. */
  eventId: z.string().nullable(),
  sendIds: z.array(z.number().int()),
  receiveIds: z.array(z.number().int()),
});

export const tuyaConnection = z.object({
  connectionId: z.string(),
  productId: z.string(),
  deviceName: z.string(),
  peer: z.string(),
  isTls: z.boolean(),
  clientType: z.enum(['device', 'app']),
  version: z.union([z.literal(1), z.literal(2)]),
  /** V1: plain, ChaCha20, AES-CBC, AES-GCM; V2.1: how frames are signed. */
  security: z.string(),
  openedWallMs: z.number(),
  sessions: z.array(tuyaSession),
});

/** A client of the debug port of one device. */
export const tuyaMonitor = z.object({
  id: z.string(),
  address: z.string(),
  state: z.enum(['connecting', 'connected', 'closed']),
  /** Why it closed. */
  reason: z.string().nullable(),
  packets: z.number().int(),
  /** Recorded sound, seconds, by its channel on the debug port. */
  audioSeconds: z.record(z.string(), z.number()),
});

/** One thing that the virtual device sent or got, in order. */
export const tuyaStep = z.object({ atMs: z.number(), direction: z.enum(['up', 'down']), name: z.string(), text: z.string() });

export const tuyaCalls = {
  /** Registers a Tuya device by its local key; without one, 16 characters are made up and told this once. */
  'tuya.register': {
    request: z.object({ deviceId: tuyaDeviceId, localKey: z.string().min(1).max(64).optional() }),
    reply: z.object({ productId: z.string(), deviceName: z.string(), generatedLocalKey: z.string().optional() }),
    role: 'operator',
  },
  'tuya.connections': { request: z.object({}), reply: z.object({ connections: z.array(tuyaConnection) }), role: 'viewer' },
  /** Tells a client that its agent token has expired (SessionStateChange 1001). Throws 'not-found'. */
  'tuya.expireToken': {
    request: z.object({ connectionId: z.string(), sessionId: z.string() }),
    reply: z.object({}),
    role: 'operator',
  },
  /**
   * A virtual device of the registry connects, speaks or writes, and tells what it got, with everything that a real one would have
   * stumbled over. Throws 'talk/refused', 'talk/no-reply', 'device/unknown'.
   */
  'tuya.talk': {
    request: z.object({
      /** A registered one; without it, one is made for this. */
      deviceId: tuyaDeviceId.optional(),
      say: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('wav'), wav: bytes }),
        /** Spoken through an embedded voice. */
        z.object({ kind: z.literal('speech'), text: z.string().min(1).max(500), language: z.enum(['zh', 'en']) }),
        /** Typed. */
        z.object({ kind: z.literal('text'), text: z.string().min(1).max(2000) }),
      ]),
      version: z.union([z.literal(1), z.literal(2)]).default(2),
      isTls: z.boolean().default(false),
      clientType: z.enum(['device', 'app']).default('device'),
      isServerVad: z.boolean().default(false),
      /** What goes up; and what is ordered. */
      audio: z.enum(['pcm', 'opus']).default('pcm'),
      needTts: z.boolean().default(true),
      onlyAsr: z.boolean().default(false),
      language: z.enum(['zh', 'en']).default('zh'),
      timeoutMs: z.number().int().min(1000).max(300_000).default(60_000),
    }),
    reply: z.object({
      transcript: z.string(),
      reply: z.string(),
      reasoning: z.string(),
      emotions: z.array(z.string()),
      steps: z.array(tuyaStep),
      /** What a real device would not have taken; empty when all is well. */
      violations: z.array(z.string()),
      /** WAV, 16 kHz mono. */
      wav: bytes,
      replyDurationMs: z.number(),
    }),
    role: 'operator',
  },
  /** Connects to a device's debug port (`host` or `host:port`) and records its AI packets until it is stopped. Throws 'tuya/no-debug-port', 'bad-request'. */
  'tuya.startMonitor': {
    request: z.object({ address: z.string().min(1).max(255) }),
    reply: z.object({ id: z.string() }),
    role: 'operator',
  },
  /** Stops it; what it heard is given as a WAV of each channel. */
  'tuya.stopMonitor': {
    request: z.object({ id: z.string() }),
    reply: z.object({ packets: z.number().int(), recordings: z.array(z.object({ channel: z.string(), wav: bytes })) }),
    role: 'operator',
  },
  'tuya.monitors': { request: z.object({}), reply: z.object({ monitors: z.array(tuyaMonitor) }), role: 'viewer' },
} as const;

const tuyaState = z.object({ connections: z.array(tuyaConnection), monitors: z.array(tuyaMonitor) });
export type TuyaState = z.infer<typeof tuyaState>;
export type TuyaConnection = z.infer<typeof tuyaConnection>;
export type TuyaMonitor = z.infer<typeof tuyaMonitor>;
export type TuyaStep = z.infer<typeof tuyaStep>;

export const tuyaStreams = {
  /** All of it, again with each change. */
  'tuya.state': { request: z.object({}), snapshot: tuyaState, delta: tuyaState },
} as const;
