import { z } from 'zod';
import { talkErrorSchema } from './errors.ts';
import { turnInitiator, turnOutcome } from './events.ts';
import { latencyDifference, latencyMetric } from './latency.ts';

/**
 * Quality: sessions beside each other, and suites of expectations on sessions. For people: docs/suites.md. Milliseconds throughout,
 * instants in microseconds of their session.
 */
const count = z.number().int();
const us = z.number().int();

/**
 * How far a text is from the one that was wanted, after the normalisation of docs/suites.md: `reference` units of the wanted text, and
 * the fewest edits that make the other of it. `rate` is edits / reference and may exceed 1; 0 of two empty texts, null where nothing
 * was wanted and something came.
 */
export const errorCount = z.object({
  reference: count,
  substitutions: count,
  deletions: count,
  insertions: count,
  rate: z.number().nullable(),
});

/** `words`: of scripts with spaces (WER) · `characters`: Han, kana and their like (CER) · `mixed`: both together, one alignment. */
export const textErrors = z.object({ words: errorCount, characters: errorCount, mixed: errorCount });

/** Pieces of an aligned pair of texts, in order: what stands in both, only in the golden one, only in the candidate. */
export const textPiece = z.object({ kind: z.enum(['same', 'golden', 'candidate']), text: z.string() });

export const comparedTool = z.object({ name: z.string(), arguments: z.unknown(), isOk: z.boolean().nullable() });

/** One turn of one of the two sessions. */
export const comparedTurn = z.object({
  conversationId: z.string(),
  turnId: count,
  startedUs: us,
  initiator: turnInitiator,
  outcome: turnOutcome.nullable(),
  userText: z.string(),
  replyText: z.string(),
  tools: z.array(comparedTool),
  /** Only what is known, ms (tts_discontinuity a count). */
  values: z.partialRecord(latencyMetric, z.number()),
});

/** What of a turn is not as in the golden session. 'missing': not there any more; 'added': not there before. */
export const turnDifference = z.enum(['missing', 'added', 'transcript', 'reply', 'tools', 'outcome', 'initiator']);

/** A turn of the golden session and the one that stands for it; one of them null where there is none. */
export const turnPair = z.object({
  golden: comparedTurn.nullable(),
  candidate: comparedTurn.nullable(),
  differences: z.array(turnDifference),
  /** Of the user's text; of an added or missing turn null, as all below. */
  transcript: textErrors.nullable(),
  transcriptPieces: z.array(textPiece),
  /** 1: the same words; 0: none in common. Replies of language models differ: it is a measure, no verdict. */
  replySimilarity: z.number().nullable(),
  replyPieces: z.array(textPiece),
  /** candidate − golden of what both have. */
  latency: z.partialRecord(latencyMetric, z.number()),
});

export const comparedSession = z.object({ id: z.string(), title: z.string(), turns: count, unanswered: count });

export const sessionComparison = z.object({
  golden: comparedSession,
  candidate: comparedSession,
  /** In order of the golden session, what was added where it was said. */
  pairs: z.array(turnPair),
  /** Of all user texts; words of missing turns are deletions, of added turns insertions. */
  transcript: textErrors,
  /** Mean over the pairs that have a reply on either side; null without one. */
  replySimilarity: z.number().nullable(),
  /** Pairs by what differs. */
  differing: z.record(turnDifference, count),
  /** b is the candidate. Medians and p95 with their intervals, as `latency.compare` has them. */
  latency: z.array(latencyDifference),
});

/** Why an expectation is not met. */
export const findingReason = z.enum([
  'value', // another value
  'no-such-turn',
  'no-such-event',
  'unwanted', // it happened, and must not
  'count', // so many times, and another number is wanted
  'too-late',
  'tool-missing',
  'tool-order',
  'not-measured', // no number: nothing was measured, too little, or among turns that were never answered
  'no-such-row', // of the log
  'not-simulated', // a simulation has none of it
  'golden', // not as in the golden session
]);

/** Where in its session a finding is. */
export const findingPlace = z.object({ conversationId: z.string().nullable(), turnId: count.nullable(), atUs: us });

