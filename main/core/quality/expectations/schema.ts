import { z } from 'zod';
import { pipelineEvent } from '../../../../preload/contract/events.ts';
import { latencyMetrics } from '../../../../preload/contract/latency.ts';
import { logLevel } from '../../../../preload/contract/logs.ts';
import { isTalkError } from '../../../../preload/contract/talk-error.ts';
import { parseAssertions } from '../../analysis/assertions.ts';
import { parseBudget } from '../../analysis/budget.ts';
import { matcher, where } from './matcher.ts';

export const pipelineEventKinds = pipelineEvent.options.map((option) => option.shape.kind.value);
const milliseconds = z.number().min(0).max(600_000);

export const times = z.union([
  z.number().int().min(0),
  z.strictObject({ atLeast: z.number().int().optional(), atMost: z.number().int().optional() }),
]);
export type Times = z.infer<typeof times>;

/** An event of these kinds, of which the facts fit. */
export function happeningOf<Kind extends string>(kind: z.ZodType<Kind, Kind>) {
  return z.strictObject({ event: kind, where });
}

/** `since`: what `withinMs` counts from. */
export function eventExpectationOf<Kind extends string, Since extends z.ZodType>(kind: z.ZodType<Kind, Kind>, since: Since) {
  return z.strictObject({
    event: kind,
    where,
    /** Not at all. */
    absent: z.literal(true).optional(),
    times: times.optional(),
    /** So soon after `since`. */
    withinMs: milliseconds.optional(),
    since: since.optional(),
  });
}

/** `total` and `v2v` are v2v_device. */
export const latencyNames = ['total', 'v2v', ...latencyMetrics] as const;
const latencyConditions = z.partialRecord(z.enum(latencyNames), matcher);
const interruptionConditions = z.partialRecord(z.enum(['stop', 'detect', 'serverStop', 'residual']), matcher);

export const toolWanted = z.strictObject({ name: z.string(), where });
const turnConditions = {
  initiator: matcher.optional(),
  outcome: matcher.optional(),
  userText: matcher.optional(),
  replyText: matcher.optional(),
  heardText: matcher.optional(),
  /** Whether a part of the reply only was heard, and from its beginning. */
  isCutShort: z.boolean().optional(),
  tool: toolWanted.optional(),
  toolCalls: matcher.optional(),
  /** ms */
  latency: latencyConditions.optional(),
  interruption: interruptionConditions.optional(),
};
const isAboutSomething = (one: object) => Object.keys(one).some((key) => key in turnConditions);
const nothingExpected = 'nothing is expected of the turn';

export const turnSelector = z.union([
  z.number().int().positive(),
  z.enum(['last', 'all', 'any', 'spoken']),
  z.record(z.string(), matcher).refine((facts) => Object.keys(facts).length > 0, 'no turn is named'),
]);
export type TurnSelector = z.infer<typeof turnSelector>;

/** Of turns of one conversation or several: docs/suites.md. */
export const turnExpectation = z
  .strictObject({ turn: turnSelector, conversation: z.number().int().positive().optional(), ...turnConditions })
  .refine(isAboutSomething, nothingExpected);
export type TurnExpectation = z.infer<typeof turnExpectation>;

const eventKind = z.enum(pipelineEventKinds);
export const eventExpectation = eventExpectationOf(eventKind, happeningOf(eventKind));

/** What of a whole session can be expected. */
export const sessionConditions = z.strictObject({
  turns: matcher.optional(),
  spokenTurns: matcher.optional(),
  /** Turns that were never answered, or failed, as latency statistics count them. */
  unanswered: matcher.optional(),
  interrupted: matcher.optional(),
  conversations: matcher.optional(),
  engineErrors: matcher.optional(),
  /** Times that playback ran dry. */
  underruns: matcher.optional(),
  dropped: matcher.optional(),
  durationMs: matcher.optional(),
  state: matcher.optional(),
  /** Of every conversation. */
  language: matcher.optional(),
  gateway: matcher.optional(),
  board: matcher.optional(),
  closeReason: matcher.optional(),
});

export const logWanted = z.strictObject({
  /** As in the monitor: text, or a regular expression. */
  text: z.string().min(1).max(2000).optional(),
  isRegexp: z.boolean().optional(),
  isCaseSensitive: z.boolean().optional(),
  /** This level and worse. */
  level: logLevel.optional(),
  tag: z.string().optional(),
  /** The beginning of the event's name. */
  event: z.string().optional(),
  port: z.string().optional(),
});

/** One or several, as docs/latency.md writes them. */
const assertionText = z.string().max(2000).superRefine(refineBy(parseAssertions));
/** As a budget file has it, written in place. */
export const budget = z.record(z.string(), z.unknown()).superRefine(refineBy((limits) => parseBudget(JSON.stringify(limits))));

export const sessionExpectation = z.union([
  turnExpectation,
  eventExpectation,
  z.strictObject({ session: sessionConditions.refine((one) => Object.keys(one).length > 0, 'nothing is expected of the session') }),
  /** Everything the user said, or the agent answered, in the session. */
  z.strictObject({ transcript: matcher, conversation: z.number().int().positive().optional() }),
  z.strictObject({ reply: matcher, conversation: z.number().int().positive().optional() }),
  z.strictObject({ tool: z.string(), where, times: times.optional(), absent: z.literal(true).optional() }),
  /** These calls, in this order; `only`: and no other. */
  z.strictObject({ tools: z.array(z.union([z.string(), toolWanted])), only: z.literal(true).optional() }),
  z.strictObject({ latency: assertionText }),
  z.strictObject({
    log: logWanted.refine((one) => Object.keys(one).length > 0, 'no row is named'),
    times: times.optional(),
    absent: z.literal(true).optional(),
  }),
]);
export type SessionExpectation = z.infer<typeof sessionExpectation>;

function refineBy<Value>(parse: (value: Value) => unknown) {
  return (value: Value, context: z.RefinementCtx) => {
    try {
      parse(value);
    } catch (error) {
      if (!isTalkError(error)) throw error;
      context.addIssue({ code: 'custom', message: Object.values(error.value.data).join(', ') });
    }
  };
}
