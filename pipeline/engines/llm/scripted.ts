import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { sleepUntil } from '../../clock.ts';
import type { LlmEngine, LlmEvent, LlmMessage, LlmRequest } from './engine.ts';
import { fallback, type IntentAnswer, intents, type ScriptLanguage, type ToolUse } from './intents.ts';
import { tokensOf } from './tokens.ts';

export interface ScriptedOptions {
  clock: Clock;
  /** From the request to the response headers, and from there to the first token. */
  headersMs?: number;
  firstTokenMs?: number;
  tokensPerSecond?: number;
}

/**
 * The agent that needs no key and no network: a table of intents, answered token by token on the injected clock, so that a
 * conversation with it is as repeatable as the speech that drives it. A tool it wants but the board has not is said so.
 */
export function createScriptedLlm(options: ScriptedOptions): LlmEngine {
  const { clock, headersMs = 20, firstTokenMs = 80, tokensPerSecond = 60 } = options;
  return {
    id: 'scripted',
    async *respond(request, signal): AsyncIterable<LlmEvent> {
      try {
        yield* respond(request, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };

  async function* respond(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmEvent> {
    if (request.purpose === 'summary')
      throw new TalkError('unsupported', { feature: 'summary', why: 'the scripted agent follows a table' });
    const startedUs = clock.nowUs();
    const after = (milliseconds: number) => sleepUntil(clock, (startedUs + milliseconds * 1000) as MonoUs, signal);
    await after(headersMs);
    yield { kind: 'headers' };
    const answer = think(request, clock.wallMs());
    await after(headersMs + firstTokenMs);
    if ('fail' in answer) throw new TalkError('engine/failed', { stage: 'llm', engine: 'scripted', reason: answer.fail });
    if ('call' in answer) {
      const use = toolFor(answer.call, request.tools);
      if (use !== null) yield { kind: 'tool-call', call: { id: `call-${request.messages.length}`, ...use } };
      yield { kind: 'done', finish: 'tool-calls' };
      return;
    }
    const tokens = tokensOf(answer.say);
    for (const [index, text] of tokens.entries()) {
      await after(headersMs + firstTokenMs + (index * 1000) / tokensPerSecond);
      yield { kind: 'text', text };
    }
    signal.throwIfAborted(); // a cancelled answer never looks like a whole one
    yield { kind: 'done', finish: 'stop', outputTokens: tokens.length };
  }
}

/** The answer to the last thing the user said, or to the tool results that came since. */
function think(request: LlmRequest, nowMs: number): IntentAnswer {
  const language: ScriptLanguage = request.language === 'zh' ? 'zh' : 'en';
  const lastUserIndex = request.messages.findLastIndex((message) => message.role === 'user');
  const text = request.messages[lastUserIndex]?.content.trim() ?? '';
  const answer = answerTo(text, language, nowMs);
  if (!('call' in answer)) return answer;

  const result = request.messages
    .slice(lastUserIndex + 1)
    .find((message): message is Extract<LlmMessage, { role: 'tool' }> => message.role === 'tool');
  if (result !== undefined) return { say: sayResult(answer, result.content, language) };
  if (toolFor(answer.call, request.tools) !== null) return answer;
  const [{ name }] = answer.call;
  return { say: language === 'zh' ? `这块板子没有 ${name} 这个功能。` : `This board has no ${name} action.` };
}

/** The first use whose tool the board has, by the name that the board gives it. */
function toolFor(uses: readonly ToolUse[], tools: LlmRequest['tools']): ToolUse | null {
  for (const use of uses) {
    const tool = tools.find(({ name }) => `_${name.replaceAll(/[^A-Za-z0-9]+/gu, '_')}`.endsWith(`_${use.name}`));
    if (tool !== undefined) return { ...use, name: tool.name };
  }
  return null;
}

function answerTo(text: string, language: ScriptLanguage, nowMs: number): IntentAnswer {
  for (const intent of intents) {
    const match = intent.pattern.exec(text);
    if (match !== null) return intent.answer({ text, match, language, nowMs });
  }
  return { say: fallback(language) };
}

function sayResult(answer: Extract<IntentAnswer, { call: unknown }>, content: string, language: ScriptLanguage): string {
  let result: unknown;
  try {
    result = JSON.parse(content);
  } catch {
    result = content;
  }
  const hasFailed = typeof result === 'object' && result !== null && 'error' in result;
  if (hasFailed) return language === 'zh' ? '板子没有完成这个操作。' : 'The board did not do that.';
  return answer.sayAfter(result);
}
