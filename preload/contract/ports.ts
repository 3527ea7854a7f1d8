import { z } from 'zod';
import { bytes } from './bytes.ts';
import { talkErrorSchema } from './errors.ts';
import { monoUs } from './time.ts';

/**
 * An address names a port the same way everywhere: `/dev/ttyUSB0`, `COM7`, `socket://host:port` (raw TCP),
 * `rfc2217://host:port`, `virtual://board`, `command://NAME` (a program that the command line has approved under that name).
 */
export const portAddress = z.string().min(1).max(512);

export const portColour = z.enum(['yellow', 'red', 'green', 'blue', 'violet']);

/** What an interface of a board with several is for. */
export const portRole = z.enum(['download', 'log', 'epat', 'ppp']);

export const portInfo = z.object({
  address: portAddress,
  kind: z.enum(['serial', 'socket', 'rfc2217', 'virtual', 'command']),
  /** What to call it: the name it was given, product string, virtual board's name, or the address. */
  label: z.string(),
  /**
   * The same for the same board, whatever path it enumerates under: USB vendor, product, serial number (else location) and interface.
   * Other ports go by their address.
   */
  identity: z.string().optional(),
  /** Given by the user, to the identity. */
  name: z.string().optional(),
  colour: portColour.optional(),
  /** What is known by its USB ids: 'ESP32 USB Serial/JTAG', 'CP210x', 'EC7xx module'. */
  board: z.string().optional(),
  role: portRole.optional(),
  /** USB interface number of a device with several. */
  interface: z.number().int().optional(),
  /** Of a command: what runs. */
  description: z.string().optional(),
  vendorId: z.string().optional(),
  productId: z.string().optional(),
  serialNumber: z.string().optional(),
  manufacturer: z.string().optional(),
  location: z.string().optional(),
  /** Real PTY path of a virtual board, so any serial program can open it too. */
  ptyPath: z.string().optional(),
});

const optionChoices = {
  /** Any rate the driver can do: others are refused with 'port/unsupported' naming it. */
  baudRate: z.number().int().min(50).max(12_000_000),
  dataBits: z.union([z.literal(5), z.literal(6), z.literal(7), z.literal(8)]),
  stopBits: z.union([z.literal(1), z.literal(1.5), z.literal(2)]),
  parity: z.enum(['none', 'even', 'odd', 'mark', 'space']),
  /** Pulse EN after opening. Never happens unless asked. */
  resetOnOpen: z.boolean(),
  flowControl: z.enum(['none', 'rtscts', 'xonxoff']),
  /** The control lines after opening. 'leave': as the system puts them. Logs of LTE modules over USB want DTR on. */
  dtr: z.enum(['leave', 'on', 'off']),
  rts: z.enum(['leave', 'on', 'off']),
  /** Of the board's text. */
  encoding: z.enum(['utf-8', 'gbk', 'latin1']),
  /** What is between the lines: 'auto' finds it out; 'none': bytes without lines. */
  framing: z.enum(['auto', 'text', 'luatos', 'soc', 'esp-binary', 'none']),
};

/** What a request says. What it leaves out stays as the port has it, and is `portOptions`'s on a port never opened before. */
const requestedPortOptions = z.object(optionChoices).partial();

export const portOptions = z.object({
  baudRate: optionChoices.baudRate.default(115200),
  dataBits: optionChoices.dataBits.default(8),
  stopBits: optionChoices.stopBits.default(1),
  parity: optionChoices.parity.default('none'),
  resetOnOpen: optionChoices.resetOnOpen.default(false),
  flowControl: optionChoices.flowControl.default('none'),
  dtr: optionChoices.dtr.default('leave'),
  rts: optionChoices.rts.default('leave'),
  encoding: optionChoices.encoding.default('utf-8'),
  framing: optionChoices.framing.default('auto'),
});

/**
 * open: bytes flow to the monitor · yielded: lent to `yieldedTo` ('flash'), which gives it back · lost: the device
 * went away, being reopened · failed: gave up, `error` says why · closed.
 */
export const portState = z.object({
  /** What the user opened, and the log's name as long as it is open. */
  address: portAddress,
  /** Where the board is now, when that is another path than it was opened under. */
  devicePath: z.string().optional(),
  identity: z.string().optional(),
  state: z.enum(['opening', 'open', 'yielded', 'lost', 'failed', 'closed']),
  options: portOptions,
  yieldedTo: z.string().optional(),
  error: talkErrorSchema.optional(),
  openedAtUs: monoUs.optional(),
  /** The control lines, once we have set them. */
  signals: z.object({ dtr: z.boolean(), rts: z.boolean() }).optional(),
  /** A file on its way. */
  sending: z.object({ sentBytes: z.number().int(), totalBytes: z.number().int() }).optional(),
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
  /** Sets both lines, and they stay so. Fails with 'port/unsupported' where there are none. */
  'ports.signals': {
    request: z.object({ address: portAddress, dtr: z.boolean(), rts: z.boolean() }),
    reply: z.object({}),
    role: 'operator',
  },
  /** A name and a colour for a board, kept with its identity. Empty and null: none. */
  'ports.name': {
    request: z.object({ identity: z.string().min(1).max(600), name: z.string().max(80), colour: portColour.nullable() }),
    reply: z.object({}),
    role: 'operator',
  },
  /**
   * Sends a file in pieces, with a pause after each; progress is in the port's state. Other writes go in between. One at a time:
   * 'port/sending'. Ends with 'cancelled' when the call is, or 'ports.cancelSend'.
   */
  'ports.sendFile': {
    request: z.object({
      address: portAddress,
      data: bytes,
      chunkBytes: z.number().int().min(1).max(65_536).default(256),
      chunkDelayMs: z.number().min(0).max(10_000).default(0),
    }),
    reply: z.object({ sentBytes: z.number().int() }),
    role: 'operator',
  },
  'ports.cancelSend': { request: z.object({ address: portAddress }), reply: z.object({}), role: 'operator' },
  /** Resets the board through DTR/RTS: 'run' boots the application, 'download' enters the ROM loader. */
  'ports.reset': { request: z.object({ address: portAddress, into: z.enum(['run', 'download']) }), reply: z.object({}), role: 'operator' },
} as const;

/** Snapshot: every port opened since start; a delta is one port's new state. */
export const portStreams = {
  'ports.state': { request: z.object({}), snapshot: z.array(portState), delta: portState },
} as const;

export type PortColour = z.infer<typeof portColour>;
export type PortRole = z.infer<typeof portRole>;
export type PortInfo = z.infer<typeof portInfo>;
export type PortOptions = z.infer<typeof portOptions>;
export type PortState = z.infer<typeof portState>;
