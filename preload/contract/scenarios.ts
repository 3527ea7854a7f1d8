import { z } from 'zod';
import { turnInitiator, turnOutcome } from './events.ts';

/** Whose engines a scenario runs with: its own, or all scripted, or the embedded ones for hearing and speaking. */
export const scenarioEngines = z.enum(['own', 'fake', 'embedded']);

/** One expectation of a scenario and what was found. */
export const scenarioCheck = z.object({
  /** The expectation in one line. */
  text: z.string(),
  /** Where it stands in the file; null for what every scenario is held to. */
  line: z.number().int().nullable(),
  isMet: z.boolean(),
  found: z.string(),
});

export const scenarioReport = z.object({
  name: z.string(),
  isPassed: z.boolean(),
  durationMs: z.number(),
  conversationId: z.string().nullable(),
  sessionId: z.string().nullable(),
  checks: z.array(scenarioCheck),
  turns: z.array(
    z.object({
      turnId: z.number().int(),
      initiator: turnInitiator,
      outcome: turnOutcome.nullable(),
      userText: z.string(),
      replyText: z.string(),
      heardText: z.string(),
      /** U1 → D1, and its parts; null where a bound is missing. */
      totalMs: z.number().nullable(),
      parts: z.record(z.string(), z.number()),
    }),
  ),
  /** What happened, from the conversation's beginning on; audio and wire messages left out. */
  timeline: z.array(z.object({ atMs: z.number(), kind: z.string(), facts: z.record(z.string(), z.unknown()) })),
});

export const scenarioCalls = {
  /** Plays a scenario file with a virtual board of its own over real sockets. Fails with 'scenario/bad-file' {line?, reason}. Cancellable. */
  'scenarios.run': {
    request: z.object({
      /** The file's text, YAML. */
      yaml: z.string().max(1_000_000),
      /** Where the recordings and images that it names lie. */
      folder: z.string().default('.'),
      engines: scenarioEngines.default('own'),
    }),
    reply: scenarioReport,
    role: 'operator',
  },
} as const;

export type ScenarioEngines = z.infer<typeof scenarioEngines>;
export type ScenarioCheck = z.infer<typeof scenarioCheck>;
export type ScenarioReport = z.infer<typeof scenarioReport>;
