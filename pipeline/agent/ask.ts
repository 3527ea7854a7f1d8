import { TalkError } from '../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import { orAborted } from '../engines/abort.ts';
import type { LlmEngine, LlmMessage } from '../engines/llm/engine.ts';

/** No summary is longer, characters. */
const LONGEST_ANSWER = 8000;

/**
 * Asks a language model something beside the conversation and gives its whole answer. Rejects with its TalkError, 'engine/timeout' after
 * `timeoutMs`, or the signal's reason; never waits for an engine that does not stop.
 */
export async function ask(
  engine: LlmEngine,
  question: { messages: readonly LlmMessage[]; language: string },
  options: { clock: Clock; timeoutMs: number; signal?: AbortSignal },
): Promise<string> {
  const { clock, timeoutMs, signal } = options;
  const giveUp = new AbortController();
  const timeout = new TalkError('engine/timeout', { stage: 'llm', engine: engine.id, timeoutMs }, { retryable: true });
  const cancel = clock.at((clock.nowUs() + timeoutMs * 1000) as MonoUs, () => giveUp.abort(timeout));
  const stop = signal === undefined ? giveUp.signal : AbortSignal.any([signal, giveUp.signal]);
  const request = { model: engine.id, purpose: 'summary' as const, tools: [], ...question };
  const events = engine.respond(request, stop)[Symbol.asyncIterator]();
  let answer = '';
  try {
    for (let next = await orAborted(events.next(), stop); next.done !== true; next = await orAborted(events.next(), stop)) {
      if (next.value.kind === 'text') answer = `${answer}${next.value.text}`.slice(0, LONGEST_ANSWER);
    }
    // An aborted engine ends as one that is through.
    stop.throwIfAborted();
    return answer.trim();
  } finally {
    cancel();
    // One that hangs does not return either.
    events.return?.().catch(() => {});
  }
}
