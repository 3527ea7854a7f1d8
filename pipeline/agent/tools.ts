import { TalkError, type TalkErrorValue } from '../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import type { LlmTool, LlmToolCall } from '../engines/llm/engine.ts';
import { checkArguments } from './arguments.ts';

/** Something the language model may call. */
export interface Tool {
  /** As the model is shown it. */
  definition: LlmTool;
  /** It changes nothing: may be abandoned when the turn is interrupted, and repeated. */
  isReadOnly: boolean;
  timeoutMs: number;
  /** Arguments are as `definition.parameters` wants them. Rejects with a TalkError. */
  run(parameters: Record<string, unknown>, signal: AbortSignal): Promise<unknown>;
}

export interface ToolResult {
  call: LlmToolCall;
  isOk: boolean;
  /** What the tool returned, or the error's value. */
  result: unknown;
  elapsedUs: number;
}

export interface ToolRunnerOptions {
  clock: Clock;
  /** The conversation's, not the turn's: what acts on the board is not undone by an interruption. */
  signal: AbortSignal;
  find(name: string): Tool | undefined;
  onCall(turnId: number, call: LlmToolCall): void;
  /** Exactly once for each call. */
  onResult(turnId: number, result: ToolResult): void;
}

/** The one answer to a tool call. Its content is "still running" until the tool is through. */
export interface ToolAnswer {
  /** As it is to stand in the history: its id is no other call's. */
  readonly call: LlmToolCall;
  readonly content: string;
  readonly isRunning: boolean;
  /** Never rejects. */
  readonly settled: Promise<void>;
}

/** `interrupted`: the turn's. Tools that only read are given up when it aborts; all others go on. */
export type RunTool = (call: LlmToolCall, interrupted?: AbortSignal) => ToolAnswer;

type Outcome = { isOk: true; result: unknown } | { isOk: false; result: TalkErrorValue };

/** More calls than the rounds of a history hold. */
const MOST_IDS = 1000;

const RUNNING = JSON.stringify({ status: 'running', note: 'the result will follow' });

/**
 * Runs the tools of one conversation. Every call is answered exactly once: with its result, an error, or 'cancelled' at the end. A call
 * that acts and still runs when the model, after an interruption, asks for the same again, is not made twice: both get its result.
 */
export class ToolRunner {
  readonly #options: ToolRunnerOptions;
  /** Of the calls that may stand in the history. */
  readonly #ids = new Set<string>();
  readonly #running = new Map<string, { turnId: number; outcome: Promise<Outcome> }>();

  constructor(options: ToolRunnerOptions) {
    this.#options = options;
  }

  forTurn(turnId: number): RunTool {
    return (asked, interrupted) => {
      const { clock, onCall, onResult } = this.#options;
      const call = { ...asked, id: this.#uniqueId(asked.id) };
      const startedUs = clock.nowUs();
      let content: string | undefined;
      onCall(turnId, call);
      const settled = this.#outcome(turnId, call, interrupted).then((outcome) => {
        content = contentOf(outcome);
        onResult(turnId, { call, ...outcome, elapsedUs: clock.nowUs() - startedUs });
      });
      return {
        call,
        get content() {
          return content ?? RUNNING;
        },
        get isRunning() {
          return content === undefined;
        },
        settled,
      };
    };
  }

  /** Some services number their calls from 1 in each answer, or not at all; in a history that is one call answered twice. */
  #uniqueId(id: string): string {
    const plain = id === '' ? 'call' : id;
    let unique = plain;
    for (let number = 2; unique === 'call' || this.#ids.has(unique); number += 1) unique = `${plain}-${number}`;
    this.#ids.add(unique);
    const [oldest] = this.#ids;
    if (this.#ids.size > MOST_IDS && oldest !== undefined) this.#ids.delete(oldest);
    return unique;
  }

  async #outcome(turnId: number, call: LlmToolCall, interrupted: AbortSignal | undefined): Promise<Outcome> {
    const tool = this.#options.find(call.name);
    if (!tool) return failure(new TalkError('tool/unknown', { name: call.name }));
    // Cut short or no JSON: what of it could be read is nothing to act on, and a tool that wants no arguments would act.
    if (call.malformed !== undefined) {
      const issues = [{ path: '', reason: 'wrong-type', expected: 'a JSON object', given: call.malformed.slice(0, 200) }];
      return failure(new TalkError('tool/bad-arguments', { name: call.name, issues }));
    }
    const checked = checkArguments(tool.definition.parameters, call.arguments);
    if (!checked.isOk) return failure(new TalkError('tool/bad-arguments', { name: call.name, issues: checked.issues }));
    if (tool.isReadOnly) return this.#run(call.name, tool, checked.value, interrupted);

    const key = JSON.stringify([call.name, checked.value]);
    const earlier = this.#running.get(key);
    if (earlier && earlier.turnId !== turnId) return earlier.outcome;
    const outcome = this.#run(call.name, tool, checked.value, undefined);
    const entry = { turnId, outcome };
    this.#running.set(key, entry);
    void outcome.then(() => {
      if (this.#running.get(key) === entry) this.#running.delete(key);
    });
    return outcome;
  }

  async #run(name: string, tool: Tool, parameters: Record<string, unknown>, interrupted: AbortSignal | undefined): Promise<Outcome> {
    const { clock, signal } = this.#options;
    const { timeoutMs } = tool;
    const giveUp = new AbortController();
    const timeout = new TalkError('tool/timeout', { name, timeoutMs }, { retryable: true });
    const cancelTimer = clock.at((clock.nowUs() + timeoutMs * 1000) as MonoUs, () => giveUp.abort(timeout));
    const ends = [signal, interrupted].filter((end) => end !== undefined);
    const onEnd = () => giveUp.abort(new TalkError('cancelled'));
    for (const end of ends) end.addEventListener('abort', onEnd, { once: true });
    if (ends.some((end) => end.aborted)) onEnd();
    try {
      // The tool's side may ignore the signal: do not wait for it longer than the signal lasts.
      const givenUp = new Promise<never>((_resolve, reject) => {
        const fail = () => reject(giveUp.signal.reason);
        if (giveUp.signal.aborted) fail();
        else giveUp.signal.addEventListener('abort', fail, { once: true });
      });
      givenUp.catch(() => undefined);
      const result = await Promise.race([givenUp, invoke(tool, parameters, giveUp.signal)]);
      return { isOk: true, result };
    } catch (error) {
      return failure(error instanceof TalkError ? error : new TalkError('tool/failed', { name, reason: String(error) }));
    } finally {
      cancelTimer();
      for (const end of ends) end.removeEventListener('abort', onEnd);
    }
  }
}

/** An answer for a call that is not run. */
export function refusedCall(call: LlmToolCall, error: TalkErrorValue): ToolAnswer {
  return { call, content: JSON.stringify({ error }), isRunning: false, settled: Promise.resolve() };
}

async function invoke(tool: Tool, parameters: Record<string, unknown>, signal: AbortSignal): Promise<unknown> {
  signal.throwIfAborted();
  return tool.run(parameters, signal);
}

function failure(error: TalkError): Outcome {
  return { isOk: false, result: error.value };
}

function contentOf({ isOk, result }: Outcome): string {
  try {
    return JSON.stringify(isOk ? (result ?? { status: 'ok' }) : { error: result }) ?? String(result);
  } catch {
    return JSON.stringify({ status: 'ok', note: 'the result cannot be written as JSON' });
  }
}
