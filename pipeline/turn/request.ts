import { TalkError } from '../../preload/contract/errors.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import type { AgentRequest } from '../agent/agent.ts';
import { sleepUntil } from '../clock.ts';
import type { LlmEvent, LlmToolCall } from '../engines/llm/engine.ts';
import { type ContentPiece, ContentSplitter } from './content.ts';
import { retryDelayMs, tellFailure } from './failures.ts';
import { type Caller, type RequestTag, tagRequest } from './request-headers.ts';
import { asTalkError, type Deadline, requested, type StageScope } from './stage.ts';
import type { Telling } from './telling.ts';
import type { Turn } from './turn.ts';

/** Between two events of an answer that has begun. */
const SILENCE_LIMIT_US = 15_000_000;

/** What is of use in a model's answer; its thoughts are told and left out. */
export type ModelPiece = Exclude<ContentPiece, { kind: 'reasoning' }> | { kind: 'tool-call'; call: LlmToolCall };

export interface ModelRequestOptions {
  turn: Turn;
  /** From 1 within the turn. */
  step: number;
  request: AgentRequest;
  language: string;
  caller: Caller;
  telling: Telling;
  scope: StageScope;
  /** Counted as they come, for an answer that may be thrown away. */
  onTokens?(count: { input: number; output: number }): void;
}

/**
 * One request to the turn's language model. `llmTimeoutS` is to the first token; a request that fails before it is tried
 * again `llmRetries` times under the same id, never one of which something was seen (a turn must not be said twice).
 */
export async function* requestModel(options: ModelRequestOptions): AsyncGenerator<ModelPiece> {
  const { turn, telling, scope } = options;
  const { engines, settings } = turn.configuration;
  const { llmRetries, llmTimeoutS } = settings.agent;
  const tag = tagRequest(options.caller);
  for (let attempt = 1; ; attempt += 1) {
    const progress = { hasToken: false };
    try {
      yield* tryOnce(options, tag, attempt, progress);
      return;
    } catch (error) {
      if (scope.signal.aborted) throw error;
      const { value } = asTalkError(error, 'llm', engines.llm.id);
      const delayMs = progress.hasToken || attempt > llmRetries ? undefined : retryDelayMs(value, llmTimeoutS * 1000);
      if (delayMs === undefined) {
        turn.failedRequests.llm = tag.requestId;
        throw error;
      }
      tellFailure(telling, { stage: 'llm', error: value, turnId: turn.id, requestId: tag.requestId, isBlocking: false });
      if (delayMs > 0) await sleepUntil(scope.clock, (scope.clock.nowUs() + delayMs * 1000) as MonoUs, scope.signal);
    }
  }
}

async function* tryOnce(
  options: ModelRequestOptions,
  tag: RequestTag,
  attempt: number,
  progress: { hasToken: boolean },
): AsyncGenerator<ModelPiece> {
  const { turn, step, request, language, telling, scope } = options;
  const { engines, settings } = turn.configuration;
  const { instants, id: turnId } = turn;
  const engine = engines.llm;
  const { clock, signal } = scope;
  const splitter = new ContentSplitter();
  const beganUs = clock.nowUs();
  const timeoutMs = settings.agent.llmTimeoutS * 1000;
  let isDone = false;

  const deadline = (): Deadline =>
    progress.hasToken
      ? { atUs: clock.nowUs() + SILENCE_LIMIT_US, timeoutMs: SILENCE_LIMIT_US / 1000 }
      : { atUs: beganUs + timeoutMs * 1000, timeoutMs };

  function onToken(): void {
    if (progress.hasToken) return;
    progress.hasToken = true;
    telling.event({ kind: 'llm.first-token', turnId });
    instants.firstTokenUs ??= clock.nowUs();
  }

  function* read(pieces: readonly ContentPiece[]): Generator<ModelPiece> {
    for (const piece of pieces) {
      if (piece.kind === 'reasoning') telling.event({ kind: 'llm.reasoning', turnId, text: piece.text });
      else {
        if (piece.kind === 'text' && instants.firstAnswerUs === undefined) {
          instants.firstAnswerUs = clock.nowUs();
          telling.event({ kind: 'llm.first-answer', turnId });
        }
        yield piece;
      }
    }
  }

  function tellDone(event: Extract<LlmEvent, { kind: 'done' }>): void {
    const { finish, inputTokens, outputTokens } = event;
    const counts = { ...(inputTokens !== undefined && { inputTokens }), ...(outputTokens !== undefined && { outputTokens }) };
    telling.event({ kind: 'llm.done', turnId, finish, ...counts });
    options.onTokens?.({ input: inputTokens ?? 0, output: 0 });
  }

  signal.throwIfAborted();
  telling.event({ kind: 'llm.request', turnId, engine: engine.id, model: engine.id, step, requestId: tag.requestId, attempt });
  if (instants.firstTokenUs === undefined) {
    turn.forgetRequest();
    instants.requestUs = beganUs;
  }
  const asked = { ...request, ...tag, model: engine.id, language };
  try {
    for await (const event of requested((own) => engine.respond(asked, own), scope, deadline)) {
      switch (event.kind) {
        case 'headers':
          telling.event({ kind: 'llm.headers', turnId });
          instants.headersUs ??= clock.nowUs();
          break;
        case 'reasoning':
          if (event.text === '') break;
          onToken();
          options.onTokens?.({ input: 0, output: 1 });
          telling.event({ kind: 'llm.reasoning', turnId, text: event.text });
          break;
        case 'text':
          if (event.text === '') break;
          onToken();
          options.onTokens?.({ input: 0, output: 1 });
          yield* read(splitter.push(event.text));
          break;
        case 'tool-call':
          onToken();
          yield { kind: 'tool-call', call: event.call };
          break;
        case 'done':
          yield* read(splitter.flush());
          isDone = true;
          tellDone(event);
          break;
      }
      // What an engine does after its last word is not waited for.
      if (isDone) return;
    }
    throw new TalkError('engine/cut', { stage: 'llm', engine: engine.id, reason: 'no end' }, { retryable: true });
  } finally {
    if (!isDone) telling.event({ kind: 'llm.done', turnId, finish: signal.aborted ? 'cancelled' : 'error' });
  }
}
