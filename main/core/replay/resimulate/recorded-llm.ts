import { sleepUntil } from '../../../../pipeline/clock.ts';
import type { LlmEngine, LlmEvent, LlmRequest } from '../../../../pipeline/engines/llm/engine.ts';
import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { Marks } from './marks.ts';
import { UNKNOWN_REPLY } from './placeholder.ts';
import type { RecordedAnswer, RecordedRequest } from './recorded-answers.ts';
import type { Typical } from './typical.ts';

export interface RecordedLlmOptions {
  clock: Clock;
  id: string;
  answers: readonly RecordedAnswer[];
  typical: Typical;
  marks: Marks;
}

export interface RecordedLlm extends LlmEngine {
  hear(event: PipelineEvent): void;
  /** The recorded turn whose answer a turn of this run got. */
  readonly answeredBy: ReadonlyMap<number, number>;
}

/**
 * Answers what was answered to the same words, each piece as long after the request as it came then. To words that were never asked, it
 * answers what nobody knows, as fast as the model usually was.
 */
export function createRecordedLlm({ clock, id, answers, typical, marks }: RecordedLlmOptions): RecordedLlm {
  const answeredBy = new Map<number, number>();
  const tries = new Map<string, number>();
  let turnId: number | undefined;

  function recordedFor(request: LlmRequest): RecordedRequest | undefined {
    const lastUser = request.messages.findLastIndex(({ role }) => role === 'user');
    const asked = request.messages[lastUser]?.content ?? '';
    const same = answers.filter(({ text, requests }) => requests.length > 0 && normalised(text) === normalised(asked));
    const nowUs = clock.nowUs();
    const [answer] = same.toSorted((one, other) => Math.abs(one.committedUs - nowUs) - Math.abs(other.committedUs - nowUs));
    if (answer === undefined) return undefined;
    if (turnId !== undefined) answeredBy.set(turnId, answer.turnId);
    const step =
      1 + request.messages.slice(lastUser).filter((each) => each.role === 'assistant' && (each.toolCalls?.length ?? 0) > 0).length;
    const ofStep = answer.requests.filter((each) => each.step === step);
    const key = request.requestId ?? '';
    const attempt = tries.get(key) ?? 0;
    tries.set(key, attempt + 1);
    return ofStep[Math.min(attempt, ofStep.length - 1)];
  }

  async function* respond(request: LlmRequest, signal: AbortSignal, own: number | undefined): AsyncGenerator<LlmEvent> {
    const beganUs = clock.nowUs();
    const after = (us: number) => sleepUntil(clock, Math.max(clock.nowUs(), beganUs + Math.round(us)) as MonoUs, signal);
    if (request.purpose === 'summary') {
      yield { kind: 'done', finish: 'stop' };
      return;
    }
    const recorded = recordedFor(request);
    if (recorded === undefined) {
      marks.add(own, 'reply');
      await after(typical.headersUs);
      yield { kind: 'headers' };
      await after(typical.answerUs);
      yield { kind: 'text', text: UNKNOWN_REPLY };
      await after(typical.answerUs + typical.firstChunkUs);
      yield { kind: 'text', text: '。' };
      yield { kind: 'done', finish: 'stop' };
      return;
    }
    const { headersAfterUs, pieces, toolCalls, done, failure } = recorded;
    if (headersAfterUs !== null) {
      await after(headersAfterUs);
      yield { kind: 'headers' };
    }
    for (const { afterUs, kind, text } of pieces) {
      await after(afterUs);
      yield { kind, text };
    }
    if (failure !== null && done === null) {
      // A model that said nothing in time says nothing now: how long it is waited for is a setting.
      if (failure.error.code === 'engine/timeout') await silent(signal);
      await after(failure.afterUs);
      throw TalkError.from(failure.error);
    }
    // Cut off then: what else there would have been nobody knows.
    if (done === null) marks.add(own, 'reply');
    else await after(done.afterUs);
    for (const [index, call] of toolCalls.entries()) yield { kind: 'tool-call', call: { id: `call-${index + 1}`, ...call } };
    yield { kind: 'done', finish: done?.finish ?? 'stop' };
  }

  return {
    id,
    answeredBy,
    async *respond(request, signal) {
      try {
        yield* respond(request, signal, turnId);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    hear(event) {
      if (event.kind === 'llm.request') turnId = event.turnId;
    },
  };
}

function silent(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** What was said, whatever way it is written down. */
export function normalised(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}…]+/gu, '');
}
