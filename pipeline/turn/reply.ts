import type { StageName } from '../../preload/contract/events.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import type { Agent } from '../agent/agent.ts';
import type { Round } from '../agent/history.ts';
import type { Pacer } from '../audio/pacer.ts';
import { Channel } from '../channel.ts';
import type { Chunk } from './aggregate.ts';
import { chunksOf } from './chunks.ts';
import { ContentSplitter } from './content.ts';
import { generate, type ReplyText, tellEmotion } from './generate.ts';
import { firstRequest } from './preempt.ts';
import type { Caller } from './request-headers.ts';
import { speak } from './speak.ts';
import type { StageScope } from './stage.ts';
import type { Telling } from './telling.ts';
import type { Turn } from './turn.ts';

/** Where a reply's text comes from: the language model, or given. */
export type ReplySource = { kind: 'model' } | { kind: 'text'; text: string };

export interface ReplyDeps {
  clock: Clock;
  language: 'zh' | 'en';
  agent: Pick<Agent, 'request' | 'runTool'>;
  caller: Caller;
  pacer: Pacer;
  frameMs: number;
  telling: Telling;
  onSentence(turn: Turn, chunk: Chunk, playUs: MonoUs): void;
  onLeadKnown(turn: Turn, leadUs: number): void;
  /** Tools run, until `settled`; an interruption of the turn does not end them. */
  onTools(settled: Promise<unknown>): void;
  onFailure(turn: Turn, stage: StageName, error: unknown): void;
}

/**
 * Makes one turn's reply: text, chunks, audio, frames in the pacer. Resolves when everything is queued, or as much of it
 * as a failed engine left; never rejects. After the turn's abort nothing more is queued or told.
 */
export async function reply(turn: Turn, round: Round, source: ReplySource, deps: ReplyDeps): Promise<void> {
  const { clock, language, caller, agent } = deps;
  const { engines } = turn.configuration;
  // The turn's abort, or this reply's own end: no AbortSignal.any, whose result a long-lived signal remembers.
  const stop = new AbortController();
  const { signal } = stop;
  const onTurnEnd = () => stop.abort(turn.abort.signal.reason);
  if (turn.abort.signal.aborted) onTurnEnd();
  else turn.abort.signal.addEventListener('abort', onTurnEnd, { once: true });
  const telling = whileAlive(deps.telling, signal);
  const scope = (stage: StageName, engine: string): StageScope => ({
    clock,
    signal,
    stage,
    engine,
    onLeak: (leaked) => deps.telling.event({ kind: 'stage.leaked', turnId: turn.id, stage: leaked }),
  });
  const feed = new Channel<ReplyText>();
  const filler = fillerFor(turn, feed, deps, signal);

  /** What of a given text is said: how it is meant stands in it as in a model's answer, and is told. */
  function said(text: string): string {
    const splitter = new ContentSplitter();
    const pieces = [...splitter.push(text), ...splitter.flush()];
    for (const piece of pieces) if (piece.kind === 'emotion') tellEmotion(turn, piece.emotion, telling);
    return pieces.flatMap((piece) => (piece.kind === 'text' ? piece.text : [])).join('');
  }

  async function write(): Promise<void> {
    if (source.kind === 'text') {
      const text = said(source.text);
      round.steps.push({ text, toolAnswers: [] });
      turn.ledger.generated(text);
      feed.push({ text });
      feed.end();
      return;
    }
    turn.told.thinking = true;
    telling.message({ kind: 'bot-thinking-started' });
    try {
      const request = firstRequest(agent, round, turn);
      const first = { request, pieces: turn.preemption?.take(turn.userText, request) };
      const onTools = (settled: Promise<unknown>) => {
        deps.onTools(settled);
        filler.arm(settled);
      };
      await generate({ turn, round, language, agent, caller, first, runTool: agent.runTool(turn.id), onTools, telling, scope }, feed);
    } catch (error) {
      // What was generated before the failure is still spoken.
      if (!signal.aborted) deps.onFailure(turn, 'llm', error);
    }
    if (!signal.aborted) {
      turn.told.thinking = false;
      telling.message({ kind: 'bot-thinking-stopped' });
    }
    feed.end();
  }

  async function read(): Promise<void> {
    const chunks = chunksOf(feed, clock);
    try {
      if (turn.isSpoken) {
        await speak(chunks, {
          turn,
          language,
          caller,
          pacer: deps.pacer,
          frameMs: deps.frameMs,
          telling,
          scope: scope('tts', engines.tts.id),
          onSentence: (chunk, playUs) => deps.onSentence(turn, chunk, playUs),
          onLeadKnown: (leadUs) => deps.onLeadKnown(turn, leadUs),
        });
      } else for await (const chunk of chunks) telling.message({ kind: 'bot-sentence', text: chunk.spoken });
    } catch (error) {
      if (!signal.aborted) deps.onFailure(turn, 'tts', error);
      stop.abort(error);
    }
  }

  await Promise.all([write(), read()]);
  filler.cancel();
  turn.abort.signal.removeEventListener('abort', onTurnEnd);
}

/** Says something once, in a reply of which nothing is left to be heard, when a tool takes long. */
function fillerFor(turn: Turn, feed: Channel<ReplyText>, { clock, language, pacer }: ReplyDeps, signal: AbortSignal) {
  const { fillerZh, fillerEn, fillerAfterMs } = turn.configuration.settings.agent;
  const text = language === 'zh' ? fillerZh : fillerEn;
  let isSaid = text === '' || !turn.isSpoken;
  let cancel = () => {};
  return {
    arm(settled: Promise<unknown>): void {
      cancel();
      if (isSaid) return;
      cancel = clock.at((clock.nowUs() + fillerAfterMs * 1000) as MonoUs, () => {
        if (signal.aborted || pacer.queuedUs > 0) return;
        isSaid = true;
        feed.push({ filler: text });
      });
      void settled.then(cancel);
    },
    cancel: () => cancel(),
  };
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
