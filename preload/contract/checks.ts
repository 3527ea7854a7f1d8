import { z } from 'zod';
import { bytes } from './bytes.ts';
import { talkErrorSchema } from './errors.ts';
import { portAddress } from './ports.ts';

/**
 * Bring-up checks: from "it powers on" to a signed-off board (seed 000, 设备适配性检查). For people: docs/checks.md. A check list names
 * checks and limits; a run does them on one board and keeps what was measured with its evidence. Quantities carry their unit; instants
 * are microseconds of the run's session.
 */
const count = z.number().int();

export const checkGroup = z.enum(['power', 'identity', 'network', 'uplink', 'downlink', 'echo', 'memory', 'conversation', 'link']);

/** What a measured value has to be; several members hold together. Only what is set is asked. */
export const checkLimit = z.strictObject({
  min: z.number().optional(),
  max: z.number().optional(),
  equals: z.union([z.string(), z.number(), z.boolean()]).optional(),
  oneOf: z
    .array(z.union([z.string(), z.number()]))
    .max(100)
    .optional(),
  /** A regular expression for the whole of a text. */
  matches: z.string().max(500).optional(),
});

// biome-ignore format: a list of words
export const checkUnit = z.enum([
  'ms', 's', 'us', '%', 'dB', 'dBFS', 'dBm', 'ppm', 'Hz', 'bytes', 'bytes/min', 'kbit/s', 'count', 'samples', 'mV',
]);

/** One thing measured, and what it had to be. `isMet` is null where nothing was asked of it (told for the reader only) or nothing could be measured. */
export const checkValue = z.object({
  /** Of the check's catalogue entry: 'frameMs'. The page has the words. */
  name: z.string().max(60),
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  unit: checkUnit.optional(),
  limit: checkLimit.nullable(),
  isMet: z.boolean().nullable(),
});

/** What a verdict rests on. Sounds and long curves are fetched apart (`checks.evidence`). */
export const checkEvidence = z.discriminatedUnion('kind', [
  /** Rows of the run's session, by seq; `lines` the first of them as text. */
  z.object({ kind: z.literal('rows'), port: portAddress, fromSeq: count, toSeq: count, lines: z.array(z.string().max(500)).max(20) }),
  z.object({
    kind: z.literal('packets'),
    conversationId: z.string(),
    track: z.enum(['uplink', 'downlink']),
    fromIndex: count,
    toIndex: count,
  }),
  z.object({ kind: z.literal('turn'), conversationId: z.string(), turnId: count, userText: z.string(), replyText: z.string() }),
  /** A WAV kept with the run. `label` names what it is: 'uplink', 'reference', 'heard'. */
  z.object({ kind: z.literal('sound'), id: z.string(), label: z.string().max(60), durationMs: z.number() }),
  /** A curve of at most 2000 points; `x`, `y` name its axes: 'timeS', 'freeBytes'. */
  z.object({
    kind: z.literal('curve'),
    label: z.string().max(60),
    x: z.string().max(30),
    y: z.string().max(30),
    points: z.array(z.tuple([z.number(), z.number()])).max(2000),
  }),
  /** Lines of a dialogue with the board (AT commands and answers, SDK messages), as they came. */
  z.object({ kind: z.literal('lines'), label: z.string().max(60), lines: z.array(z.string().max(500)).max(200) }),
]);

/**
 * waiting · running · asking: a person is asked, `question` says what · passed · failed: measured, within or not · skipped: not for this board or not
 * asked for, `reason` says why · person: only a person can tell and nobody was there · error: could not be carried out (a bench's fault, not a verdict).
 */
export const checkState = z.enum(['waiting', 'running', 'asking', 'passed', 'failed', 'skipped', 'person', 'error']);

/** Something only a person can do or tell; the page has the words by `ask`, filled from `data`. */
export const checkQuestion = z.object({
  ask: z.enum([
    'press-reset', // press the reset button
    'power-cycle',
    'say', // say {text} to the board
    'stay-quiet', // for {seconds}
    'wake', // say the wake word or press the talk button
    'press-talk', // hold the button, say {text}, let go
    'heard', // did the board play {what}: as the sample, complete, without crackle?
    'heard-call', // could both sides of the call hear each other?
    'take-out-sim',
    'other', // {text} of the list itself
  ]),
  data: z.record(z.string(), z.union([z.string(), z.number()])),
  /** do: press "done" when it is so · judge: yes or no. */
  kind: z.enum(['do', 'judge']),
});

