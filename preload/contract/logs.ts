import { z } from 'zod';
import { bytes } from './bytes.ts';
import { talkErrorSchema } from './errors.ts';
import { portAddress } from './ports.ts';
import { monoUs } from './time.ts';

export const logLevel = z.enum(['error', 'warn', 'info', 'debug', 'verbose']);
export const logDirection = z.enum(['received', 'sent', 'notice']);

/**
 * One line of a board's log (continuation lines joined by the grammar stay separate rows with `continues`).
 * A line no grammar knows is still a row: level, tag and event absent, `grammar` 'plain'.
 */
export const logRow = z.object({
  /**
   * Position in the session's log, over all its ports, from 0, no gaps. Rows that became known within one flush (33 ms) stand in
   * the order of their host time; a line that took longer to arrive stands where it was completed.
   */
  seq: z.number().int(),
  port: portAddress,
  /** Host time of the line's first byte, stamped at the driver; microseconds from the session's start. */
  atUs: monoUs,
  direction: logDirection,
  /** The line as text in the port's encoding: escape codes removed, undecodable bytes as U+FFFD. Never holds a line feed. */
  text: z.string(),
  /** The exact bytes, terminator included. */
  raw: bytes,
  grammar: z.string(), // a name of docs/grammars.md, or 'talkbench' (notices)
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
  /** Typed event, keyed by name, never by the number in brackets: 'boot.rom', 'panic', 'mqtt.publish', 'twetalk.BOT_START_SPEAKING'. */
  event: z.string().optional(),
  /** Facts of the event, or JSON found in the line. */
  payload: z.unknown().optional(),
  /** This row continues the row with that seq (wrapped line, backtrace, hex dump). */
  continues: z.number().int().optional(),
  /** ANSI colour spans over `text`, when there were any: [from, to, SGR code]. */
  colours: z.array(z.tuple([z.number().int(), z.number().int(), z.number().int()])).optional(),
});

export const logPattern = z.object({
  text: z.string().max(2000),
  isRegexp: z.boolean().default(false),
  isCaseSensitive: z.boolean().default(false),
});

/** Which rows are wanted; what is absent excludes nothing. One record for views, searches, exports and the command line. */
export const logFilter = z.object({
  ports: z.array(portAddress).optional(),
  directions: z.array(logDirection).optional(),
  /** This level and worse. Rows without a level are out, unless `keepPlain`. */
  minimumLevel: logLevel.optional(),
  keepPlain: z.boolean().optional(),
  /** Levels of single tags (or files, where a line has no tag), over `minimumLevel`: esp-idf-monitor's `tag:L`. 'off' hides the tag. */
  tagLevels: z.record(z.string(), z.union([logLevel, z.literal('off')])).optional(),
  /** Only these tags (or files). */
  tags: z.array(z.string()).optional(),
  /** Only rows with an event whose name starts so: 'mqtt.', 'panic'. Empty: rows with any event. */
  events: z.array(z.string()).optional(),
  /** Wanted in the row's text. */
  pattern: logPattern.optional(),
  /** Rows in which one of these is found are out. */
  exclude: z.array(logPattern).max(50).optional(),
  /** Only rows of this stretch of session time, both ends included. */
  fromUs: z.number().optional(),
  toUs: z.number().optional(),
  /** A row that says the same as the one before it of its port (device time aside) is only counted. */
  collapseRepeats: z.boolean().optional(),
});

/** How rows become text on the clipboard and in files. */
export const logTextStyle = z.object({
  /** 'wall': local date and time of the host · 'elapsed': seconds from the session's start. */
  hostTime: z.enum(['none', 'wall', 'elapsed']).default('wall'),
  deviceTime: z.boolean().default(false),
  port: z.boolean().default(false),
  /** The line without its prefix. */
  messageOnly: z.boolean().default(false),
});

export const logViewState = z.object({
  viewId: z.string(),
  /** Null: rows that no session records; they are in memory only. */
  sessionId: z.string().nullable(),
  isLive: z.boolean(),
  /** Wall time of atUs 0. */
  startedWallMs: z.number(),
  /** Rows in the view. Only ever grows, and a row never changes its index, as long as `viewId` is the same. */
  length: z.number().int(),
  /** Rows of the log, and how many of them have been judged: fewer while older rows are still being looked through. */
  totalRows: z.number().int(),
  judgedRows: z.number().int(),
  /** The filter cannot be applied: 'bad-request' with the regexp's fault, and the view is empty; 'timeout' when it takes too long, and the view stands still. */
  problem: talkErrorSchema.optional(),
  /** The newest rows, at most `tail` of them; `from` is the index of the first. `repeats`: how often each was repeated, when collapsed. */
  tail: z.object({ from: z.number().int(), rows: z.array(logRow), repeats: z.array(z.number().int()).optional() }),
});

export const logMark = z.object({
  seq: z.number().int(),
  note: z.string().max(2000),
  colour: z.enum(['yellow', 'red', 'green', 'blue', 'violet']).default('yellow'),
});

/** Where rows are taken from: an open view, or a session (null: the live log) under a filter. */
export const logSource = z.union([
  z.object({ viewId: z.string() }),
  z.object({ sessionId: z.string().nullable(), filter: logFilter.prefault({}) }),
]);

/** A file that a port's log is saved to. `lostRows` could not be written; `path` is empty where there never was a file. */
const savedFile = z.object({ port: portAddress, path: z.string(), bytes: z.number().int(), lostRows: z.number().int() });

