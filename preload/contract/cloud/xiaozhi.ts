import { z } from 'zod';
import { bytes } from '../bytes.ts';

/** The MAC that a board names itself by; web pages and emulators also send other names. */
export const xiaozhiDeviceName = z.string().regex(/^[\w:@-]{1,48}$/);

/** xiaozhi boards (reference/voice.md §4). */
export const xiaozhiSettings = z
  .object({
    mqttPort: z.number().int().min(0).max(65535).default(1884),
    /**
     * The same MQTT within TLS. Firmware speaks TLS on port 8883 only, which the bench's own MQTT has by default: for boards that come by
     * their vendor's name, the two change places.
     */
    mqttTlsPort: z.number().int().min(0).max(65535).default(8885),
    udpPort: z.number().int().min(0).max(65535).default(8884),
    /** What the OTA answer sends boards to. A board that is given both takes MQTT. */
    transport: z.enum(['websocket', 'mqtt']).default('websocket'),
    /** How audio is wrapped in WebSocket messages: 1 raw Opus · 2 with a timestamp · 3 with a short header. */
    protocolVersion: z.union([z.literal(1), z.literal(2), z.literal(3)]).default(1),
    /** The rate a board is told to decode at. The Opus packets are wideband and decode at either. */
    sampleRate: z.union([z.literal(16000), z.literal(24000)]).default(16000),
    /** Length of a downlink packet, ms. */
    frameMs: z.union([z.literal(20), z.literal(60)]).default(60),
    /** device: as the board's OTA request says. */
    language: z.enum(['device', 'zh', 'en']).default('device'),
    /** Only with the token and MQTT password of the OTA answer. Off: for boards whose address was set by hand, and other gateways. */
    isTokenRequired: z.boolean().default(true),
    /** The agent's greeting at the beginning of each connection; never in manual mode, where a button is held at that moment. */
    isGreeting: z.boolean().default(true),
    /** What boards say when they are woken: never taken for a question. Any other text of `listen detect` is what was typed. */
    wakeWords: z
      .array(z.string().min(1).max(40))
      .max(50)
      .default([
        ...[
          '你好小智',
          '小智小智',
          '你好小志',
          '小爱同学',
          '你好小鑫',
          '你好小新',
          '小美同学',
          '小龙小龙',
          '喵喵同学',
          '小滨小滨',
          '小冰小冰',
        ],
        ...['嘿你好呀', 'Hi ESP', 'Jarvis', 'Alexa'],
      ]),
    /** From `tts start` to the first packet, ms: a board drops what comes before it has changed its state and emptied its queues (§4.4, 1). */
    startLeadMs: z.number().int().min(0).max(1000).default(100),
    /** From the estimated end of the reply to `tts stop`, ms (§4.4, 9). */
    stopTailMs: z.number().int().min(0).max(2000).default(200),
    /** In realtime mode an interruption also empties the board's queue, with a stop, a start and a stop 120 ms later (§4.4, 4). */
    isFlushForced: z.boolean().default(false),
    /** none: boards are usable at once · code: a board shows a code that is to be typed here · automatic: it only answers a challenge. */
    activation: z.enum(['none', 'code', 'automatic']).default('none'),
    /** Minutes that the board adds to the time it is given; null: this machine's. */
    timezoneOffsetMinutes: z.number().int().min(-840).max(840).nullable().default(null),
    /** A firmware to be offered; an empty address: none, and boards are told their own version. */
    firmwareVersion: z
      .string()
      .regex(/^[\w.-]{0,40}$/)
      .default(''),
    firmwareUrl: z
      .string()
      .regex(/^(https?:\/\/[^\s]{1,500})?$/)
      .default(''),
    /** Until a board's tool has answered, ms; a photo may take 30 s. */
    toolTimeoutMs: z.number().int().min(500).max(60_000).default(10_000),
    /** A UDP session with no datagram for so long is over, s. */
    udpIdleS: z.number().int().min(10).max(3600).default(120),
  })
  .prefault({});

export const xiaozhiTool = z.object({
  /** The board's own name of it, with its dots. */
  name: z.string(),
  description: z.string(),
  /** JSON Schema of the arguments. */
  parameters: z.record(z.string(), z.unknown()),
  /** Never offered to the language model: reboot, firmware. */
  isUserOnly: z.boolean(),
});

