import { z } from 'zod';
import { bytes } from './bytes.ts';
import { talkErrorSchema } from './errors.ts';
import { monoUs } from './time.ts';

/**
 * An address names a port the same way everywhere: `/dev/ttyUSB0`, `COM7`, `socket://host:port` (raw TCP),
 * `rfc2217://host:port`, `virtual://board`.
 */
export const portAddress = z.string().min(1).max(512);

export const portInfo = z.object({
  address: portAddress,
  kind: z.enum(['serial', 'socket', 'rfc2217', 'virtual']),
  /** What to call it: product string, virtual board's name, or the address. */
  label: z.string(),
  vendorId: z.string().optional(),
  productId: z.string().optional(),
  serialNumber: z.string().optional(),
  manufacturer: z.string().optional(),
  location: z.string().optional(),
  /** Real PTY path of a virtual board, so any serial program can open it too. */
  ptyPath: z.string().optional(),
});

const optionChoices = {
  baudRate: z.number().int().min(50).max(12_000_000),
  dataBits: z.union([z.literal(5), z.literal(6), z.literal(7), z.literal(8)]),
  stopBits: z.union([z.literal(1), z.literal(1.5), z.literal(2)]),
  parity: z.enum(['none', 'even', 'odd', 'mark', 'space']),
  /** Pulse EN after opening. Never happens unless asked. */
  resetOnOpen: z.boolean(),
};

/** What a request says. What it leaves out stays as the port has it, and is `portOptions`'s on a port never opened before. */
const requestedPortOptions = z.object(optionChoices).partial();

export const portOptions = z.object({
  baudRate: optionChoices.baudRate.default(115200),
  dataBits: optionChoices.dataBits.default(8),
  stopBits: optionChoices.stopBits.default(1),
  parity: optionChoices.parity.default('none'),
  resetOnOpen: optionChoices.resetOnOpen.default(false),
});

/**
 * open: bytes flow to the monitor · yielded: lent to `yieldedTo` ('flash'), which gives it back · lost: the device
 * went away, being reopened · failed: gave up, `error` says why · closed.
 */
export const portState = z.object({
  address: portAddress,
  state: z.enum(['opening', 'open', 'yielded', 'lost', 'failed', 'closed']),
  options: portOptions,
  yieldedTo: z.string().optional(),
  error: talkErrorSchema.optional(),
  openedAtUs: monoUs.optional(),
  receivedBytes: z.number().int(),
  sentBytes: z.number().int(),
});

export const portCalls = {
  'ports.list': {
    request: z.object({}),
    reply: z.object({ ports: z.array(portInfo), problem: talkErrorSchema.optional() }),
    role: 'viewer',
  },
  'ports.open': {
    request: z.object({ address: portAddress, options: requestedPortOptions.default({}) }),
    reply: portState,
    role: 'operator',
  },
  'ports.close': { request: z.object({ address: portAddress }), reply: z.object({}), role: 'operator' },
  'ports.write': {
    request: z.object({ address: portAddress, data: bytes }),
    reply: z.object({ sentAtUs: monoUs }),
    role: 'operator',
  },
  /** Resets the board through DTR/RTS: 'run' boots the application, 'download' enters the ROM loader. */
  'ports.reset': { request: z.object({ address: portAddress, into: z.enum(['run', 'download']) }), reply: z.object({}), role: 'operator' },
} as const;

/** Snapshot: every port opened since start; a delta is one port's new state. */
export const portStreams = {
  'ports.state': { request: z.object({}), snapshot: z.array(portState), delta: portState },
} as const;

export type PortInfo = z.infer<typeof portInfo>;
export type PortOptions = z.infer<typeof portOptions>;
export type PortState = z.infer<typeof portState>;
