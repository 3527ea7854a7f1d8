import { z } from 'zod';
import { talkErrorSchema } from '../errors.ts';
import { refusalHints } from './refusals.ts';

/** A host name, or `*.` and one. */
const namePattern = z.string().regex(/^(\*\.)?[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,8}$/i);

/** The names that boards with stock firmware ask for, as the documents and published logs have them. */
export const vendorNames = [
  '*.iotcloud.tencentdevices.com',
  '*.gateway.tencentdevices.com',
  'iot-twetalk.tencentiotcloud.com',
  'twetalk.iotcloud.tencentdevices.com',
  'iotexplorer.tencentcloudapi.com',
  'trtc.tencentcloudapi.com',
  'api.tenclass.net',
  'mqtt.xiaozhi.me',
];

/** How boards get here: interfaces, addresses, names, and why one does not connect. */
export const reachSettings = z
  .object({
    /** Answers boards that ask for the vendors' names with this machine's address. Nobody else's names are answered, and nothing is passed on. */
    isDnsOn: z.boolean().default(false),
    dnsPort: z.number().int().min(0).max(65535).default(53),
    dnsNames: z.array(namePattern).max(100).default(vendorNames),
    /** What names lead to; empty: this machine's address in the asker's own network. */
    dnsAddress: z.union([z.ipv4(), z.literal('')]).default(''),
    /** Sockets that one address may hold on each listener; boards behind a router share its address. */
    connectionsPerAddress: z.number().int().min(1).max(2000).default(256),
  })
  .prefault({});

/** An address of this machine that boards could be let in on. */
export const networkInterface = z.object({
  name: z.string(),
  address: z.string(),
  /** The loopback: only this machine's own programs. */
  isLoopback: z.boolean(),
  /** The device-facing listeners are open on it. */
  isOpen: z.boolean(),
});

/** Something a board can be pointed at. */
export const boardAddress = z.object({ listener: z.string(), url: z.string() });

export const nameQuery = z.object({
  name: z.string(),
  remoteAddress: z.string(),
  /** What it was answered with; null: refused, for the name is not on the list. */
  answer: z.string().nullable(),
  count: z.number().int(),
  lastWallMs: z.number().int(),
});

/**
 * The way of a board into a conversation, in its order. Not every protocol has every step.
 *
 * name: asked for the vendor's name · connection: a TCP connection came · registration: asked where to go (xiaozhi's OTA) · sign-in ·
 * subscription: to its down topics · address: asked for the voice address · voice: the voice connection · speech: somebody was heard.
 */
export const reachStep = z.enum(['name', 'connection', 'registration', 'sign-in', 'subscription', 'address', 'voice', 'speech']);

/** One board, or one address that no board has been told from yet, and how far it came. */
export const reachBoard = z.object({
  id: z.string(),
  gateway: z.string(),
  productId: z.string().optional(),
  deviceName: z.string().optional(),
  remoteAddress: z.string().optional(),
  steps: z.array(
    z.object({
      step: reachStep,
      state: z.enum(['done', 'failed', 'open']),
      /** With 'failed': 'bad-password', 'unknown-device', 'token-expired' … in the words of `device.refused`. */
      reason: z.string().optional(),
      hint: z.enum(refusalHints).optional(),
      atWallMs: z.number().int().optional(),
    }),
  ),
  lastWallMs: z.number().int(),
});

export const reachState = z.object({
  /** As the settings or the command line have it. */
  host: z.string(),
  /** The command line said which: the setting has no say in this run. */
  isHostFixed: z.boolean(),
  interfaces: z.array(networkInterface),
  addresses: z.array(boardAddress),
  /** A page of these addresses, for a phone; null while nothing outside can open it. */
  summaryUrl: z.string().nullable(),
  dns: z.object({
    state: z.enum(['off', 'listening', 'failed']),
    port: z.number().int(),
    error: talkErrorSchema.optional(),
    queries: z.array(nameQuery),
  }),
  boards: z.array(reachBoard),
});

export const reachCalls = {
  'reach.get': { request: z.object({}), reply: reachState, role: 'viewer' },
  /** Closes the device-facing listeners and opens them with the settings as they are now. Conversations end. */
  'reach.reopen': { request: z.object({}), reply: reachState, role: 'operator' },
} as const;

/** Snapshot and delta: all of it. */
export const reachStreams = {
  'reach.state': { request: z.object({}), snapshot: reachState, delta: reachState },
} as const;

export type NetworkInterface = z.infer<typeof networkInterface>;
export type BoardAddress = z.infer<typeof boardAddress>;
export type NameQuery = z.infer<typeof nameQuery>;
export type ReachStep = z.infer<typeof reachStep>;
export type ReachBoard = z.infer<typeof reachBoard>;
export type ReachState = z.infer<typeof reachState>;
