import type { Clock } from '../../preload/contract/time.ts';
import type { Agent, AgentRequest } from '../agent/agent.ts';
import { Channel } from '../channel.ts';
import type { LlmImage } from '../engines/llm/engine.ts';
import { tellFailure } from './failures.ts';
import type { Configuration } from './live.ts';
import { type ModelPiece, requestModel } from './request.ts';
import type { Caller } from './request-headers.ts';
import { asTalkError, type StageScope } from './stage.ts';
import type { Telling } from './telling.ts';
import type { Turn } from './turn.ts';

/** Preemptive requests in one turn: each one costs tokens whether it is used or not. */
const MOST_TRIES = 2;

export interface PreemptionDeps {
  clock: Clock;
  language: string;
  agent: Pick<Agent, 'draft' | 'request'>;
  caller: Caller;
  telling: Telling;
}

/** An answer that was begun for what the user seems to have said. */
interface Try {
  readonly text: string;
  readonly signature: string;
  readonly configuration: Configuration;
  readonly pieces: Channel<ModelPiece>;
  readonly abort: AbortController;
  readonly tokens: { input: number; output: number };
  hasFailed: boolean;
}

/**
 * Asks the language model before the endpoint is decided (reference/voice.md §3.2 rule 9). The answer is held: nothing of it
 * is spoken, told to the board or kept, and no tool it calls is run, before the turn is committed with the same text,
 * history, tools, settings and engine. Otherwise it is thrown away, and its tokens are counted as wasted.
 */
export class Preemption {
  readonly #deps: PreemptionDeps;
  readonly #turn: Turn;
  #tries = 0;
  #try: Try | undefined;
  /** The answer that is used. */
  #taken: Try | undefined;

  constructor(turn: Turn, deps: PreemptionDeps) {
    this.#turn = turn;
    this.#deps = deps;
  }

  /** What the user has said so far may be all. */
  consider(text: string, images: readonly LlmImage[]): void {
    if (normalised(text) === '' || (this.#try && normalised(this.#try.text) === normalised(text))) return;
    this.discard('other-text');
    if (this.#tries >= MOST_TRIES) return;
    this.#tries += 1;
    const request = firstRequest(this.#deps.agent, this.#deps.agent.draft(text, images), this.#turn);
    const attempt: Try = {
      text,
      signature: signatureOf(request),
      configuration: this.#turn.configuration,
      pieces: new Channel(),
      abort: new AbortController(),
      tokens: { input: 0, output: 0 },
      hasFailed: false,
    };
    this.#try = attempt;
    void this.#run(attempt, request);
  }

  /** The committed turn's answer as far as it has come, if it is an answer to just this; `request` is what would be asked now. */
  take(text: string, request: AgentRequest): AsyncIterable<ModelPiece> | undefined {
    const attempt = this.#try;
    if (!attempt) return undefined;
    const reason = this.#mismatch(attempt, text, request);
    if (reason !== undefined) {
      this.discard(reason);
      return undefined;
    }
    this.#try = undefined;
    this.#taken = attempt;
    this.#deps.telling.event({ kind: 'turn.preempted', turnId: this.#turn.id, isUsed: true, reason: 'same' });
    return attempt.pieces;
  }

  /** The answer is not wanted. */
  discard(reason: string): void {
    const attempt = this.#try;
    if (!attempt) return;
    this.#try = undefined;
    attempt.abort.abort(new DOMException(reason, 'AbortError'));
    attempt.pieces.end();
    this.#turn.forgetRequest();
    const wastedTokens = attempt.tokens.input + attempt.tokens.output;
    this.#deps.telling.event({ kind: 'turn.preempted', turnId: this.#turn.id, isUsed: false, reason, wastedTokens });
  }

  /** The turn is over: what is still being made of a used answer is not wanted either. */
  end(): void {
    this.discard('turn-ended');
    this.#taken?.abort.abort(new DOMException('turn ended', 'AbortError'));
  }

  #mismatch(attempt: Try, text: string, request: AgentRequest): string | undefined {
    if (attempt.hasFailed) return 'failed';
    if (normalised(attempt.text) !== normalised(text)) return 'other-text';
    if (attempt.configuration !== this.#turn.configuration) return 'other-settings';
    if (attempt.signature !== signatureOf(request)) return 'other-request';
    return undefined;
  }

  async #run(attempt: Try, request: AgentRequest): Promise<void> {
    const { clock, language, caller, telling } = this.#deps;
    const turn = this.#turn;
    const engine = turn.configuration.engines.llm.id;
    const scope: StageScope = {
      clock,
      signal: attempt.abort.signal,
      stage: 'llm',
      engine,
      onLeak: (stage) => telling.event({ kind: 'stage.leaked', turnId: turn.id, stage }),
    };
    const onTokens = ({ input, output }: { input: number; output: number }) => {
      attempt.tokens.input += input;
      attempt.tokens.output += output;
    };
    // The board is told nothing of an answer that nobody waits for.
    const silent: Telling = { event: telling.event, message: () => undefined };
    try {
      for await (const piece of requestModel({ turn, step: 1, request, language, caller, telling: silent, scope, onTokens })) {
        attempt.pieces.push(piece);
      }
      attempt.pieces.end();
    } catch (error) {
      attempt.hasFailed = true;
      attempt.pieces.fail(error);
      if (attempt.abort.signal.aborted || attempt === this.#taken) return;
      const { value } = asTalkError(error, 'llm', engine);
      const requestId = turn.failedRequests.llm;
      tellFailure(silent, {
        stage: 'llm',
        error: value,
        turnId: turn.id,
        isBlocking: false,
        ...(requestId !== undefined && { requestId }),
      });
    }
  }
}

/** The request a turn begins with; without tools when there would be no second one to tell their results. */
export function firstRequest(agent: Pick<Agent, 'request'>, round: ReturnType<Agent['draft']>, turn: Turn): AgentRequest {
  const request = agent.request({ round });
  return turn.configuration.settings.agent.maxToolSteps > 1 ? request : { ...request, tools: [] };
}

/** What was said, whatever way it is written down. */
function normalised(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '');
}

/** Two requests with the same signature ask the same, apart from how the user's last words are written. */
function signatureOf({ messages, ...rest }: AgentRequest): string {
  const last = messages.findLastIndex((message) => message.role === 'user');
  const asked = messages.map((message, index) => (index === last ? { ...message, content: '' } : message));
  return JSON.stringify([asked, rest], (_key, value: unknown) => (value instanceof Uint8Array ? numberOf(value) : value));
}

/** Images are told apart by what they are, not by their bytes: those may be megabytes. */
const imageNumbers = new WeakMap<Uint8Array, number>();
let lastImageNumber = 0;

function numberOf(image: Uint8Array): number {
  const number = imageNumbers.get(image) ?? ++lastImageNumber;
  imageNumbers.set(image, number);
  return number;
}
