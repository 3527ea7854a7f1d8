import { z } from 'zod';
import { scriptSchema } from '../../../pipeline/engines/llm/script-file.ts';
import { scriptedSttConfig } from '../../../pipeline/engines/scripted/stt.ts';
import { scriptedTtsConfig } from '../../../pipeline/engines/scripted/tts.ts';
import { matcher, where } from '../quality/expectations/matcher.ts';
import { eventExpectationOf, happeningOf, pipelineEventKinds, turnExpectation } from '../quality/expectations/schema.ts';

/** What happened at the board, besides the pipeline's own events: what it was told, and what its speaker did. */
export const boardEventKinds = ['board.message', 'board.audible', 'board.silent', 'board.tool'] as const;
const eventKind = z.enum([...pipelineEventKinds, ...boardEventKinds]);

export const happening = happeningOf(eventKind);

const milliseconds = z.number().min(0).max(600_000);

/** When a step is made: after what came before it, or so long after something happened (the first since the step before began). */
const moment = {
  after: z.strictObject({ event: eventKind, where, delayMs: milliseconds.default(0) }).optional(),
  /** From the conversation's beginning, ms. */
  atMs: milliseconds.optional(),
};
const speech = {
  /** What a scripted recogniser makes of it. */
  heardAs: z.string().optional(),
  /** A scripted user takes so long over it. */
  durationMs: milliseconds.optional(),
};

export const step = z.union([
  z.strictObject({ ...moment, ...speech, say: z.string().min(1) }),
  z.strictObject({ ...moment, ...speech, wav: z.string() }),
  /** A sound of so many ms that nobody takes for words: a door, a cough. */
  z.strictObject({ ...moment, sound: milliseconds }),
  /** The board sends text (`TWeTalk_WS_SendTextToLLM`). */
  z.strictObject({ ...moment, send: z.string().min(1) }),
  /** From the bench: text past the recogniser, and what the agent is to say. */
  z.strictObject({ ...moment, inject: z.string().min(1) }),
  z.strictObject({ ...moment, speak: z.string().min(1) }),
  z.strictObject({ ...moment, interrupt: z.literal(true) }),
  z.strictObject({ ...moment, button: z.enum(['down', 'up']) }),
  z.strictObject({ ...moment, image: z.string(), question: z.string().optional() }),
  /** Nothing, for so many ms. */
  z.strictObject({ ...moment, silence: milliseconds }),
  /** Waits until it happens, for so long at most. */
  z.strictObject({ waitFor: eventKind, where, timeoutMs: milliseconds.default(15_000) }),
  /** An edit of the settings while the conversation runs. */
  z.strictObject({ ...moment, set: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  z.strictObject({ ...moment, hangUp: z.literal(true) }),
]);
export type Step = z.infer<typeof step>;

/** What suites expect of sessions too (docs/suites.md), and what only a scenario knows of. */
export const expectation = z.union([
  /** Without `since` after the last step before it ended. */
  eventExpectationOf(eventKind, z.union([happening, z.strictObject({ step: z.number().int().positive() })])),
  turnExpectation,
  /** What the language model was asked with: some message of that role fits. */
  z.strictObject({
    request: z.union([z.number().int().positive(), z.literal('last')]),
    role: z.enum(['system', 'user', 'assistant', 'tool']),
    content: matcher,
  }),
  /** Of the board: how much it played in all, ms, and how often it ran dry or over. */
  z.strictObject({
    speaker: z.strictObject({ playedMs: matcher.optional(), underruns: matcher.optional(), overflows: matcher.optional() }),
  }),
]);
export type Expectation = z.infer<typeof expectation>;

export const scenario = z.strictObject({
  name: z.string().min(1).max(120),
  language: z.enum(['zh', 'en']).default('zh'),
  board: z
    .strictObject({
      audioType: z.enum(['opus', 'pcm']).default('opus'),
      audioInterval: z.union([z.literal(20), z.literal(40), z.literal(60)]).default(60),
      customParams: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  /** The bench's settings, over their defaults; no greeting unless one is given. */
  settings: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  /** Over them, the weakest first, as an agent's, a product's and a device's are. */
  layers: z
    .array(z.record(z.string(), z.record(z.string(), z.unknown())))
    .max(6)
    .default([]),
  /** A name is an embedded engine, a profile or 'auto'; anything else is scripted, with its delays. */
  engines: z
    .strictObject({
      vad: z.string().default('scripted'),
      stt: z.union([z.string(), scriptedSttConfig]).prefault({}),
      llm: z.union([z.string(), scriptSchema]).prefault({ replies: [] }),
      tts: z.union([z.string(), scriptedTtsConfig]).prefault({}),
    })
    .prefault({}),
  /** What the board does when an action is asked of it, besides what its firmware does; one without an answer never answers. */
  tools: z
    .record(
      z.string(),
      z.strictObject({
        delayMs: milliseconds.default(0),
        response: z.record(z.string(), z.unknown()).optional(),
        /** Fails with this code. */
        code: z.number().int().default(0),
        isSilent: z.boolean().default(false),
      }),
    )
    .default({}),
  steps: z.array(step).min(1).max(200),
  /** The end, after the last step; a turn that ends unless another thing is said. */
  until: z.strictObject({ event: eventKind, where, timeoutMs: milliseconds.default(15_000) }).optional(),
  /** How much longer it is looked at, ms. */
  settleMs: milliseconds.default(100),
  expect: z.array(expectation).min(1).max(200),
});
export type Scenario = z.output<typeof scenario>;
