import { z } from 'zod';
import { bytes } from './bytes.ts';
import { talkErrorSchema } from './errors.ts';
import { monoUs } from './time.ts';
import { wifiFaults } from './wifi-faults.ts';

/** softap: over the network the board itself opens · ble: LLSync over Bluetooth LE, for boards that have both radios. */
export const wifiSetupMethod = z.enum(['softap', 'ble']);

/**
 * SoftAP: join-board (the user joins the board's network), reach, send, reply, leave, online, bound. BLE: find, link, identify,
 * mode, send, wifi, token, online, bound. What each is stands in docs/wifi-setup.md.
 */
export const wifiSetupStepName = z.enum([
  'join-board',
  'reach',
  'find',
  'link',
  'identify',
  'mode',
  'send',
  'reply',
  'leave',
  'wifi',
  'token',
  'online',
  'bound',
]);

export const wifiSetupStep = z.object({
  name: wifiSetupStepName,
  /** unseen: it may have happened, and this bench cannot tell. */
  state: z.enum(['ahead', 'running', 'done', 'unseen', 'failed']),
  /** Null before it began, and while it runs. */
  elapsedMs: z.number().nullable(),
});

/** One message of the exchange in words; the password and the token are never in it. */
const wifiSetupTraceLine = z.object({ atUs: monoUs, direction: z.enum(['sent', 'received', 'note']), text: z.string() });

export const wifiSetupRun = z.object({
  runId: z.string(),
  method: wifiSetupMethod,
  /** The network the board is to join. */
  ssid: z.string(),
  /** 'udp://192.168.4.1:8266', the Bluetooth name, or 'virtual'. */
  target: z.string(),
  startedUs: monoUs,
  startedWallMs: z.number(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  steps: z.array(wifiSetupStep),
  /** Who the board says it is. */
  device: z.object({ productId: z.string().nullable(), deviceName: z.string().nullable() }).nullable(),
  /** How far it is proven to have come: it took the values, joined the network, reached this bench, was bound by its token. */
  reached: z.enum(['nothing', 'accepted', 'joined', 'online', 'bound']),
  trace: z.array(wifiSetupTraceLine),
  error: talkErrorSchema.nullable(),
});

export const wifiSetupFault = z.enum(wifiFaults);

/** Bluetooth's own limit of a characteristic's value. */
const ATTRIBUTE_BYTES = 512;

const utf8Bytes = (text: string) => new TextEncoder().encode(text).length;

export const wifiSetupCalls = {
  /**
   * Begins a run; how it goes is in `wifi.runs`. Fails with 'wifi/no-radio' where there is nothing to do it with, and with
   * 'wifi/busy' while another run of the same method is under way: a board takes one at a time, and so does a radio.
   */
  'wifi.start': {
    request: z.object({
      method: wifiSetupMethod,
      ssid: z
        .string()
        .min(1)
        .refine((text) => utf8Bytes(text) <= 32, 'at most 32 bytes'),
      /** Empty for an open network. It goes to the board, and among the secrets to be blacked out of exports. */
      password: z.string().refine((text) => utf8Bytes(text) <= 64, 'at most 64 bytes'),
      /** What the board then shows to the cloud; by default one of the bench's own making. */
      token: z
        .string()
        .regex(/^[\x21-\x7e]{1,32}$/)
        .optional(),
      /** Where the board is in its own network. */
      address: z.string().min(1).max(255).default('192.168.4.1'),
      port: z.number().int().min(1).max(65_535).default(8266),
      /** The user says that this machine is in the board's network, which its addresses do not show. */
      isJoined: z.boolean().default(false),
      /** The window whose radio is used; see `wifi.radio`. */
      radioId: z.string().optional(),
      /** For a board that connects to another cloud than this bench. */
      waitForBoard: z.boolean().default(true),
      /** A board in software as the counterpart. */
      virtual: z.object({ fault: wifiSetupFault.optional() }).optional(),
    }),
    reply: z.object({ runId: z.string() }),
    role: 'operator',
  },
  /** The user says that this machine is in the board's network now. */
  'wifi.joined': { request: z.object({ runId: z.string() }), reply: z.object({}), role: 'operator' },
  'wifi.cancel': { request: z.object({ runId: z.string() }), reply: z.object({}), role: 'operator' },
  /** What a board remembers of a setup that failed. Fails with 'wifi/no-answer'. */
  'wifi.readLog': {
    request: z.object({
      address: z.string().min(1).max(255).default('192.168.4.1'),
      port: z.number().int().min(1).max(65_535).default(9876),
    }),
    reply: z.object({ lines: z.array(z.string()) }),
    role: 'operator',
  },
  /** What a window's radio did; the other half of `wifi.radio`. */
  'wifi.radioReport': {
    request: z.object({
      radioId: z.string(),
      report: z.discriminatedUnion('kind', [
        /** The command of this id was done. */
        z.object({ kind: z.literal('done'), id: z.number().int() }),
        z.object({ kind: z.literal('failed'), id: z.number().int(), reason: z.string().max(500) }),
        z.object({
          kind: z.literal('notified'),
          data: bytes.refine(({ length }) => length <= ATTRIBUTE_BYTES, 'more than an attribute holds'),
        }),
        z.object({ kind: z.literal('disconnected') }),
      ]),
    }),
    reply: z.object({}),
    role: 'operator',
  },
} as const;

/** What a window does with the Bluetooth device its user chose. Each is answered with `wifi.radioReport`. */
export const radioCommand = z.discriminatedUnion('kind', [
  /** Connect, find service and characteristics, listen to notifications. */
  z.object({ id: z.number().int(), kind: z.literal('connect') }),
  /** To the characteristic FFE1, with response. */
  z.object({ id: z.number().int(), kind: z.literal('write'), data: bytes }),
  z.object({ id: z.number().int(), kind: z.literal('disconnect') }),
]);

export const wifiSetupStreams = {
  'wifi.runs': { request: z.object({}), snapshot: z.array(wifiSetupRun), delta: wifiSetupRun },
  /** Lends this window's radio to the core for as long as it is subscribed. The password passes through here on its way to the board. */
  'wifi.radio': {
    request: z.object({ radioId: z.string().min(8).max(64), deviceName: z.string().max(248) }),
    snapshot: z.object({}),
    delta: radioCommand,
  },
} as const;

export type WifiSetupMethod = z.infer<typeof wifiSetupMethod>;
export type WifiSetupStepName = z.infer<typeof wifiSetupStepName>;
export type WifiSetupStep = z.infer<typeof wifiSetupStep>;
export type WifiSetupRun = z.infer<typeof wifiSetupRun>;
export type WifiSetupFault = z.infer<typeof wifiSetupFault>;
export type RadioCommand = z.infer<typeof radioCommand>;
