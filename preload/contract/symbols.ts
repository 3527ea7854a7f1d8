import { z } from 'zod';
import { bytes } from './bytes.ts';
import { talkErrorSchema } from './errors.ts';
import { portAddress } from './ports.ts';

/** An ELF file that addresses in logs are looked up in. */
export const symbolFile = z.object({
  id: z.string(),
  /** The file's name, without folders. */
  name: z.string(),
  /** Where it is read again from when the build has changed it; absent for one that was sent. */
  path: z.string().optional(),
  state: z.enum(['ready', 'missing', 'bad']),
  /** Why it is 'missing' or 'bad'. What was read before stays in use. */
  problem: talkErrorSchema.optional(),
  sizeBytes: z.number().int(),
  /** Of the file's bytes, 64 hex digits: what ESP-IDF builds into the image and prints the beginning of. */
  sha256: z.string(),
  machine: z.enum(['xtensa', 'riscv', 'arm', 'other']),
  /** From esp_app_desc, where there is one. */
  project: z.string().optional(),
  appVersion: z.string().optional(),
  idfVersion: z.string().optional(),
  functions: z.number().int(),
  /** False: built without -g, or stripped; addresses become functions, not lines. */
  hasLines: z.boolean(),
  /** Debug information was damaged in part. */
  damage: z.string().optional(),
  loadedWallMs: z.number(),
  /** How often a changed file was read again. Builds before the last two are forgotten. */
  reloads: z.number().int(),
});

/** What a port's log told of its firmware. */
export const portFirmware = z.object({
  port: portAddress,
  /** Hex digits as printed: at least the first few of the ELF file's SHA-256. */
  elfSha256: z.string(),
  project: z.string().optional(),
  appVersion: z.string().optional(),
  /** The file that was built as this, when it is loaded. */
  symbolId: z.string().nullable(),
});

export const symbolState = z.object({ files: z.array(symbolFile), ports: z.array(portFirmware) });

export const symbolFrame = z.object({
  /** Readable, also for C++. Empty: unknown. */
  function: z.string(),
  file: z.string().optional(),
  line: z.number().int().optional(),
  column: z.number().int().optional(),
  /** Bytes from the function's start, where no line is known. */
  offset: z.number().int().optional(),
  /** The compiler put its code into that of the next frame. */
  isInlined: z.boolean(),
});

/**
 * How sure the names are. sha: the log named this file's hash · only: the log told no hash, and one file has code there ·
 * none: no file knows the address, or the log named a hash that no file has (frames are then a guess).
 */
export const symbolMatch = z.enum(['sha', 'only', 'none']);

export const decodedAddress = z.object({
  /** As the log has it. */
  address: z.number().int(),
  /** What it is in the row: a register's name, 'frame', 'stack', 'text'. */
  label: z.string(),
  /** The address of the instruction that was looked up: of the call, for a return address. */
  instruction: z.number().int(),
  /** Innermost first: what was inlined, then the function it is in. Empty: not known. */
  frames: z.array(symbolFrame),
  symbolId: z.string().nullable(),
  match: symbolMatch,
  /** Found by its value alone: a word of the stack that points behind a call. It may be left over from an earlier one. */
  isMaybe: z.boolean(),
});

/** What of a row is read for addresses. */
export const symbolRow = z.object({
  seq: z.number().int(),
  text: z.string().max(65_536),
  event: z.string().optional(),
  payload: z.unknown().optional(),
});

const addressList = z.array(z.number().int().min(0).max(0xffffffff)).max(4096);

export const symbolCalls = {
  'symbols.list': { request: z.object({}), reply: symbolState, role: 'viewer' },
  /** From a path of the core's machine, watched and remembered; or its bytes, kept in the data directory. Fails with 'symbols/bad-elf'. */
  'symbols.load': {
    request: z.union([z.object({ path: z.string().min(1).max(4096) }), z.object({ name: z.string().min(1).max(255), data: bytes })]),
    reply: symbolFile,
    role: 'operator',
  },
  /** Fails with 'not-found'. The file itself stays where it is. */
  'symbols.remove': { request: z.object({ id: z.string() }), reply: z.object({}), role: 'operator' },
  /**
   * Addresses to functions and lines. 'backtrace': the first is where it stopped, the others where calls return to · 'address': each is
   * an instruction's own.
   */
  'symbols.decode': {
    request: z.object({
      addresses: addressList,
      kind: z.enum(['backtrace', 'address']).default('address'),
      /** What the log told; without it, what the port's log told last. */
      elfSha256: z.string().max(64).optional(),
      port: portAddress.optional(),
    }),
    reply: z.object({ addresses: z.array(decodedAddress) }),
    role: 'viewer',
  },
  /**
   * The addresses in rows of one crash: backtrace, registers, dumped stack, any number that is one of code. Rows of the same crash
   * help each other (the program counter of the registers mends the backtrace's first entry, "ELF file SHA256" names the file).
   */
  'symbols.decodeRows': {
    request: z.object({ rows: z.array(symbolRow).max(500), port: portAddress.optional(), elfSha256: z.string().max(64).optional() }),
    reply: z.object({
      rows: z.array(z.object({ seq: z.number().int(), addresses: z.array(decodedAddress) })),
      /** RISC-V: the calls that led there, unwound through the dumped stack. Empty when the rows do not have what it takes. */
      unwound: z.array(decodedAddress),
      /** The hash that was gone by; null: none was told. */
      elfSha256: z.string().nullable(),
      match: symbolMatch,
    }),
    role: 'viewer',
  },
} as const;

/** Each delta replaces the state before it. */
export const symbolStreams = { 'symbols.state': { request: z.object({}), snapshot: symbolState, delta: symbolState } } as const;

export type SymbolFile = z.infer<typeof symbolFile>;
export type PortFirmware = z.infer<typeof portFirmware>;
export type SymbolState = z.infer<typeof symbolState>;
export type SymbolFrame = z.infer<typeof symbolFrame>;
export type SymbolMatch = z.infer<typeof symbolMatch>;
export type DecodedAddress = z.infer<typeof decodedAddress>;
export type SymbolRow = z.infer<typeof symbolRow>;
