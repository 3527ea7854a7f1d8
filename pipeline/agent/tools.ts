import { TalkError, type TalkErrorValue } from '../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import type { LlmToolCall } from '../engines/llm/engine.ts';

export interface ToolResult {
  call: LlmToolCall;
  isOk: boolean;
  /** What the tool returned, or the error's value. */
  result: unknown;
  elapsedUs: number;
}

export interface ToolRunnerOptions {
  clock: Clock;
  timeoutMs: number;
  /** The conversation's, not the turn's: a tool that acts on the board is not undone by an interruption. */
  signal: AbortSignal;
  call(name: string, parameters: Record<string, unknown>, signal: AbortSignal): Promise<unknown>;
  onCall(call: LlmToolCall): void;
  /** Exactly once for each call. */
  onResult(result: ToolResult): void;
}

/** The one answer to a tool call. Its content is "still running" until the tool is through. */
export interface ToolAnswer {
  readonly call: LlmToolCall;
  readonly content: string;
  /** Never rejects. */
  readonly settled: Promise<void>;
}

const RUNNING = JSON.stringify({ status: 'running', note: 'the result will follow' });

export type RunTool = (call: LlmToolCall) => ToolAnswer;

/** Runs tools on the board; every call is answered exactly once: with its result, an error, or 'cancelled' at the end. */
export function createToolRunner(options: ToolRunnerOptions): RunTool {
  return (call) => {
    const startedUs = options.clock.nowUs();
    let content = RUNNING;
    options.onCall(call);
    const settled = outcomeOf(call, options).then((outcome) => {
      content = JSON.stringify(outcome.isOk ? (outcome.result ?? { status: 'ok' }) : { error: outcome.result });
      options.onResult({ call, ...outcome, elapsedUs: options.clock.nowUs() - startedUs });
    });
    return {
      call,
      get content() {
        return content;
      },
      settled,
    };
  };
}

/** An answer for a call that is not run. */
export function refusedCall(call: LlmToolCall, error: TalkErrorValue): ToolAnswer {
  return { call, content: JSON.stringify({ error }), settled: Promise.resolve() };
}

async function outcomeOf(call: LlmToolCall, options: ToolRunnerOptions): Promise<{ isOk: boolean; result: unknown }> {
  const { clock, timeoutMs, signal } = options;
  const giveUp = new AbortController();
  const timeout = new TalkError('tool/timeout', { name: call.name, timeoutMs }, { retryable: true });
  const cancelTimer = clock.at((clock.nowUs() + timeoutMs * 1000) as MonoUs, () => giveUp.abort(timeout));
  const onClose = () => giveUp.abort(new TalkError('cancelled'));
  signal.addEventListener('abort', onClose, { once: true });
  if (signal.aborted) onClose();
  try {
    // The board's side may ignore the signal: do not wait for it longer than the signal lasts.
    const givenUp = new Promise<never>((_resolve, reject) => {
      const fail = () => reject(giveUp.signal.reason);
      if (giveUp.signal.aborted) fail();
      else giveUp.signal.addEventListener('abort', fail, { once: true });
    });
    givenUp.catch(() => undefined);
    const result = await Promise.race([givenUp, invoke(call, options, giveUp.signal)]);
    return { isOk: true, result };
  } catch (error) {
    const talkError = error instanceof TalkError ? error : new TalkError('tool/failed', { name: call.name, reason: String(error) });
    return { isOk: false, result: talkError.value };
  } finally {
    cancelTimer();
    signal.removeEventListener('abort', onClose);
  }
}

async function invoke(call: LlmToolCall, options: ToolRunnerOptions, signal: AbortSignal): Promise<unknown> {
  signal.throwIfAborted();
  return options.call(call.name, call.arguments, signal);
}
