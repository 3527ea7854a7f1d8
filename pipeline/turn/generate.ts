import type { Agent, AgentRequest } from '../agent/agent.ts';
import type { ReplyStep, Round } from '../agent/history.ts';
import { type RunTool, refusedCall, type ToolAnswer } from '../agent/tools.ts';
import type { Channel } from '../channel.ts';
import type { LlmToolCall } from '../engines/llm/engine.ts';
import { type ModelPiece, requestModel } from './request.ts';
import type { Caller } from './request-headers.ts';
import { raced, type StageScope, staged } from './stage.ts';
import type { Telling } from './telling.ts';
import type { Turn } from './turn.ts';

/**
 * Reply text on its way to be cut into chunks. A flush ends a part: what is pending is to be spoken now. A filler is said
 * and is no part of the reply.
 */
export type ReplyText = { text: string } | { filler: string } | 'flush';

export interface GenerateOptions {
  turn: Turn;
  /** The turn's. */
  round: Round;
  language: string;
  agent: Pick<Agent, 'request'>;
  caller: Caller;
  /** The first request, and its answer where that was begun before the turn was committed. */
  first: { request: AgentRequest; pieces: AsyncIterable<ModelPiece> | undefined };
  runTool: RunTool;
  /** Tools run; `settled` when all of them are through. */
  onTools(settled: Promise<unknown>): void;
  telling: Telling;
  scope: (stage: 'llm' | 'tool', engine: string) => StageScope;
}

/** Asks the language model, runs the tools it calls, asks again; the text goes out through `feed` as it comes. */
export async function generate(options: GenerateOptions, feed: Channel<ReplyText>): Promise<void> {
  const { turn, round, agent, first } = options;
  const { maxToolSteps } = turn.configuration.settings.agent;
  for (let step = 1; step <= maxToolSteps; step += 1) {
    const isLast = step === maxToolSteps;
    const record: { text: string; toolAnswers: readonly ToolAnswer[] } = { text: '', toolAnswers: [] };
    const request = step === 1 ? first.request : agent.request({ round });
    const pieces = step === 1 ? first.pieces : undefined;
    const calls = await ask(options, step, isLast ? { ...request, tools: [] } : request, pieces, record, feed);
    feed.push('flush');
    if (calls.length === 0) return;
    const answers = calls.map((call) =>
      isLast
        ? refusedCall(call, { code: 'cancelled', data: { name: call.name }, retryable: false })
        : options.runTool(call, turn.abort.signal),
    );
    record.toolAnswers = answers;
    if (!round.steps.includes(record)) round.steps.push(record);
    if (isLast) return;
    const settled = Promise.all(answers.map((answer) => answer.settled));
    options.onTools(settled);
    const scope = options.scope('tool', 'board');
    turn.toolsEndedUs = Number.POSITIVE_INFINITY;
    // An interruption leaves the tools running; their answers reach the history when they come.
    await raced(settled, { ...scope, onLeak: () => undefined });
    turn.toolsEndedUs = scope.clock.nowUs();
  }
}

/** For the board's display; once while it stays the same. */
export function tellEmotion(turn: Turn, emotion: string, telling: Pick<Telling, 'message'>): void {
  if (emotion !== turn.emotion) telling.message({ kind: 'emotion', emotion });
  turn.emotion = emotion;
}

/** One request: its text goes to the feed, the ledger and the history; its tool calls are returned. */
async function ask(
  options: GenerateOptions,
  step: number,
  request: AgentRequest,
  begun: AsyncIterable<ModelPiece> | undefined,
  record: ReplyStep,
  feed: Channel<ReplyText>,
): Promise<LlmToolCall[]> {
  const { turn, round, telling, language, caller } = options;
  const turnId = turn.id;
  const scope = options.scope('llm', turn.configuration.engines.llm.id);
  const calls: LlmToolCall[] = [];
  const pieces = begun ? staged(begun, scope) : requestModel({ turn, step, request, language, caller, telling, scope });
  for await (const piece of pieces) {
    switch (piece.kind) {
      case 'text':
        if (record.text === '') round.steps.push(record);
        record.text += piece.text;
        turn.ledger.generated(piece.text);
        telling.event({ kind: 'llm.text', turnId, text: piece.text });
        telling.message({ kind: 'bot-text', text: piece.text });
        feed.push({ text: piece.text });
        break;
      case 'emotion':
        tellEmotion(turn, piece.emotion, telling);
        break;
      case 'tool-call':
        calls.push(piece.call);
        break;
    }
  }
  return calls;
}