export const checkResult = z.object({
  /** Of the list: unique in it. */
  id: z.string(),
  check: z.string(),
  group: checkGroup,
  /** The list's own words for it, where it has some. */
  title: z.string().nullable(),
  state: checkState,
  /** 0..1 while it runs. */
  progress: z.number(),
  question: checkQuestion.nullable(),
  values: z.array(checkValue),
  evidence: z.array(checkEvidence),
  /** Why it is skipped or wants a person: a word of `checkReason`. */
  reason: z.string().nullable(),
  /** What to do about it: a word of the catalogue's `nexts`; the page has the sentence. Null when it passed. */
  next: z.string().nullable(),
  /** What a person noted. */
  note: z.string(),
  error: talkErrorSchema.nullable(),
  startedUs: z.number().nullable(),
  durationMs: z.number().nullable(),
});

// biome-ignore format: a list of words
export const checkReason = z.enum([
  'no-port', 'no-device', 'no-conversation', 'not-cat1', 'not-esp', 'not-in-log', 'no-speech-source', 'no-ear', 'not-supported-by-board', 'needs-earlier',
  'no-image', 'not-wanted', 'cancelled', 'nobody-there', 'too-short', 'no-baseline', 'cannot-tell', 'not-used', 'bench-busy',
  'unknown-board', 'person-skipped',
]);

/** passed: all done and met · failed: one is not · incomplete: none failed, some want a person or could not be carried out · cancelled. */
export const checkRunState = z.enum(['running', 'passed', 'failed', 'incomplete', 'cancelled']);

const counts = z.object({ passed: count, failed: count, skipped: count, person: count, error: count, waiting: count });

export const checkRunSummary = z.object({
  id: z.string(),
  listId: z.string().nullable(),
  listName: z.string(),
  listVersion: z.string(),
  boardKind: z.string(),
  /** As the operator or a barcode told it; else the board's MAC or IMEI once known; else ''. */
  serialNumber: z.string(),
  operator: z.string(),
  port: portAddress.nullable(),
  productId: z.string().nullable(),
  deviceName: z.string().nullable(),
  firmwareVersion: z.string().nullable(),
  sessionId: z.string().nullable(),
  startedWallMs: count,
  durationMs: z.number(),
  state: checkRunState,
  counts,
  /** Of the failed ones, in the list's order: check names. */
  failed: z.array(z.string()),
  /** The same ones as items of the list, each with the list's own title where it has one; not of runs from before this was kept. */
  failedItems: z.array(z.object({ id: z.string(), check: z.string(), title: z.string().nullable() })).optional(),
});

