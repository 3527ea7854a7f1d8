import { z } from 'zod';
import { liveAudioChoice } from '../audio.ts';
import { bytes } from '../bytes.ts';

/** What the bench says to a board in messages whose JSON no document has: each a template, `$name` filled in. */
export const spokenMessageKind = z.enum([
  'idle', // $retry
  'emotion', // $emotion
  'music', // $query
  'hang-up',
  'request-image', // $transcription
  'ptt-force-stop', // $reason $max_duration_secs
  'call', // $event (user_calling …) $stream (device_to_user | user_to_device) $called $openid $room_id $code $device_id
]);

/** What a board says, by the names it may have and the fields' accepted spellings; case, `-` and `_` make no difference. */
export const heardMessageKind = z.enum([
  'idle-detect', // enable
  'push-to-talk', // action: start end interrupt, or 0 1 2
  'image', // data, text
  'interrupt',
  'call-basic', // app_id model_id device_id
  'call-contacts', // contacts
  'call-answer', // room_id
  'call-reject', // room_id
  'call-hang-up', // room_id
]);

export const spokenMessage = z.object({ type: z.string().min(1).max(60), data: z.record(z.string(), z.unknown()) });
export const heardMessage = z.object({
  names: z.array(z.string().min(1).max(60)).max(40),
  fields: z.record(z.string(), z.array(z.string().min(1).max(60)).max(20)),
});

/** TWeTalk's device side (reference/twetalk.md). */
export const twetalkSettings = z
  .object({
    /** A listener for firmware alone; boards' SDK knows port 80 only. Null: firmware is served by the gateway's. */
    otaPort: z.number().int().min(0).max(65535).nullable().default(null),
    /** POST /device/register: refused · for devices that are registered · for any, which is made then. Its product's secret is asked for always. */
    dynamicRegistration: z.enum(['off', 'registered', 'create']).default('registered'),
    /** What fills the last block of the registration's encrypted answer: a guess. */
    registrationPadding: z.enum(['zero', 'pkcs7']).default('zero'),
    /** Of the token in query_websocket_url_reply; a guess. */
    tokenLifetimeS: z.number().int().min(1).max(86_400).default(300),
    /** A token opens one connection only; a guess. */
    isTokenSingleUse: z.boolean().default(false),
    /** A board that is connected connects again: the new connection takes over, or is refused. */
    secondConnection: z.enum(['replace', 'refuse']).default('replace'),
    /** Voice connections a board may open in a minute; 0 any number. */
    connectionsPerMinute: z.number().int().min(0).max(1000).default(60),
    /**
     * `code` of query_websocket_url_reply. Not 0: no URL, and the board says so; its SDK has −914 licence expired, −915 licence not activated,
     * −917 service unavailable (which codes of the cloud lead there is a guess).
     */
    urlReplyCode: z.number().int().min(-100_000).max(100_000).default(0),
    urlReplyStatus: z.string().max(200).default(''),
    /** How a voice connection is refused, a guess: an HTTP status, or a fatal error message and close code 1008. */
    refusal: z.enum(['http', 'close']).default('http'),
    /** `customParams` that is no JSON object refuses the connection, as seed 000 says; off: it is noted and left out. */
    areCustomParamsChecked: z.boolean().default(true),
    /** Where pictures are looked for: unknown fields of a frame, base64 in JSON, a message that is the file itself. */
    imageShapes: z.array(z.enum(['frame', 'json', 'raw'])).default(['frame', 'json', 'raw']),
    /** Words of the user's at which a board on /ws_vl is asked for a picture (REQUEST_IMAGE); which they are in the real cloud nobody knows. */
    imageWords: z
      .array(z.string().min(1).max(40))
      .max(50)
      .default(['这是什么', '看一下', '看看', '拍照', '图片', '照片', 'what is this', 'look at', 'picture', 'photo']),
    /** Until a control that was sent by hand is given up, ms. */
    controlTimeoutMs: z.number().int().min(200).max(60_000).default(5000),
    /** Until nobody answers a call, s. */
    ringTimeoutS: z.number().int().min(1).max(300).default(30),
    /** What the bench's mini-program does when a board calls: the operator's matter, or by itself. */
    phone: z.enum(['ask', 'answer', 'reject', 'busy', 'timeout', 'error']).default('ask'),
    /** The code of `error`, 100–106. */
    phoneErrorCode: z.number().int().min(0).max(999).default(106),
    /** What the agent says after a call; empty: nothing. */
    afterCallZh: z.string().max(200).default('通话结束了，我们继续聊吧。'),
    afterCallEn: z.string().max(200).default('The call is over. Where were we?'),
    /** In place of the built-in guesses (docs/twetalk.md), once a real board has shown the truth. */
    messages: z
      .object({
        spoken: z.partialRecord(spokenMessageKind, spokenMessage).default({}),
        heard: z.partialRecord(heardMessageKind, heardMessage).default({}),
      })
      .prefault({}),
  })
  .prefault({});

