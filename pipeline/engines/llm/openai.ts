import { APIConnectionError, APIError, OpenAI } from 'openai';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { EngineCreation } from '../kind.ts';
import { keptOpen } from '../service/connections.ts';
import { connectionFailure, cutFailure, type ServiceName, statusFailure } from '../service/failure.ts';
import { minimaxFailure } from '../service/minimax-status.ts';
import { jsonOf } from '../service/request.ts';
import { serviceUrl } from '../service/service-url.ts';
import { warmConnection } from '../service/warm-connection.ts';
import type { LlmEngine, LlmEvent, LlmRequest } from './engine.ts';
import { chatMessages, chatTools } from './openai-messages.ts';
import { ToolCallFragments } from './tool-call-fragments.ts';

const OPERATIONS = ['/chat/completions', '/chatcompletion_v2'] as const;

/**
 * Any service that speaks OpenAI's chat completions (reference/providers.md §4.1), over the `openai` library: DeepSeek, MiniMax, Hunyuan,
 * LKEAP, SiliconFlow, Ollama, llama.cpp, LM Studio. What they do differently is handled here and not configured: errors inside an
 * answer of status 200, an answer repeated whole in the last chunk, a stream that ends without a word.
 */
export function createOpenAiLlm({ id, config }: EngineCreation): LlmEngine {
  const service: ServiceName = { stage: 'llm', engine: id };
  const url = serviceUrl(String(config.apiUrl), OPERATIONS);
  const client = new OpenAI({
    apiKey: String(config.apiKey || 'none'), // servers on this machine want none, the library wants some
    baseURL: url.origin,
    maxRetries: 0, // a turn must not be said twice; who retries is decided above
    timeout: 600_000, // the turn has its own limits
    organization: null,
    project: null,
    logLevel: 'off', // its debug output has whole requests
    fetch: (input, init) => answerOrError(input, init, service),
  });

  return {
    id,
    async *respond(request, signal): AsyncIterable<LlmEvent> {
      try {
        yield* respond(request, signal);
      } catch (error) {
        if (!signal.aborted) throw failureOf(error, service, url.origin);
      }
    },
    warm: () => void warmConnection(service, url),
  };

  async function* respond(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmEvent> {
    const stream = await client.post<AsyncIterable<ChatCompletionChunk>>(url.href, {
      body: bodyOf(request),
      headers: { ...request.headers, ...(request.requestId !== undefined && { 'X-Request-Id': request.requestId }) },
      stream: true,
      signal,
    });
    yield { kind: 'headers' };
    const fragments = new ToolCallFragments();
    let finish: Extract<LlmEvent, { kind: 'done' }>['finish'] | undefined;
    let usage: ChatCompletionChunk['usage'];
    for await (const chunk of stream) {
      const failure = minimaxFailure(chunk, service);
      if (failure !== null) throw failure;
      usage = chunk.usage ?? usage;
      const choice = chunk.choices?.[0];
      if (choice === undefined) continue;
      // Without a type of the library's: reasoning is the Chinese services' addition.
      const delta: { content?: unknown; reasoning_content?: unknown; reasoning?: unknown } = choice.delta ?? {};
      const reasoning = delta.reasoning_content ?? delta.reasoning;
      if (typeof reasoning === 'string' && reasoning !== '') yield { kind: 'reasoning', text: reasoning };
      if (typeof delta.content === 'string' && delta.content !== '') yield { kind: 'text', text: delta.content };
      for (const fragment of choice.delta?.tool_calls ?? []) fragments.add(fragment);
      if (choice.finish_reason) finish = finishOf(choice.finish_reason, service);
    }
    // The library's stream ends without a word when it is aborted, and when the answer was no stream at all.
    if (signal.aborted) return;
    // Before any call: of one that was cut short the arguments are missing, and it would be run without them.
    if (finish === undefined) throw cutFailure(service, new Error('the stream ended without a finish reason'));
    const calls = fragments.calls({ isCutShort: finish === 'length' });
    for (const call of calls) yield { kind: 'tool-call', call };
    yield {
      kind: 'done',
      finish: calls.length > 0 ? 'tool-calls' : finish,
      ...(usage && { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens }),
    };
  }

  function bodyOf(request: LlmRequest): Record<string, unknown> {
    const { temperature, topP, maxTokens, tools } = request;
    return {
      model: config.model,
      messages: chatMessages(request.messages),
      stream: true,
      ...(config.isUsageAsked === true && { stream_options: { include_usage: true } }),
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { top_p: topP }),
      ...(maxTokens !== undefined && maxTokens > 0 && { max_tokens: maxTokens }),
      ...(tools.length > 0 && { tools: chatTools(tools) }),
      ...(config.body as Record<string, unknown> | undefined),
      ...request.metaInfo,
    };
  }
}

/** The library's request, but a good status is not taken for a good answer: some services say their errors in it. */
async function answerOrError(input: string | URL | Request, init: RequestInit | undefined, service: ServiceName): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: 'manual', ...keptOpen() });
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400))
    throw new TalkError('engine/failed', { ...service, reason: `redirected (HTTP ${response.status})`, status: response.status });
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || type.includes('text/event-stream')) return response;
  const body = await jsonOf(response, service, init?.signal ?? new AbortController().signal);
  throw minimaxFailure(body, service) ?? new TalkError('engine/failed', { ...service, reason: errorIn(body) ?? 'the answer is no stream' });
}

function errorIn(body: unknown): string | null {
  const error = (body as { error?: { message?: unknown } | string } | null)?.error;
  if (typeof error === 'string') return error.slice(0, 300);
  return typeof error?.message === 'string' ? error.message.slice(0, 300) : null;
}

function finishOf(reason: string, service: ServiceName): 'stop' | 'tool-calls' | 'length' {
  if (reason === 'length') return 'length';
  if (reason === 'tool_calls' || reason === 'function_call') return 'tool-calls';
  if (reason === 'content_filter' || reason === 'sensitive') throw new TalkError('engine/failed', { ...service, reason: 'content-filter' });
  return 'stop';
}

function failureOf(error: unknown, service: ServiceName, address: string): TalkError {
  if (error instanceof TalkError) return error;
  if (error instanceof APIConnectionError) {
    // What our own fetch threw arrives as its cause.
    return error.cause instanceof TalkError ? error.cause : connectionFailure(service, address, error);
  }
  if (error instanceof APIError && error.status !== undefined)
    return statusFailure(service, error.status, error.message.replace(/^\d+ /u, ''), error.headers?.get('retry-after'));
  if (error instanceof APIError) return new TalkError('engine/failed', { ...service, reason: error.message.slice(0, 300) });
  if (error instanceof SyntaxError) return new TalkError('engine/failed', { ...service, reason: 'a chunk that is no JSON' });
  return cutFailure(service, error);
}