export const xiaozhiBoard = z.object({
  deviceName: z.string(),
  clientId: z.string(),
  transport: z.enum(['websocket', 'udp']),
  protocolVersion: z.number().int(),
  conversationId: z.string(),
  openedWallMs: z.number(),
  mode: z.enum(['auto', 'manual', 'realtime']).nullable(),
  /** What the board should be in, by what it and the bench have said. */
  state: z.enum(['connecting', 'idle', 'listening', 'speaking']),
  tools: z.array(xiaozhiTool),
});

/** A board that shows this code and waits. */
export const xiaozhiActivation = z.object({ deviceName: z.string(), code: z.string(), sinceWallMs: z.number() });

export const xiaozhiState = z.object({
  /** To be put into boards in place of the vendor's; null while nothing listens. */
  otaUrl: z.string().nullable(),
  boards: z.array(xiaozhiBoard),
  activations: z.array(xiaozhiActivation),
});

export const xiaozhiCalls = {
  /** Runs a tool of a connected board, also one for users only. Refused with 'not-found', 'tool/timeout', 'tool/failed'. */
  'xiaozhi.callTool': {
    request: z.object({ deviceName: xiaozhiDeviceName, name: z.string().min(1).max(200), arguments: z.record(z.string(), z.unknown()) }),
    reply: z.object({ result: z.unknown() }),
    role: 'operator',
  },
  /** Sends a board a message as it stands: {"type":"system","command":"reboot"}, {"type":"alert",…}. Refused with 'not-found'. */
  'xiaozhi.send': {
    request: z.object({ deviceName: xiaozhiDeviceName, message: z.record(z.string(), z.unknown()) }),
    reply: z.object({}),
    role: 'operator',
  },
  /** The code that a board shows. Refused with 'not-found'. */
  'xiaozhi.activate': {
    request: z.object({ code: z.string().regex(/^\d{6}$/) }),
    reply: z.object({ deviceName: z.string() }),
    role: 'operator',
  },
  /**
   * A virtual board says something to this bench, or to any xiaozhi server by its OTA or WebSocket address, and waits for the reply's
   * end. Refused with 'talk/refused', 'talk/no-reply'.
   */
  'xiaozhi.talk': {
    request: z.object({
      ota: z.url().optional(),
      url: z.url().optional(),
      token: z.string().max(2000).optional(),
      deviceName: xiaozhiDeviceName.optional(),
      transport: z.enum(['websocket', 'mqtt']).optional(),
      protocolVersion: z.union([z.literal(1), z.literal(2), z.literal(3)]).optional(),
      mode: z.enum(['auto', 'manual', 'realtime']).default('auto'),
      language: z.enum(['zh', 'en']).default('zh'),
      source: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('wav'), wav: bytes }),
        z.object({ kind: z.literal('text'), text: z.string().min(1).max(1000) }),
      ]),
      timeoutMs: z.number().int().min(1000).max(600_000).default(60_000),
    }),
    reply: z.object({
      deviceName: z.string(),
      transport: z.enum(['websocket', 'udp']),
      conversationId: z.string(),
      /** What the server heard. */
      transcript: z.string(),
      /** The sentences of the reply, joined. */
      reply: z.string(),
      emotion: z.string().nullable(),
      toolCalls: z.array(z.object({ name: z.string(), arguments: z.unknown() })),
      /** From the last sample said to the first audible one of the reply, ms. */
      latencyMs: z.number().nullable(),
      /** What the board's speaker played, 16 kHz mono. */
      wav: bytes,
      durationMs: z.number(),
      /** What a real board would have stumbled over. */
      violations: z.array(z.string()),
    }),
    role: 'operator',
  },
} as const;

export const xiaozhiStreams = {
  'xiaozhi.state': { request: z.object({}), snapshot: xiaozhiState, delta: xiaozhiState },
} as const;

export type XiaozhiSettings = z.infer<typeof xiaozhiSettings>;
export type XiaozhiTool = z.infer<typeof xiaozhiTool>;
export type XiaozhiBoard = z.infer<typeof xiaozhiBoard>;
export type XiaozhiActivation = z.infer<typeof xiaozhiActivation>;
export type XiaozhiState = z.infer<typeof xiaozhiState>;
