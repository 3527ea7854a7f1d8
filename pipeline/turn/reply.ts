import type { StageName } from '../../preload/contract/events.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import type { History } from '../agent/history.ts';
import type { RunTool } from '../agent/tools.ts';
import type { Pacer } from '../audio/pacer.ts';
import { Channel } from '../channel.ts';
import type { Engines } from '../conversation.ts';
import type { LlmMessage, LlmTool } from '../engines/llm/engine.ts';
import type { Chunk } from './aggregate.ts';
import { chunksOf } from './chunks.ts';
import { generate, type ReplyText } from './generate.ts';
import { speak } from './speak.ts';
import { asTalkError, type StageScope } from './stage.ts';
import type { Telling } from './telling.ts';
import type { Turn } from './turn.ts';

/** Where a reply's text comes from: the language model, or given. */
export type ReplySource = { kind: 'model' } | { kind: 'text'; text: string };

export interface ReplyDeps {
  clock: Clock;
  engines: Pick<Engines, 'llm' | 'tts'>;
  language: string;
  preamble: readonly LlmMessage[];
  history: History;
  tools(): readonly LlmTool[];
  runTool(turn: Turn): RunTool;
  pacer: Pacer;
  frameMs: number;
  telling: Telling;
  onSentence(turn: Turn, chunk: Chunk, playUs: MonoUs): void;
  onLeadKnown(turn: Turn, leadUs: number): void;
  onFailure(turn: Turn, stage: StageName, error: unknown): void;
}

/**
 * Makes one turn's reply: text, chunks, audio, frames in the pacer. Resolves when everything is queued, or as much of it
 * as a failed engine left; never rejects. After the turn's abort nothing more is queued or told.
 */
export async function reply(turn: Turn, source: ReplySource, deps: ReplyDeps): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([turn.abort.signal, stop.signal]);
  const telling = whileAlive(deps.telling, signal);
  const scope = (stage: StageName, engine: string): StageScope => ({
    clock: deps.clock,
    signal,
    stage,
    engine,
    onLeak: (leaked) => deps.telling.event({ kind: 'stage.leaked', turnId: turn.id, stage: leaked }),
  });
  const feed = new Channel<ReplyText>();

  async function write(): Promise<void> {
    if (source.kind === 'text') {
      turn.round?.steps.push({ text: source.text, toolAnswers: [] });
      turn.ledger.generated(source.text);
      feed.push({ text: source.text });
      feed.end();
      return;
    }
    turn.told.thinking = true;
    telling.message({ kind: 'bot-thinking-started' });
    try {
      const { engines, language, preamble, history } = deps;
      const common = { turn, language, preamble, history, telling, scope };
      await generate({ ...common, engine: engines.llm, tools: deps.tools(), runTool: deps.runTool(turn) }, feed);
    } catch (error) {
      // What was generated before the failure is still spoken.
      if (!signal.aborted) deps.onFailure(turn, 'llm', asTalkError(error, 'llm', deps.engines.llm.id));
    }
    if (!signal.aborted) {
      turn.told.thinking = false;
      telling.message({ kind: 'bot-thinking-stopped' });
    }
    feed.end();
  }

  async function read(): Promise<void> {
    const chunks = chunksOf(feed, deps.clock);
    try {
      if (turn.isSpoken) {
        const { language, pacer, frameMs } = deps;
        await speak(chunks, {
          turn,
          engine: deps.engines.tts,
          language,
          pacer,
          frameMs,
          telling,
          scope: scope('tts', deps.engines.tts.id),
          onSentence: (chunk, playUs) => deps.onSentence(turn, chunk, playUs),
          onLeadKnown: (leadUs) => deps.onLeadKnown(turn, leadUs),
        });
      } else for await (const chunk of chunks) telling.message({ kind: 'bot-sentence', text: chunk.spoken });
    } catch (error) {
      if (!signal.aborted) deps.onFailure(turn, 'tts', asTalkError(error, 'tts', deps.engines.tts.id));
      stop.abort(error);
    }
  }

  await Promise.all([write(), read()]);
}

/** Tells nothing more to the board after the abort; events still tell how the stages ended. */
function whileAlive(telling: Telling, signal: AbortSignal): Telling {
  return {
    event: telling.event,
    message: (message) => {
      if (!signal.aborted) telling.message(message);
    },
  };
}
