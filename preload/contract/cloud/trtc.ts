import { z } from 'zod';
import { bytes } from '../bytes.ts';
import { speechLanguages } from './speech-languages.ts';

/** TRTC conversation (seed 002). */
export const trtcSettings = z
  .object({
    /** any: whoever says who they are may enter a room · checked: with a UserSig made with the application's SDKSecretKey. */
    userSig: z.enum(['any', 'checked']).default('any'),
    /** Which applications' rooms there are: every one that is asked for, or the account's only. */
    sdkAppId: z.enum(['any', 'account']).default('any'),
    /** StartAIConversation without LLMConfig or TTSConfig is refused, as the document has it; otherwise the bench's own engines stand in. */
    isConfigNeeded: z.boolean().default(false),
    /** `translation_text` of subtitles: into that language, by the translator of the speech services; empty: none. */
    translateTo: z.enum(['', ...speechLanguages.map(({ code }) => code)]).default(''),
  })
  .prefault({});

export const trtcTask = z.object({
  taskId: z.string(),
  sdkAppId: z.number().int(),
  roomId: z.string(),
  roomIdType: z.union([z.literal(0), z.literal(1)]),
  sessionId: z.string(),
  robotUserId: z.string(),
  targetUserId: z.string(),
  status: z.enum(['Preparing', 'InProgress', 'Stopped']),
  /** As callback 902 said it; null while it runs. */
  leaveCode: z.number().int().nullable(),
  startedWallMs: z.number().int(),
  /** What of its request is not done here. */
  notes: z.array(z.string()),
});

export const trtcRoom = z.object({
  sdkAppId: z.number().int(),
  roomId: z.string(),
  roomIdType: z.union([z.literal(0), z.literal(1)]),
  users: z.array(z.string()),
  robots: z.array(z.string()),
});

export const trtcState = z.object({
  tasks: z.array(trtcTask),
  rooms: z.array(trtcRoom),
  /** Whether keys are kept; they never come back. */
  hasSdkSecretKey: z.boolean(),
  hasTtsApiKey: z.boolean(),
});

/** What was told in the room during a talk. */
export const trtcRoomMessage = z.object({ atMs: z.number(), type: z.number().int(), message: z.record(z.string(), z.unknown()) });

const roomId = z.string().min(1).max(64);
const userId = z.string().regex(/^[\w-]{1,32}$/);

export const trtcCalls = {
  /**
   * Runs an action of the API without a signature, with the same checks. Fails with 'cloud/refused' {code, message}: the API's own words.
   */
  'trtc.call': {
    request: z.object({ action: z.string().min(1).max(100), parameters: z.record(z.string(), z.unknown()) }),
    reply: z.object({ response: z.record(z.string(), z.unknown()) }),
    role: 'operator',
  },
  /** Ends a task with that LeaveCode, as the service might: 3 and 4 throw its robot or everybody out of the room. */
  'trtc.end': {
    request: z.object({
      taskId: z.string(),
      leaveCode: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(98), z.literal(99)]),
    }),
    reply: z.object({}),
    role: 'operator',
  },
  /** The robot of the next task cannot enter its room: callback 901 says 1. */
  'trtc.failNextStart': { request: z.object({}), reply: z.object({}), role: 'operator' },
  /** The application's SDKSecretKey, with which UserSigs are made and checked; null forgets it. */
  'trtc.putSdkSecretKey': { request: z.object({ key: z.string().min(8).max(200).nullable() }), reply: z.object({}), role: 'operator' },
  /** What the served custom TTS wants as its API key; null: anything will do. */
  'trtc.putTtsApiKey': { request: z.object({ key: z.string().min(1).max(200).nullable() }), reply: z.object({}), role: 'operator' },
  /** A UserSig of a day, for an app that has no backend. Fails with 'not-found' {what: 'SDKSecretKey'}. */
  'trtc.userSig': {
    request: z.object({ userId, sdkAppId: z.number().int().min(1).optional() }),
    reply: z.object({ userSig: z.string() }),
    role: 'operator',
  },
  /**
   * A virtual client enters the room, starts a conversation with `parameters` over its own (unless there is one to join), speaks, hears the
   * reply out and leaves. Cancellable.
   */
  'trtc.talk': {
    request: z.object({
      sdkAppId: z.number().int().min(1).optional(),
      roomId: roomId.optional(),
      roomIdType: z.union([z.literal(0), z.literal(1)]).default(0),
      userId: userId.default('talkbench-user'),
      language: z.enum(['zh', 'en']).default('zh'),
      audioType: z.enum(['opus', 'pcm']).default('opus'),
      /** Of StartAIConversation, over what the talk needs; null: join a conversation that runs. */
      parameters: z.record(z.string(), z.unknown()).nullable().default({}),
      source: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('wav'), wav: bytes }),
        z.object({ kind: z.literal('speech'), text: z.string().min(1).max(2000) }),
        /** Past speech recognition: message 20000. */
        z.object({ kind: z.literal('message'), text: z.string().min(1).max(2000) }),
      ]),
      /** After so much of the reply the client interrupts with 20001; null: it hears it out. */
      interruptAfterMs: z.number().int().min(0).max(60_000).nullable().default(null),
      timeoutS: z.number().min(1).max(600).default(60),
    }),
    reply: z.object({
      taskId: z.string(),
      /** What was understood and answered, of the subtitles. */
      transcript: z.string(),
      reply: z.string(),
      messages: z.array(trtcRoomMessage),
      /** What the robot said, 16 kHz mono. */
      wav: bytes,
    }),
    role: 'operator',
  },
} as const;

export const trtcStreams = {
  /** Snapshot and delta: all of it. */
  'trtc.state': { request: z.object({}), snapshot: trtcState, delta: trtcState },
} as const;

export type TrtcTask = z.infer<typeof trtcTask>;
export type TrtcState = z.infer<typeof trtcState>;