const viewId = z.string();
export const logCalls = {
  /** Rows `from` … of a view, in order; fewer than asked for at its end. A row that could not be kept is stood in for (event 'log.lost'). */
  'logs.window': {
    request: z.object({ viewId, from: z.number().int().min(0), limit: z.number().int().min(1).max(1000) }),
    reply: z.object({ from: z.number().int(), rows: z.array(logRow), repeats: z.array(z.number().int()).optional() }),
    role: 'viewer',
  },
  /** The index in the view of the first row at or after a seq or a time (give one). `index` is the view's length when there is none. */
  'logs.locate': {
    request: z.object({ viewId, seq: z.number().int().optional(), atUs: z.number().optional() }),
    reply: z.object({ index: z.number().int(), seq: z.number().int().nullable(), atUs: z.number().nullable() }),
    role: 'viewer',
  },
  /** Rows per stretch of time and severity. Without bounds, the whole log. Each list has `buckets` numbers. */
  'logs.histogram': {
    request: z.object({ viewId, buckets: z.number().int().min(1).max(1000), fromUs: z.number().optional(), toUs: z.number().optional() }),
    reply: z.object({
      fromUs: z.number(),
      toUs: z.number(),
      counts: z.object({
        error: z.array(z.number().int()),
        warn: z.array(z.number().int()),
        info: z.array(z.number().int()),
        /** Debug, verbose and rows without a level. */
        other: z.array(z.number().int()),
      }),
    }),
    role: 'viewer',
  },
  /** Index ranges of a view (both ends included) as text, one line a row, for the clipboard. Fails with 'too-large' beyond 64 MB. */
  'logs.text': {
    request: z.object({
      viewId,
      ranges: z.array(z.tuple([z.number().int().min(0), z.number().int().min(0)])).max(100_000),
      style: logTextStyle.prefault({}),
    }),
    reply: z.object({ text: z.string(), rows: z.number().int() }),
    role: 'viewer',
  },
  /**
   * A log as a file, in pieces of a few MB: call again with the `cursor` of the reply until it is null. 'raw' is the exact bytes
   * received and wants a source of one port; identities (IMEI, IMSI, ICCID) are redacted unless asked for, secrets always.
   */
  'logs.export': {
    request: z.object({
      source: logSource,
      format: z.enum(['raw', 'text', 'jsonl', 'csv']),
      style: logTextStyle.prefault({}),
      includeIdentities: z.boolean().default(false),
      cursor: z.string().nullable().default(null),
    }),
    reply: z.object({
      fileName: z.string(),
      data: bytes,
      cursor: z.string().nullable(),
      doneRows: z.number().int(),
      totalRows: z.number().int(),
    }),
    role: 'viewer',
  },
  /** Tags (or files) of a log with their rows, most first. */
  'logs.tags': {
    request: z.object({ sessionId: z.string().nullable() }),
    reply: z.object({ tags: z.array(z.object({ tag: z.string(), rows: z.number().int() })), ports: z.array(portAddress) }),
    role: 'viewer',
  },
  /** Sets, changes or (null) removes the bookmark of a row. */
  'logs.mark': {
    request: z.object({ sessionId: z.string(), seq: z.number().int(), mark: logMark.omit({ seq: true }).nullable() }),
    reply: z.object({}),
    role: 'operator',
  },
} as const;

export const logStreams = {
  /**
   * A window onto a log: the core holds the rows and which of them are wanted, the client asks for those it shows. Session null: the
   * live log, whichever session it goes to; when another begins, the view starts over under another `viewId`. Each delta replaces
   * the state before it, at most one in 33 ms. The view lives as long as the subscription.
   */
  'logs.view': {
    request: z.object({
      sessionId: z.string().nullable().default(null),
      filter: logFilter.prefault({}),
      tail: z.number().int().min(0).max(500).default(0),
    }),
    snapshot: logViewState,
    delta: logViewState,
  },
  /** Every live row, for programs. Snapshot: the newest `tail` that are still in memory. */
  'logs.rows': {
    request: z.object({ filter: logFilter.prefault({}), tail: z.number().int().min(0).max(20_000).default(0) }),
    snapshot: z.object({ sessionId: z.string().nullable(), startedWallMs: z.number(), rows: z.array(logRow) }),
    delta: logRow,
  },
  /** Bookmarks of a session, by seq. Each delta is the whole list. */
  'logs.marks': { request: z.object({ sessionId: z.string() }), snapshot: z.array(logMark), delta: z.array(logMark) },
  /** The files that logs are continuously saved to (settings `saving`). */
  'logs.saving': {
    request: z.object({}),
    snapshot: z.object({
      files: z.array(savedFile),
      problem: talkErrorSchema.optional(),
    }),
    delta: z.object({
      files: z.array(savedFile),
      problem: talkErrorSchema.optional(),
    }),
  },
} as const;

export type LogLevel = z.infer<typeof logLevel>;
export type LogDirection = z.infer<typeof logDirection>;
export type LogRow = z.infer<typeof logRow>;
export type LogPattern = z.infer<typeof logPattern>;
export type LogFilter = z.infer<typeof logFilter>;
export type LogTextStyle = z.infer<typeof logTextStyle>;
export type LogViewState = z.infer<typeof logViewState>;
export type LogMark = z.infer<typeof logMark>;