// Suites: files of expectations on sessions and scenarios (docs/suites.md).

export const suiteProblem = z.object({
  /** From 1; null when nothing tells. */
  line: count.nullable(),
  /** Of the member: 'cases.0.expect.1', '' for the whole. */
  path: z.string(),
  reason: z.string(),
});

/** An expectation in one line, as its own words have it, and where it stands. */
export const writtenExpectation = z.object({ text: z.string(), line: count.nullable() });

/** check: a recording as it is · resimulate: under other settings · rerun: its speech spoken again · scenario: a file of steps. */
export const suiteHow = z.enum(['check', 'resimulate', 'rerun', 'scenario']);

/** What a form shows of a suite. */
export const suiteOutline = z.object({
  name: z.string(),
  expectations: z.array(writtenExpectation),
  cases: z.array(
    z.object({
      name: z.string(),
      line: count.nullable(),
      how: suiteHow,
      /** Session id, or a file's name. */
      subject: z.string(),
      golden: z.string().nullable(),
      settings: z.record(z.string(), z.unknown()),
      agent: z.string().nullable(),
      isSkipped: z.boolean(),
      expectations: z.array(writtenExpectation),
    }),
  ),
});

/** A suite kept in the library. */
export const suiteDocument = z.object({
  id: z.string(),
  name: z.string(),
  text: z.string(),
  caseCount: count,
  changedWallMs: count,
});

export const suiteCheck = writtenExpectation.extend({
  isMet: z.boolean(),
  /** In the words of events and settings. */
  found: z.string(),
  /** Null when it is met. */
  reason: findingReason.nullable(),
  /** Of the case's session. */
  place: findingPlace.nullable(),
});

/** A turn as reports draw it; texts shortened. Parts in ms. */
export const suiteTurn = z.object({
  conversationId: z.string(),
  turnId: count,
  initiator: turnInitiator,
  outcome: turnOutcome.nullable(),
  userText: z.string(),
  replyText: z.string(),
  totalMs: z.number().nullable(),
  parts: z.record(z.string(), z.number()),
});

/** error: could not be run, `error` says why · skipped: the file says so, or the run was cancelled before. */
export const suiteCaseState = z.enum(['waiting', 'running', 'passed', 'failed', 'error', 'skipped']);

export const suiteCaseResult = z.object({
  name: z.string(),
  line: count.nullable(),
  how: suiteHow,
  subject: z.string(),
  state: suiteCaseState,
  error: talkErrorSchema.nullable(),
  /** What was looked at: the recording itself, or what was recorded anew. */
  sessionId: z.string().nullable(),
  goldenId: z.string().nullable(),
  durationMs: z.number().nullable(),
  checks: z.array(suiteCheck),
  turns: z.array(suiteTurn),
});

const counts = z.object({ passed: count, failed: count, errors: count, skipped: count, waiting: count });

export const suiteRunSummary = z.object({
  id: z.string(),
  /** Null: a file that is not in the library. */
  suiteId: z.string().nullable(),
  name: z.string(),
  startedWallMs: count,
  durationMs: z.number(),
  /** error: some case could not be run. */
  state: z.enum(['running', 'passed', 'failed', 'error', 'cancelled']),
  counts,
});

export const suiteRun = suiteRunSummary.extend({
  cases: z.array(suiteCaseResult),
  /** The suite's own budget, over the turns of all cases. */
  budget: z.array(suiteCheck),
});

const text = z.string().max(1_000_000);

