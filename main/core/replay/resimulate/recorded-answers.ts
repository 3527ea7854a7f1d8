import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { RecordedFailure } from './recorded.ts';

export interface RecordedPiece {
  afterUs: number;
  kind: 'text' | 'reasoning';
  text: string;
}

/** One request to the language model: everything counts from it. */
export interface RecordedRequest {
  step: number;
  atUs: number;
  headersAfterUs: number | null;
  firstAnswerAfterUs: number | null;
  pieces: RecordedPiece[];
  toolCalls: { name: string; arguments: Record<string, unknown> }[];
  done: { afterUs: number; finish: 'stop' | 'tool-calls' | 'length' } | null;
  failure: RecordedFailure | null;
}

/** What was asked with a turn's words, and everything that was answered. */
export interface RecordedAnswer {
  turnId: number;
  text: string;
  committedUs: number;
  requests: readonly RecordedRequest[];
  /** First chunk for the voice after the first word, where both were recorded. */
  firstChunkAfterUs: number | null;
}

export function recordedAnswers(events: readonly PipelineEvent[]): RecordedAnswer[] {
  const byTurn = new Map<number, PipelineEvent[]>();
  for (const event of events) {
    if (!('turnId' in event) || event.turnId === undefined) continue;
    const own = byTurn.get(event.turnId) ?? [];
    byTurn.set(event.turnId, own);
    own.push(event);
  }
  return [...byTurn].flatMap(([turnId, own]) => answerOf(turnId, own) ?? []);
}

function answerOf(turnId: number, events: readonly PipelineEvent[]): RecordedAnswer | undefined {
  const committed = events.find((event) => event.kind === 'turn.committed');
  if (committed === undefined) return undefined;
  // What was thrown away was an answer to other words.
  const thrownAway = events.findLastIndex((event) => event.kind === 'turn.preempted' && !event.isUsed);
  const requests: RecordedRequest[] = [];
  let chunkUs: number | undefined;
  let answerUs: number | undefined;
  for (const event of events.slice(thrownAway + 1)) {
    if (event.kind === 'llm.request') requests.push(requestOf(event.step, event.atUs));
    else if (event.kind === 'llm.first-chunk') chunkUs ??= event.atUs;
    const request = requests.at(-1);
    if (request === undefined) continue;
    if (event.kind === 'llm.first-answer') answerUs ??= event.atUs;
    note(request, event);
  }
  const preempted = events.find((event) => event.kind === 'turn.preempted' && event.isUsed);
  if (preempted !== undefined) backToFirstAnswer(requests[0], preempted.atUs);
  return {
    turnId,
    text: committed.text,
    committedUs: committed.atUs,
    requests: requests.filter(({ pieces, toolCalls, done, failure }) => pieces.length + toolCalls.length > 0 || done || failure),
    firstChunkAfterUs: chunkUs === undefined || answerUs === undefined ? null : Math.max(0, chunkUs - answerUs),
  };
}

function requestOf(step: number, atUs: number): RecordedRequest {
  return {
    step,
    atUs,
    headersAfterUs: null,
    firstAnswerAfterUs: null,
    pieces: [],
    toolCalls: [],
    done: null,
    failure: null,
  };
}

function note(request: RecordedRequest, event: PipelineEvent): void {
  const afterUs = Math.max(0, event.atUs - request.atUs);
  if (event.kind === 'llm.headers') request.headersAfterUs ??= afterUs;
  else if (event.kind === 'llm.first-answer') request.firstAnswerAfterUs ??= afterUs;
  else if (event.kind === 'llm.text') request.pieces.push({ afterUs, kind: 'text', text: event.text });
  else if (event.kind === 'llm.reasoning') request.pieces.push({ afterUs, kind: 'reasoning', text: event.text });
  else if (event.kind === 'llm.done') {
    if (event.finish !== 'cancelled' && event.finish !== 'error') request.done ??= { afterUs, finish: event.finish };
  } else if (event.kind === 'tool.call') {
    request.toolCalls.push({ name: event.name, arguments: (event.arguments ?? {}) as Record<string, unknown> });
  } else if (event.kind === 'engine.error' && event.stage === 'llm') request.failure ??= { afterUs, error: event.error };
}

/** Of an answer that was held until the commit, only its first word's own time is known: what was told at the commit had come before. */
function backToFirstAnswer(request: RecordedRequest | undefined, takenUs: number): void {
  if (request === undefined || request.firstAnswerAfterUs === null) return;
  const takenAfterUs = takenUs - request.atUs;
  for (const piece of request.pieces) if (Math.abs(piece.afterUs - takenAfterUs) <= TAKEN_US) piece.afterUs = request.firstAnswerAfterUs;
}

const TAKEN_US = 5_000;
