import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { sleepUntil } from '../../clock.ts';
import type { EngineCreation } from '../kind.ts';
import { scriptedError } from '../scripted/failures.ts';
import type { ServiceName } from '../service/failure.ts';
import type { LlmEngine, LlmEvent, LlmMessage, LlmRequest } from './engine.ts';
import { readScript, type ScriptReply } from './script-file.ts';
import { tokensOf } from './tokens.ts';

const HOUR_US = 3_600_000_000;

/**
 * A language model out of a YAML file: the same words, calls and failures at the same moments every time, for scenarios and QA
 * (docs/engines.md has the format). Replies are tried in order; the first that fits answers.
 */
export function createScriptLlm({ id, config, clock }: EngineCreation): LlmEngine {
  const service: ServiceName = { stage: 'llm', engine: id };
  const script = readScript(String(config.script));
  const uses = new Map<ScriptReply, number>();

  return { id, respond };

  async function* respond(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmEvent> {
    const lastUser = request.messages.findLastIndex(({ role }) => role === 'user');
    const said = request.messages[lastUser]?.content ?? '';
    const answers = request.messages.slice(lastUser + 1).filter((message): message is ToolAnswer => message.role === 'tool');
    const reply = answers.length > 0 ? findUsed(said) : find(said);
    const pace = { headersMs: 0, firstTokenMs: 0, tokensPerSecond: 100, ...defined(script), ...defined(reply ?? {}) };
    const startedUs = clock.nowUs();
    const after = (ms: number) => sleepUntil(clock, (startedUs + ms * 1000) as MonoUs, signal);

    if (reply?.fail === 'unreachable') throw scriptedError(reply.fail, service);
    await after(pace.headersMs);
    if (reply?.fail !== undefined && reply.say === undefined && reply.fail !== 'silent') throw scriptedError(reply.fail, service);
    yield { kind: 'headers' };
    const firstMs = pace.headersMs + pace.firstTokenMs;
    let count = 0;
    const next = () => after(firstMs + (count++ * 1000) / pace.tokensPerSecond);

    if (answers.length === 0) {
      for (const text of tokensOf(reply?.think ?? '')) {
        await next();
        yield { kind: 'reasoning', text };
      }
    }
    const words =
      answers.length > 0
        ? filled(reply?.sayAfter ?? reply?.say ?? '', answers)
        : (reply?.say ?? (reply === undefined ? script.otherwise : ''));
    for (const text of tokensOf(words)) {
      await next();
      yield { kind: 'text', text };
    }
    if (reply?.fail === 'silent') await sleepForEver(clock, signal);
    else if (reply?.fail !== undefined) throw scriptedError(reply.fail, service);
    const calls = answers.length > 0 || reply?.call === undefined ? [] : [reply.call].flat();
    for (const [index, call] of calls.entries()) {
      await next();
      yield { kind: 'tool-call', call: { id: `call-${request.messages.length}-${index}`, ...call } };
    }
    yield { kind: 'done', finish: calls.length > 0 ? 'tool-calls' : 'stop', outputTokens: count };
  }

  function find(said: string): ScriptReply | undefined {
    for (const reply of script.replies) {
      if (!fits(reply, said)) continue;
      const use = (uses.get(reply) ?? 0) + 1;
      uses.set(reply, use);
      if (reply.time === undefined || reply.time === use) return reply;
    }
    return undefined;
  }

  /** The reply whose tools have answered now. */
  function findUsed(said: string): ScriptReply | undefined {
    return script.replies.find(
      (reply) => reply.call !== undefined && fits(reply, said) && [undefined, uses.get(reply)].includes(reply.time),
    );
  }
}

type ToolAnswer = Extract<LlmMessage, { role: 'tool' }>;

function fits({ when }: ScriptReply, said: string): boolean {
  if (when === undefined) return true;
  try {
    return new RegExp(when, 'iu').test(said);
  } catch {
    return said.toLowerCase().includes(when.toLowerCase());
  }
}

function defined(pace: Pick<ScriptReply, 'headersMs' | 'firstTokenMs' | 'tokensPerSecond'>) {
  const { headersMs, firstTokenMs, tokensPerSecond } = pace;
  return {
    ...(headersMs !== undefined && { headersMs }),
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
  };
}

/** `${result}` and its parts, of the first tool's answer. */
function filled(template: string, answers: readonly ToolAnswer[]): string {
  let result: unknown;
  try {
    result = JSON.parse(answers[0]?.content ?? 'null');
  } catch {
    result = answers[0]?.content;
  }
  return template.replaceAll(/\$\{\s*result((?:\.[\w-]+)*)\s*\}/gu, (_place, path: string) => {
    let value: unknown = result;
    for (const key of path.split('.').slice(1)) value = (value as Record<string, unknown> | null | undefined)?.[key];
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  });
}

/** Until the signal aborts, which rejects. */
async function sleepForEver(clock: Clock, signal: AbortSignal): Promise<never> {
  for (;;) await sleepUntil(clock, (clock.nowUs() + HOUR_US) as MonoUs, signal);
}