const device = { productId: z.string().min(1).max(10), deviceName: z.string().min(1).max(48) };
const openId = z.string().min(1).max(63);

export const otaState = z.enum(['sent', 'downloading', 'burning', 'done', 'fail']);

export const otaUpdate = z.object({
  fileId: z.string(),
  version: z.string(),
  state: otaState,
  percent: z.number(),
  /** The board's, as it sent it: '-1' timeout · '-2' no such file · '-3' refused · '-4' MD5 does not match · '-5' not installed. */
  resultCode: z.string(),
  message: z.string(),
  startedWallMs: z.number(),
  /** Firmware bytes that left the bench, in so many requests. */
  servedBytes: z.number().int(),
  requests: z.number().int(),
});

export const otaFile = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  sizeBytes: z.number().int(),
  md5: z.string(),
  addedWallMs: z.number(),
});

export const callContact = z.object({ name: z.string(), openId: z.string() });

/** A device as it lives: what it last said of itself, what waits for it. */
export const liveDevice = z.object({
  productId: z.string(),
  deviceName: z.string(),
  isOnline: z.boolean(),
  /** Down topics the board listens to; null where a broker that is not the bench's own knows. */
  subscriptions: z.array(z.string()).nullable(),
  properties: z.record(z.string(), z.object({ value: z.unknown(), atWallMs: z.number() })),
  /** Set here and not yet taken by the board: get_status tells it. */
  control: z.record(z.string(), z.unknown()),
  /** The newest first. */
  events: z.array(
    z.object({
      eventId: z.string(),
      type: z.string(),
      params: z.record(z.string(), z.unknown()),
      atWallMs: z.number(),
      isMalformed: z.boolean(),
    }),
  ),
  update: otaUpdate.nullable(),
  /** The board's address book, and the mini-program it names. */
  contacts: z.array(callContact),
  miniProgram: z.object({ appId: z.string(), modelId: z.string() }).nullable(),
});

export const callEnd = z.enum([
  'hung-up-by-user',
  'hung-up-by-device',
  'rejected-by-user',
  'rejected-by-device',
  'busy',
  'timeout',
  'cancelled',
  'error',
  'disconnected',
]);

/** One call between a board and the mini-program, which the bench plays. */
export const callRecord = z.object({
  callId: z.string(),
  ...device,
  /** Who called: TWeCall's own words. */
  stream: z.enum(['user_to_device', 'device_to_user']),
  roomId: z.string(),
  contact: callContact,
  state: z.enum(['ringing', 'talking', 'ended']),
  end: callEnd.nullable(),
  /** 100–106 of an `error`. */
  code: z.number().int().nullable(),
  startedWallMs: z.number(),
  talkingMs: z.number(),
});

/** What the mini-program's end of a call sounds like. */
export const callAudio = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('silence') }),
  /** What comes from the board goes back to it. */
  z.object({ kind: z.literal('echo') }),
  z.object({ kind: z.literal('wav'), wav: bytes, isRepeated: z.boolean().default(false) }),
  z.object({ kind: z.literal('live'), choice: liveAudioChoice }),
]);

