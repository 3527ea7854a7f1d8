import { z } from 'zod';
import { liveAudioChoice } from './audio.ts';
import { boardFault } from './board-faults.ts';
import { bytes } from './bytes.ts';

export const virtualBoardKind = z.enum([
  'esp32',
  'esp32s2',
  'esp32s3',
  'esp32c2',
  'esp32c3',
  'esp32c5',
  'esp32c6',
  'esp32c61',
  'esp32h2',
  'esp32p4',
  'cat1',
  'bk7258',
]);

/** A virtual board: a chip of the ESP32 family in software behind a UART, running a TWeTalk client; an LTE cat.1 module with its AT port; or a BK7258 that can be flashed. */
export const virtualBoard = z.object({
  name: z.string(),
  kind: virtualBoardKind,
  address: z.string(),
  ptyPath: z.string().nullable(),
  /** The device it was provisioned as, once its firmware has read that; until then the one the bench gave it. */
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
      kind: virtualBoardKind.optional(),
      /** 'installed' boots the demo firmware at once; 'blank' is a chip fresh from the factory that wants flashing. */
      firmware: z.enum(['installed', 'blank']).default('installed'),
      language: z.enum(['zh', 'en']).default('en'),
      audioType: z.enum(['opus', 'pcm']).default('opus'),
      audioInterval: z.union([z.literal(20), z.literal(40), z.literal(60)]).default(60),
      /** Of the TWeTalk firmware: what it does with a call that comes in (it answers). */
      phone: z.enum(['ask', 'answer', 'reject', 'ignore']).optional(),
      /** … says with a button when the user speaks, sends pictures, and cannot fetch firmware but from port 80, as the stock SDK. */
      isPushToTalk: z.boolean().optional(),
      isMultimodal: z.boolean().optional(),
      isOtaPortFixed: z.boolean().optional(),
      /** … fills the prompt's places: JSON, or what a faulty firmware sends instead. */
      customParams: z.string().max(2000).optional(),
      /** Of an ESP board: a real microphone and speaker instead of what `boards.speak` says and `boards.heard` tells. */
      audio: liveAudioChoice.optional(),
      /** What is wrong with an ESP board, to see what flashing makes of it. */
      fault: z
        .enum([
          'none',
          'bad-cable', // bytes are spoiled above 230,400 baud
          'bad-flash', // a sector at 0x14000 takes no writes
          'power-cut', // once, in the middle of a write; the power is back after two seconds
          'slow-loader', // every answer 80 ms late
          'no-stub', // a loader in RAM does not start
          'echo', // what is sent comes back
          'unknown-flash-size',
          'no-reset-circuit', // neither EN nor IO0 on DTR and RTS
          'no-boot-circuit', // EN only: every reset starts the application
          'native-usb', // USB Serial/JTAG, gone for 300 ms at each reset
          'secure-boot',
          'flash-encryption',
          'secure-download',
        ])
        .optional(),
      /** Of an ESP board: what is wrong with it once it runs the TWeTalk firmware, to see which checks notice. */
      faults: z.array(boardFault).max(20).optional(),
      /** Of a cat.1 module: whose firmware it runs and what is wrong with it (`pin` is 1234). AirM2M's and nothing unless said. */
      family: z.enum(['airm2m', 'eigencomm', 'quectel']).optional(),
      trouble: z.enum(['none', 'no-sim', 'pin', 'no-signal', 'weak-signal', 'denied', 'slow-network', 'interrupts', 'bad-imei']).optional(),
      /** Of a cat.1 module: its chip (EC718), which decides what it can be flashed with. */
      chip: z.enum(['ec618', 'ec716', 'ec718', 'ec718m']).optional(),
      /** Of a cat.1 module in download mode: what goes wrong at which step of its protocol. */
      loader: z
        .object({
          faults: z
            .array(
              z.object({
                at: z.string().max(40), // 'DL sync', 'AG DOWNLOAD_DATA', 'LPC BURN_ONE'
                nth: z.number().int().min(1).default(1),
                times: z.number().int().min(1).default(1),
                does: z.enum(['silence', 'lost-answer', 'late-answer', 'nak', 'bad-check', 'noise', 'vanish']),
              }),
            )
            .max(32)
            .default([]),
          fragmentBytes: z.number().int().min(1).optional(),
          echoDelayMs: z.number().min(0).max(10_000).optional(),
        })
        .optional(),
      /** Of a BK7258: its flash, its line, and what goes wrong at which step of its bootloader's protocol. */
      bk7258: z
        .object({
          faults: z
            .array(
              z.object({
                at: z.string().max(40), // 'LINK_CHECK', 'SET_BAUD', 'WRITE_STATUS', 'ERASE', 'WRITE_SECTOR', 'CRC', …
                nth: z.number().int().min(1).default(1),
                times: z.number().int().min(1).default(1),
                does: z.enum([
                  'silence',
                  'lost-answer',
                  'late-answer',
                  'nak',
                  'bad-check',
                  'wrong-address',
                  'noise',
                  'ignored',
                  'spoiled-data',
                  'wrong-value',
                  'vanish',
                ]),
              }),
            )
            .max(32)
            .default([]),
          /** Manufacturer, type and capacity: 0xCCTTMM. */
          flashId: z.number().int().min(0).max(0xffffff).optional(),
          /** 'none': a person resets it. */
          wiring: z.enum(['reset', 'none']).optional(),
          maxBaudRate: z.number().int().min(9600).optional(),
        })
        .optional(),
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
  /** What the board's application calls of the TWeTalk SDK. */
  'boards.sdk': {
    request: z.object({
      name: z.string(),
      call: z.discriminatedUnion('kind', [
        /** TWeTalk_WS_CallResponse; fails with 'call/over' when there is nothing to answer or end. */
        z.object({ kind: z.literal('call'), response: z.enum(['answer', 'reject', 'hang-up']) }),
        z.object({ kind: z.literal('push-to-talk'), action: z.enum(['start', 'end', 'interrupt']) }),
        z.object({ kind: z.literal('idle-detect'), isOn: z.boolean() }),
        /** A JPEG or PNG. */
        z.object({ kind: z.literal('image'), image: bytes }),
      ]),
    }),
    reply: z.object({}),
    role: 'operator',
  },
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