export const qualityCalls = {
  /** What a suite says, or everything that is wrong with it. */
  'suites.inspect': {
    request: z.object({ text }),
    reply: z.object({ problems: z.array(suiteProblem), outline: suiteOutline.nullable() }),
    role: 'viewer',
  },
  /** Sets what is at `path`, adds to the list there, or removes it; comments stay. Throws 'suite/bad-file' when it is no YAML. */
  'suites.edit': {
    request: z.object({
      text,
      path: z.array(z.union([z.string(), count])).max(12),
      change: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('set'), value: z.unknown() }),
        z.object({ kind: z.literal('add'), value: z.unknown() }),
        z.object({ kind: z.literal('remove') }),
      ]),
    }),
    reply: z.object({ text: z.string() }),
    role: 'viewer',
  },
  /** A suite of these sessions with what they did expected again. Throws 'session/not-found'. */
  'suites.draft': {
    request: z.object({ sessionIds: z.array(z.string()).min(1).max(200), name: z.string().max(120).optional() }),
    reply: z.object({ text: z.string() }),
    role: 'viewer',
  },
  /** Adds a suite to the library, or replaces that of `id`. Throws 'suite/bad-file'. */
  'suites.save': { request: z.object({ id: z.string().optional(), text }), reply: suiteDocument, role: 'operator' },
  /** With its runs. */
  'suites.remove': { request: z.object({ id: z.string() }), reply: z.object({}), role: 'operator' },
  /** Begins a run of a kept suite, or of a file's text; `folder` is where the files it names lie. Throws 'suite/bad-file', 'not-found'. */
  'suites.start': {
    request: z.object({
      suiteId: z.string().optional(),
      text: text.optional(),
      folder: z.string().max(4000).optional(),
      /** Only cases whose name holds one of these. */
      only: z.array(z.string()).max(100).default([]),
      /** How many recordings are judged at once; what is spoken runs one after the other. */
      jobs: count.min(1).max(16).default(2),
    }),
    reply: suiteRunSummary,
    role: 'operator',
  },
  /** Resolves when the run is over. */
  'suites.wait': { request: z.object({ runId: z.string() }), reply: suiteRun, role: 'viewer' },
  'suites.cancel': { request: z.object({ runId: z.string() }), reply: z.object({}), role: 'operator' },
  /** A run as a file. HTML: one file without script · junit: JUnit XML. */
  'suites.report': {
    request: z.object({ runId: z.string(), format: z.enum(['junit', 'html']), language: z.enum(['en', 'zh']).default('en') }),
    reply: z.object({ fileName: z.string(), text: z.string() }),
    role: 'viewer',
  },
  /** Two sessions of the library beside each other. Throws 'session/not-found'. */
  'suites.compare': {
    request: z.object({ golden: z.string(), candidate: z.string() }),
    reply: sessionComparison,
    role: 'viewer',
  },
} as const;

export const qualityStreams = {
  'suites.documents': {
    request: z.object({}),
    snapshot: z.array(suiteDocument),
    delta: z.object({ document: suiteDocument.nullable(), removedId: z.string().optional() }),
  },
  /** Newest first. */
  'suites.runs': {
    request: z.object({}),
    snapshot: z.array(suiteRunSummary),
    delta: z.object({ run: suiteRunSummary.nullable(), removedId: z.string().optional() }),
  },
  /** One run; a delta is the whole of it. Null when there is no such run. */
  'suites.run': { request: z.object({ runId: z.string() }), snapshot: suiteRun.nullable(), delta: suiteRun.nullable() },
} as const;

export type SuiteOutline = z.infer<typeof suiteOutline>;
export type SuiteDocument = z.infer<typeof suiteDocument>;
export type SuiteHow = z.infer<typeof suiteHow>;
export type SuiteCheck = z.infer<typeof suiteCheck>;
export type SuiteTurn = z.infer<typeof suiteTurn>;
export type SuiteCaseResult = z.infer<typeof suiteCaseResult>;
export type SuiteRun = z.infer<typeof suiteRun>;
export type SuiteRunSummary = z.infer<typeof suiteRunSummary>;
export type FindingReason = z.infer<typeof findingReason>;
export type FindingPlace = z.infer<typeof findingPlace>;
export type ErrorCount = z.infer<typeof errorCount>;
export type TextErrors = z.infer<typeof textErrors>;
export type TextPiece = z.infer<typeof textPiece>;
export type ComparedTurn = z.infer<typeof comparedTurn>;
export type TurnDifference = z.infer<typeof turnDifference>;
export type TurnPair = z.infer<typeof turnPair>;
export type SessionComparison = z.infer<typeof sessionComparison>;
