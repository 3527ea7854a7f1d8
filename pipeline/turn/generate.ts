import type { History, ReplyStep } from '../agent/history.ts';
import { type RunTool, refusedCall } from '../agent/tools.ts';
import type { Channel } from '../channel.ts';
import type { LlmEngine, LlmMessage, LlmTool, LlmToolCall } from '../engines/llm/engine.ts';
import { raced, type StageScope, staged } from './stage.ts';
import type { Telling } from './telling.ts';
import type { Turn } from './turn.ts';

/** Requests to the language model in one turn; the last one gets no tools. */
const MAX_STEPS = 3;
const SILENCE_LIMIT_US = 30_000_000;

/** Reply text on its way to be cut into chunks. A flush ends a part: what is pending is to be spoken now. */
export type ReplyText = { text: string } | 'flush';

export interface GenerateOptions {
  turn: Turn;
  engine: LlmEngine;
  language: string;
  preamble: readonly LlmMessage[];
  history: History;
  tools: readonly LlmTool[];
  runTool: RunTool;
  telling: Telling;
  scope: (stage: 'llm' | 'tool', engine: string) => StageScope;
}

/** Asks the language model, runs the tools it calls, asks again; the text goes out through `feed` as it comes. */
export async function generate(options: GenerateOptions, feed: Channel<ReplyText>): Promise<void> {
  const { turn, tools } = options;
  for (let step = 1; step <= MAX_STEPS; step += 1) {
    const isLast = step === MAX_STEPS;
    const record: { text: string; toolAnswers: ReplyStep['toolAnswers'] } = { text: '', toolAnswers: [] };
    const calls = await ask(options, step, isLast ? [] : tools, record, feed);
    feed.push('flush');
    if (calls.length === 0) return;
    const answers = calls.map((call) =>
      isLast ? refusedCall(call, { code: 'cancelled', data: { name: call.name }, retryable: false }) : options.runTool(call),
    );
    record.toolAnswers = answers;
    if (!turn.round?.steps.includes(record)) turn.round?.steps.push(record);
    if (isLast) return;
    const settled = Promise.all(answers.map((answer) => answer.settled));
    // An interruption leaves the tools running; their answers reach the history when they come.
    await raced(settled, { ...options.scope('tool', 'board'), onLeak: () => undefined });
  }
}

async function ask(
  options: GenerateOptions,
  step: number,
  tools: readonly LlmTool[],
  record: { text: string; toolAnswers: ReplyStep['toolAnswers'] },
  feed: Channel<ReplyText>,
): Promise<LlmToolCall[]> {
  const { turn, engine, telling, history, preamble, language } = options;
  const turnId = turn.id;
  const scope = options.scope('llm', engine.id);
  const { instants } = turn;
  const now = () => scope.clock.nowUs();
  scope.signal.throwIfAborted();
  const messages = [...preamble, ...history.messages()];
  telling.event({ kind: 'llm.request', turnId, engine: engine.id, model: engine.id, step });
  instants.requestUs ??= now();
  const calls: LlmToolCall[] = [];
  let hasToken = false;
  let isDone = false;
  const onToken = () => {
    if (hasToken) return;
    hasToken = true;
    telling.event({ kind: 'llm.first-token', turnId });
    instants.firstTokenUs ??= now();
  };
  try {
    for await (const event of staged(
      engine.respond({ model: engine.id, language, messages, tools }, scope.signal),
      scope,
      SILENCE_LIMIT_US,
    )) {
      switch (event.kind) {
        case 'headers':
          telling.event({ kind: 'llm.headers', turnId });
          instants.headersUs ??= now();
          break;
        case 'reasoning':
          onToken();
          break;
        case 'text':
          if (event.text === '') break;
          onToken();
          if (turn.ledger.replyText === '') telling.event({ kind: 'llm.first-answer', turnId });
          if (record.text === '') turn.round?.steps.push(record);
          record.text += event.text;
          turn.ledger.generated(event.text);
          telling.event({ kind: 'llm.text', turnId, text: event.text });
          telling.message({ kind: 'bot-text', text: event.text });
          feed.push({ text: event.text });
          break;
        case 'tool-call':
          onToken();
          calls.push(event.call);
          break;
        case 'done':
          isDone = true;
          telling.event({
            kind: 'llm.done',
            turnId,
            finish: event.finish,
            ...(event.inputTokens !== undefined && { inputTokens: event.inputTokens }),
            ...(event.outputTokens !== undefined && { outputTokens: event.outputTokens }),
          });
          break;
      }
    }
  } finally {
    if (!isDone) telling.event({ kind: 'llm.done', turnId, finish: scope.signal.aborted ? 'cancelled' : 'error' });
  }
  return calls;
}