export const twetalkCalls = {
  /** Sets properties. A board that is away finds them with get_status; one that is there is waited for: 'device/not-subscribed', 'tool/timeout', 'tool/failed', 'device/no-property'. */
  'device.control': {
    request: z.object({ ...device, properties: z.record(z.string(), z.unknown()) }),
    reply: z.object({ outcome: z.enum(['done', 'kept']), elapsedMs: z.number() }),
    role: 'operator',
  },
  /** Runs an action: 'device/offline', 'device/not-subscribed', 'device/no-action', 'tool/timeout', 'tool/failed'. */
  'device.action': {
    request: z.object({ ...device, actionId: z.string().min(1).max(64), params: z.record(z.string(), z.unknown()) }),
    reply: z.object({ response: z.unknown(), elapsedMs: z.number() }),
    role: 'operator',
  },
  'device.forgetControl': { request: z.object(device), reply: z.object({}), role: 'operator' },
  'device.live': { request: z.object(device), reply: liveDevice, role: 'viewer' },
  'ota.files': { request: z.object({}), reply: z.object({ files: z.array(otaFile) }), role: 'viewer' },
  'ota.addFile': {
    request: z.object({ name: z.string().min(1).max(120), version: z.string().min(1).max(60), data: bytes }),
    reply: otaFile,
    role: 'operator',
  },
  /** Fails with 'ota/in-use' while a board fetches it. */
  'ota.removeFile': { request: z.object({ id: z.string() }), reply: z.object({}), role: 'operator' },
  /** Tells the board; how far it is, is in `device.live`. 'device/offline', 'device/not-subscribed', 'ota/no-listener'. */
  'ota.update': {
    request: z.object({
      ...device,
      fileId: z.string(),
      /** What is done to it: an MD5 that is not the file's, a size that is not, the first connection cut in the middle. */
      fault: z.enum(['none', 'wrong-md5', 'wrong-size', 'cut']).default('none'),
    }),
    reply: otaUpdate,
    role: 'operator',
  },
  'calls.list': { request: z.object({}), reply: z.object({ calls: z.array(callRecord) }), role: 'viewer' },
  /** The mini-program calls a board: 'device/offline', 'device/not-subscribed', 'call/busy'. Replies once it rings. */
  'calls.ring': {
    request: z.object({ ...device, caller: z.object({ name: z.string().max(31), openId }), audio: callAudio.default({ kind: 'silence' }) }),
    reply: callRecord,
    role: 'operator',
  },
  /** The mini-program takes a board's call. 'call/over' for one that does not ring. */
  'calls.answer': {
    request: z.object({ callId: z.string(), audio: callAudio.default({ kind: 'silence' }) }),
    reply: callRecord,
    role: 'operator',
  },
  /** … or does not. */
  'calls.refuse': {
    request: z.object({
      callId: z.string(),
      how: z.enum(['reject', 'busy', 'timeout', 'error']),
      code: z.number().int().min(0).max(999).default(106),
    }),
    reply: callRecord,
    role: 'operator',
  },
  /** The mini-program ends it, ringing or talking. */
  'calls.hangUp': { request: z.object({ callId: z.string() }), reply: callRecord, role: 'operator' },
  /** What the mini-program heard of the board: 16 kHz mono, the last ten minutes. */
  'calls.heard': {
    request: z.object({ callId: z.string() }),
    reply: z.object({ wav: bytes, durationMs: z.number() }),
    role: 'viewer',
  },
} as const;

export const twetalkStreams = {
  /** Devices that were heard of since the bench started; a delta is one device as it is now. */
  'device.live': { request: z.object({}), snapshot: z.array(liveDevice), delta: liveDevice },
  'calls.state': { request: z.object({}), snapshot: z.array(callRecord), delta: callRecord },
} as const;

export type TwetalkSettings = z.infer<typeof twetalkSettings>;
export type SpokenMessageKind = z.infer<typeof spokenMessageKind>;
export type HeardMessageKind = z.infer<typeof heardMessageKind>;
export type SpokenMessage = z.infer<typeof spokenMessage>;
export type HeardMessage = z.infer<typeof heardMessage>;
export type OtaUpdate = z.infer<typeof otaUpdate>;
export type OtaState = z.infer<typeof otaState>;
export type OtaFile = z.infer<typeof otaFile>;
export type LiveDevice = z.infer<typeof liveDevice>;
export type CallContact = z.infer<typeof callContact>;
export type CallRecord = z.infer<typeof callRecord>;
export type CallEnd = z.infer<typeof callEnd>;
export type CallAudio = z.infer<typeof callAudio>;