export const checkRun = checkRunSummary.extend({
  results: z.array(checkResult),
  /** What the run learnt of the board: mac, chip, imei, iccid, flashBytes, appVersion, firmwareSha256, duplex … */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

/** A check as lists may name it. */
export const checkInfo = z.object({
  name: z.string(), // 'uplink.frames'
  group: checkGroup,
  /** What it needs to be done at all: else it is skipped. */
  needs: z.array(z.enum(['port', 'device', 'conversation', 'esp', 'cat1', 'voice', 'ear'])),
  parameters: z.array(z.object({ name: z.string(), unit: checkUnit.nullable(), preset: z.unknown() })),
  values: z.array(z.object({ name: z.string(), unit: checkUnit.nullable(), limit: checkLimit.nullable() })),
  nexts: z.array(z.string()),
});

export const checkListProblem = z.object({ line: count.nullable(), path: z.string(), reason: z.string() });

const inBoth = z.object({ zh: z.string(), en: z.string() });

/** What the serial numbers of a list's boards look like: `matches` a regular expression for the whole of one, `example` for people. */
const serialNumberRule = z.object({ matches: z.string(), example: z.string() });

/** `name` and `title` are the English ones; `names` and `titles` what a page shows by its language. */
export const checkListOutline = z.object({
  name: z.string(),
  names: inBoth,
  version: z.string(),
  boardKinds: z.array(z.string()),
  /** Null: none has to be told. */
  serialNumber: serialNumberRule.nullable(),
  checks: z.array(
    z.object({
      id: z.string(),
      check: z.string(),
      group: checkGroup,
      title: z.string().nullable(),
      titles: inBoth.nullable(),
      line: count.nullable(),
    }),
  ),
});

export const checkListDocument = z.object({
  id: z.string(),
  name: z.string(),
  names: inBoth,
  version: z.string(),
  boardKinds: z.array(z.string()),
  /** Null: none has to be told. */
  serialNumber: serialNumberRule.nullable(),
  checkCount: count,
  text: z.string(),
  /** Comes with the product; edited, it becomes a list of one's own. */
  isBuiltIn: z.boolean(),
  changedWallMs: count,
});

/** Who speaks to the board, and who hears it. auto: the board's own virtual microphone and speaker, else the host's sound card, else a person. */
export const checkVoice = z.enum(['auto', 'board', 'host', 'person']);

/** What is done to one board's link. All zero or null: nothing. */
export const linkImpairment = z.object({
  delayMs: z.number().min(0).max(10_000).default(0),
  jitterMs: z.number().min(0).max(10_000).default(0),
  /** Of packets, 0..100. On TCP a lost packet is what it is to the board: everything behind it waits for its repetition. */
  lossPercent: z.number().min(0).max(100).default(0),
  /** Null: unlimited. */
  rateKbitS: z.number().min(1).max(1_000_000).nullable().default(null),
  /** Nothing passes and nothing closes: a dead spot. */
  isStalled: z.boolean().default(false),
});

export const impairedLink = z.object({
  productId: z.string(),
  deviceName: z.string(),
  impairment: linkImpairment,
  /** Its connections now, and bytes held back. */
  connections: count,
  heldBytes: count,
});

export const checkHistoryFilter = z.object({
  serialNumber: z.string().max(200).optional(),
  listId: z.string().optional(),
  boardKind: z.string().optional(),
  fromWallMs: count.optional(),
  toWallMs: count.optional(),
});

export const checkYield = z.object({
  /** Boards (serial numbers), by their first and by their last run: first-pass yield and yield after rework. Cancelled runs count nowhere. */
  boards: count,
  passedFirst: count,
  passedLast: count,
  runs: count,
  /** Most frequent first; `boards` that failed it in their first run, `cumulative` 0..1 of all such failures. */
  pareto: z.array(
    z.object({
      check: z.string(),
      /** Which one, of the questions that a list asks of its own: they are all one check. `list`: its id, or its name where it is in no library. */
      question: z.object({ list: z.string(), id: z.string(), title: z.string() }).optional(),
      boards: count,
      runs: count,
      cumulative: z.number(),
    }),
  ),
  /** By day (local), oldest first. */
  days: z.array(z.object({ day: z.string(), boards: count, passedFirst: count })),
});

/** A sound of one's own measured as a board's uplink would be: what the vendor's opus_decoder.py is for, with numbers. */
export const opusFileReport = z.object({
  /** How it was cut into packets: 'ogg', 'fixed' (every frame as long), 'length-prefixed'. */
  container: z.string(),
  values: z.array(checkValue),
  wav: bytes,
});

const text = z.string().max(1_000_000);
const runId = z.string();

export const checkCalls = {
  'checks.catalogue': { request: z.object({}), reply: z.object({ checks: z.array(checkInfo) }), role: 'viewer' },
  /** What a list says, or everything that is wrong with it. */
  'checks.inspectList': {
    request: z.object({ text }),
    reply: z.object({ problems: z.array(checkListProblem), outline: checkListOutline.nullable() }),
    role: 'viewer',
  },
  /**
   * Changes the list `id`. Without one the text is taken in, unless a list says the same: the reply is that one then. One's own list of the same name
   * and another version becomes this one; 'check/list-differs' {id, name, version} where the version is the same and the text is not. `isCopy`: a
   * list of its own in any case. Throws 'check/bad-list' {line?, reason}, 'not-found', 'check/built-in'.
   */
  'checks.putList': {
    request: z.object({ id: z.string().optional(), text, isCopy: z.boolean().default(false) }),
    reply: checkListDocument,
    role: 'operator',
  },
  'checks.removeList': { request: z.object({ id: z.string() }), reply: z.object({}), role: 'operator' },
  /**
   * Begins a run on one board; several boards at once are several runs. Throws 'check/bad-list', 'not-found', 'check/busy' {runId} when that port or
   * device is being checked, and where the list says what serial numbers look like 'check/no-serial-number', 'check/serial-number'.
   */
  'checks.start': {
    request: z.object({
      /** One of both at least: the board's port, and which device it is (found from its log or its connection when it is left out). */
      port: portAddress.nullable().default(null),
      device: z.object({ productId: z.string(), deviceName: z.string() }).nullable().default(null),
      list: z.union([z.object({ id: z.string() }), z.object({ text })]),
      boardKind: z.string().max(60).default(''),
      /** Scanners end theirs with what a keyboard has. */
      serialNumber: z.string().trim().max(200).default(''),
      operator: z.string().max(100).default(''),
      language: z.enum(['zh', 'en']).default('zh'),
      voice: checkVoice.default('auto'),
      /** Nobody is there to be asked: what wants a person ends as 'person'. */
      isUnattended: z.boolean().default(false),
      /** Ids of the list: the others are 'skipped', reason 'not-wanted'. */
      only: z.array(z.string()).max(500).optional(),
    }),
    reply: z.object({ runId }),
    role: 'operator',
  },
  'checks.answer': {
    request: z.object({
      runId,
      resultId: z.string(),
      answer: z.enum(['done', 'yes', 'no', 'skip']),
      note: z.string().max(2000).default(''),
    }),
    reply: z.object({}),
    role: 'operator',
  },
  'checks.cancel': { request: z.object({ runId }), reply: z.object({}), role: 'operator' },
  /** One check again, in the same run: a person put something right. */
  'checks.repeat': { request: z.object({ runId, resultId: z.string() }), reply: z.object({}), role: 'operator' },
  'checks.run': { request: z.object({ runId }), reply: checkRun, role: 'viewer' },
  'checks.remove': { request: z.object({ runId }), reply: z.object({}), role: 'operator' },
  'checks.history': {
    request: checkHistoryFilter.extend({ limit: count.min(1).max(10_000).default(200) }),
    reply: z.object({ runs: z.array(checkRunSummary) }),
    role: 'viewer',
  },
  'checks.yield': { request: checkHistoryFilter, reply: checkYield, role: 'viewer' },
  /** html: one file with plots and sounds · pdf: the same, printed; 'report/no-printer' where nothing can · csv: a line a value, for an MES · json: the runs as they are. */
  'checks.report': {
    request: z.object({
      runIds: z.array(runId).min(1).max(1000),
      format: z.enum(['html', 'pdf', 'csv', 'json']),
      language: z.enum(['zh', 'en']),
    }),
    reply: z.object({ fileName: z.string(), data: bytes }),
    role: 'viewer',
  },
  /** Throws 'check/sound-removed' where retention has removed it, 'not-found'. */
  'checks.evidence': { request: z.object({ runId, id: z.string() }), reply: z.object({ wav: bytes }), role: 'viewer' },
  /** A recorded `record.opus`. Throws 'check/bad-opus' {reason}. */
  'checks.opusFile': { request: z.object({ data: bytes }), reply: opusFileReport, role: 'viewer' },
  /** What the vendor's suitability list wants played: packets, and what they have to sound like. */
  'checks.reference': {
    request: z.object({ frameMs: z.union([z.literal(20), z.literal(40), z.literal(60)]) }),
    reply: z.object({ recvOpus: bytes, outputWav: bytes }),
    role: 'viewer',
  },
  /** Null takes it off again. Its connections that are open have it from now on, and those that come. Throws 'not-found'. */
  'link.impair': {
    request: z.object({ productId: z.string(), deviceName: z.string(), impairment: linkImpairment.nullable() }),
    reply: z.object({}),
    role: 'operator',
  },
  /** Ends its connections now, as a network does that goes away; new ones within `forMs` too. Throws 'not-found'. */
  'link.cut': {
    request: z.object({ productId: z.string(), deviceName: z.string(), forMs: z.number().min(0).max(600_000).default(0) }),
    reply: z.object({ connections: count }),
    role: 'operator',
  },
} as const;

export const checkStreams = {
  'checks.lists': { request: z.object({}), snapshot: z.array(checkListDocument), delta: z.array(checkListDocument) },
  /** Runs under way and those that ended since the core started. A delta is one run's new state, at most ten a second each. */
  'checks.runs': { request: z.object({}), snapshot: z.array(checkRun), delta: checkRun },
  'link.state': { request: z.object({}), snapshot: z.array(impairedLink), delta: z.array(impairedLink) },
} as const;

export type CheckGroup = z.infer<typeof checkGroup>;
export type CheckLimit = z.infer<typeof checkLimit>;
export type CheckUnit = z.infer<typeof checkUnit>;
export type CheckValue = z.infer<typeof checkValue>;
export type CheckEvidence = z.infer<typeof checkEvidence>;
export type CheckState = z.infer<typeof checkState>;
export type CheckQuestion = z.infer<typeof checkQuestion>;
export type CheckReason = z.infer<typeof checkReason>;
export type CheckResult = z.infer<typeof checkResult>;
export type CheckRun = z.infer<typeof checkRun>;
export type CheckRunSummary = z.infer<typeof checkRunSummary>;
export type CheckInfo = z.infer<typeof checkInfo>;
export type CheckListDocument = z.infer<typeof checkListDocument>;
export type CheckListOutline = z.infer<typeof checkListOutline>;
export type CheckVoice = z.infer<typeof checkVoice>;
export type CheckYield = z.infer<typeof checkYield>;
export type CheckHistoryFilter = z.infer<typeof checkHistoryFilter>;
export type LinkImpairment = z.infer<typeof linkImpairment>;
export type ImpairedLink = z.infer<typeof impairedLink>;
