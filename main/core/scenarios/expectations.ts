import type { LlmRequest } from '../../../pipeline/engines/llm/engine.ts';
import type { ScenarioCheck } from '../../../preload/contract/scenarios.ts';
import type { TurnRecord } from '../../../preload/contract/sessions.ts';
import { described } from '../quality/expectations/described.ts';
import { findEvent, happened } from '../quality/expectations/event.ts';
import { allMet, type Finding, met, unmet } from '../quality/expectations/finding.ts';
import { matches } from '../quality/expectations/matcher.ts';
import { findTurns } from '../quality/expectations/turn.ts';
import type { ScenarioEvent } from './run.ts';
import type { Expectation } from './schema.ts';

/** What a scenario's run left to be judged. */
export interface ScenarioFacts {
  events: readonly ScenarioEvent[];
  turns: readonly TurnRecord[];
  requests: readonly LlmRequest[];
  /** When each step had been made. */
  stepEndsUs: readonly number[];
  startedUs: number;
  speaker: { playedMs: number; underruns: number; overflows: number };
}

export function checkExpectation(expectation: Expectation, facts: ScenarioFacts): Pick<ScenarioCheck, 'text' | 'isMet' | 'found'> {
  const { isMet, found } = findingOf(expectation, facts);
  return { text: described(expectation), isMet, found };
}

/** What every conversation is held to, whatever a scenario is about. */
export function checkSoundness({ events }: ScenarioFacts): ScenarioCheck {
  const faults = events.flatMap((event) => {
    if (event.kind === 'stage.leaked') return [`the ${event.stage} stage did not stop`];
    if (event.kind === 'engine.error' && event.error.code === 'internal') return ['an internal error'];
    if (event.kind !== 'tool.call') return [];
    const answers = events.filter((other) => other.kind === 'tool.result' && other.callId === event.callId).length;
    return answers === 1 ? [] : [`${answers} answers to the tool call ${event.callId}`];
  });
  return { text: 'nothing leaks, each tool call has one answer', line: null, isMet: faults.length === 0, found: faults.join('; ') || 'so' };
}

function findingOf(expectation: Expectation, facts: ScenarioFacts): Finding {
  if ('event' in expectation) return findEvent(expectation, facts.events, (atUs) => referenceUs(expectation.since, atUs, facts));
  if ('turn' in expectation) return findTurns(expectation, facts.turns);
  if ('request' in expectation) return findRequest(expectation, facts);
  return allMet(expectation.speaker, facts.speaker);
}

function referenceUs(since: Extract<Expectation, { event: string }>['since'], atUs: number, facts: ScenarioFacts): number {
  if (since === undefined) return facts.stepEndsUs.findLast((endUs) => endUs <= atUs) ?? facts.startedUs;
  if ('step' in since) return facts.stepEndsUs[since.step - 1] ?? Number.POSITIVE_INFINITY;
  return facts.events.find((event) => happened(event, since))?.atUs ?? Number.POSITIVE_INFINITY;
}

function findRequest(expectation: Extract<Expectation, { request: unknown }>, { requests }: ScenarioFacts): Finding {
  const request = expectation.request === 'last' ? requests.at(-1) : requests[expectation.request - 1];
  if (request === undefined) return unmet('count', `${requests.length} requests`);
  const messages = request.messages.filter(({ role }) => role === expectation.role);
  const found = messages.map(({ content }) => `“${content.slice(0, 200)}”`).join(' ') || 'no message of that role';
  return messages.some(({ content }) => matches(content, expectation.content)) ? met(found) : unmet('value', found);
}
