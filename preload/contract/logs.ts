import { z } from 'zod';
import { bytes } from './bytes.ts';
import { portAddress } from './ports.ts';
import { monoUs } from './time.ts';

export const logLevel = z.enum(['error', 'warn', 'info', 'debug', 'verbose']);

/**
 * One line of a board's log (continuation lines joined by the grammar stay separate rows with `continues`).
 * A line no grammar knows is still a row: level, tag and event absent, `grammar` 'plain'.
 */
export const logRow = z.object({
  /** Position in the port's log within the session, from 0, no gaps. */
  seq: z.number().int(),
  port: portAddress,
  /** Host time of the line's first byte, stamped at the driver. */
  atUs: monoUs,
  direction: z.enum(['received', 'sent', 'notice']),
  /** The line as text: ANSI codes removed, undecodable bytes as U+FFFD. */
  text: z.string(),
  /** The exact bytes, terminator included. */
  raw: bytes,
  grammar: z.string(), // 'esp-idf' | 'esp-rom' | 'esp-panic' | 'twetalk' | 'plain' | 'talkbench' (notices)
  level: logLevel.optional(),
  /** The device's own clock in milliseconds since boot, when the line carries one. */
  deviceMs: z.number().optional(),
  /** The device's time as printed, when it is a wall time. */
  deviceTime: z.string().optional(),
  tag: z.string().optional(),
  file: z.string().optional(),
  function: z.string().optional(),
  line: z.number().int().optional(),
  /** The text after the prefix. */
  message: z.string(),
  /** Typed event, keyed by name, never by the number in brackets: 'boot', 'panic', 'mqtt.publish', 'twetalk.BOT_START_SPEAKING'. */
  event: z.string().optional(),
  /** Facts of the event, or JSON found in the line. */
  payload: z.unknown().optional(),
  /** This row continues the row with that seq (wrapped line, backtrace, hex dump). */
  continues: z.number().int().optional(),
  /** ANSI colour spans over `text`, when there were any: [from, to, SGR code]. */
  colours: z.array(z.tuple([z.number().int(), z.number().int(), z.number().int()])).optional(),
});

export const logFilter = z.object({
  minimumLevel: logLevel.optional(),
  text: z.string().optional(),
  isRegexp: z.boolean().default(false),
  isCaseSensitive: z.boolean().default(false),
});

export const logCalls = {
  /** Rows of one port in a session, `limit` of them from `fromSeq`. A page is never more than 5,000 rows. */
  'logs.page': {
    request: z.object({
      sessionId: z.string(),
      port: portAddress,
      fromSeq: z.number().int().min(0),
      limit: z.number().int().min(1).max(5000),
    }),
    reply: z.object({ rows: z.array(logRow), totalRows: z.number().int() }),
    role: 'viewer',
  },
  /** Sequence numbers of the rows that match, scanned in the store; any language, any regexp. */
  'logs.search': {
    request: z.object({
      sessionId: z.string(),
      port: portAddress,
      filter: logFilter,
      limit: z.number().int().min(1).max(100_000).default(10_000),
    }),
    reply: z.object({ seqs: z.array(z.number().int()), totalRows: z.number().int(), truncated: z.boolean() }),
    role: 'viewer',
  },
  /** The whole log of a port as one file: 'raw' is the exact bytes received, 'text' one line per row with host time. */
  'logs.export': {
    request: z.object({ sessionId: z.string(), port: portAddress, format: z.enum(['raw', 'text', 'jsonl']) }),
    reply: z.object({ fileName: z.string(), data: bytes }),
    role: 'viewer',
  },
} as const;

/** Live rows of one port. Snapshot: the rows the core still holds in memory (the newest `tail`). A delta is one row. */
export const logStreams = {
  'logs.rows': {
    request: z.object({ port: portAddress, tail: z.number().int().min(0).max(20_000).default(2000) }),
    snapshot: z.object({ sessionId: z.string().nullable(), rows: z.array(logRow), totalRows: z.number().int() }),
    delta: logRow,
  },
} as const;

export type LogLevel = z.infer<typeof logLevel>;
export type LogRow = z.infer<typeof logRow>;
export type LogFilter = z.infer<typeof logFilter>;
