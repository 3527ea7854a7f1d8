import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { EngineCreation } from '../kind.ts';
import { serverEvents } from '../service/events.ts';
import { cutFailure, type ServiceName } from '../service/failure.ts';
import { jsonOf, request as post } from '../service/request.ts';
import { serviceUrl } from '../service/service-url.ts';
import { UploadedImages, uploadImage } from '../service/upload.ts';
import { warmConnection } from '../service/warm-connection.ts';
import type { LlmEngine, LlmEvent, LlmImage, LlmMessage, LlmRequest, LlmToolCall } from './engine.ts';
import { readArguments } from './tool-call-fragments.ts';

const CHAT = '/v3/chat';
const UNAUTHORIZED = new Set([4100, 4101, 700012006]);
const RATE_LIMITED = new Set([4011, 4013]);
/** Chats whose tool calls may still be answered. */
const REMEMBERED_CALLS = 256;

interface Chat {
  chatId: string;
  conversationId: string;
}

/**
 * A Coze bot (reference/providers.md §4.2, v3). The bot has its own prompt and tools; of ours it gets the history, which holds what was
 * heard, so nothing is kept at Coze between turns; images become files there. A function the bot calls is answered with submit_tool_outputs.
 */
export function createCozeLlm({ id, config }: EngineCreation): LlmEngine {
  const service: ServiceName = { stage: 'llm', engine: id };
  const chatUrl = serviceUrl(String(config.apiUrl), [CHAT]);
  const headers = { authorization: `Bearer ${String(config.apiKey)}` };
  const uploadUrl = new URL(chatUrl);
  uploadUrl.pathname = chatUrl.pathname.replace(/\/v3\/chat\/*$/u, '/v1/files/upload');
  uploadUrl.search = '';
  const images = new UploadedImages();
  const chatOfCall = new Map<string, Chat>();

  return { id, respond, warm: () => void warmConnection(service, chatUrl) };

  async function* respond(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmEvent> {
    const answered = answeredCalls(request.messages);
    const chat = answered.length > 0 ? chatOfCall.get(answered[0]?.toolCallId ?? '') : undefined;
    const response = await post({
      service,
      signal,
      headers: { ...headers, ...request.headers },
      ...(chat === undefined ? await newChat(request, signal) : toolOutputs(chat, answered)),
    });
    yield { kind: 'headers' };
    if (!(response.headers.get('content-type') ?? '').includes('text/event-stream'))
      throw failureIn(await jsonOf(response, service, signal));
    yield* read(response, signal, chat);
  }

  async function newChat(request: LlmRequest, signal: AbortSignal): Promise<{ url: URL; json: unknown }> {
    const url = new URL(chatUrl);
    if (config.conversationId) url.searchParams.set('conversation_id', String(config.conversationId));
    // A bot that keeps the history itself gets only what is new.
    const messages = config.conversationId ? request.messages.slice(-1) : request.messages;
    return {
      url,
      json: {
        bot_id: config.botId,
        user_id: request.headers?.['X-User-Id'] ?? config.userId,
        stream: true,
        auto_save_history: true,
        additional_messages: (await Promise.all(messages.map((message) => cozeMessage(message, signal)))).flat(),
        ...request.metaInfo,
      },
    };
  }

  async function cozeMessage(message: LlmMessage, signal: AbortSignal): Promise<Record<string, unknown>[]> {
    if (message.role === 'user') return [{ role: 'user', type: 'question', ...(await question(message, signal)) }];
    if (message.role === 'assistant' && message.content !== '')
      return [{ role: 'assistant', type: 'answer', content_type: 'text', content: message.content }];
    return []; // the prompt and the tools are the bot's own
  }

  /** With images it is a list, which goes as JSON in a string; they are files of Coze's by then. */
  async function question(
    { content, images: shown = [] }: Extract<LlmMessage, { role: 'user' }>,
    signal: AbortSignal,
  ): Promise<{ content_type: string; content: string }> {
    if (shown.length === 0) return { content_type: 'text', content };
    const files = await Promise.all(shown.map((image) => images.idOf(image, '', () => upload(image, signal))));
    const parts = [{ type: 'text', text: content }, ...files.map((id) => ({ type: 'image', file_id: id }))];
    return { content_type: 'object_string', content: JSON.stringify(parts) };
  }

  async function upload(image: LlmImage, signal: AbortSignal): Promise<string> {
    const answer = await uploadImage(image, { service, url: uploadUrl, headers }, signal);
    const { id: fileId } = asRecord(asRecord(answer).data);
    if (typeof fileId !== 'string') throw failureIn(answer);
    return fileId;
  }

  function toolOutputs({ chatId, conversationId }: Chat, answers: readonly ToolMessage[]): { url: URL; json: unknown } {
    const url = new URL(chatUrl);
    url.pathname = `${url.pathname}/submit_tool_outputs`;
    url.search = '';
    url.searchParams.set('conversation_id', conversationId);
    url.searchParams.set('chat_id', chatId);
    return {
      url,
      json: { stream: true, tool_outputs: answers.map(({ toolCallId, content }) => ({ tool_call_id: toolCallId, output: content })) },
    };
  }

  async function* read(response: Response, signal: AbortSignal, earlier: Chat | undefined): AsyncIterable<LlmEvent> {
    let chat = earlier;
    let isEnded = false;
    let calls: LlmToolCall[] = [];
    let usage: { inputTokens?: number; outputTokens?: number } = {};
    try {
      for await (const { event, data } of serverEvents(response, service, signal)) {
        const value = parse(data);
        if (event === 'conversation.chat.created') chat = chatIn(value) ?? chat;
        else if (event === 'conversation.message.delta') yield* spoken(value);
        else if (event === 'conversation.chat.requires_action') {
          calls = callsIn(value);
          isEnded = true;
        } else if (event === 'conversation.chat.completed') {
          usage = usageIn(value);
          isEnded = true;
        } else if (event === 'conversation.chat.failed' || event === 'error') throw failureIn(value);
        else if (event === 'done') break;
      }
      if (signal.aborted) return;
      if (!isEnded) throw cutFailure(service, new Error('the stream ended before the chat was completed'));
    } finally {
      // An answer nobody waits for goes on costing until it is cancelled.
      if (!isEnded && chat) cancel(chat);
    }
    for (const call of calls) {
      if (chat) remember(call.id, chat);
      yield { kind: 'tool-call', call };
    }
    yield { kind: 'done', finish: calls.length > 0 ? 'tool-calls' : 'stop', ...usage };
  }

  function remember(callId: string, chat: Chat): void {
    chatOfCall.set(callId, chat);
    const oldest = chatOfCall.keys().next();
    if (chatOfCall.size > REMEMBERED_CALLS && !oldest.done) chatOfCall.delete(oldest.value);
  }

  function cancel({ chatId, conversationId }: Chat): void {
    const url = new URL(chatUrl);
    url.pathname = `${url.pathname}/cancel`;
    url.search = '';
    const json = { chat_id: chatId, conversation_id: conversationId };
    post({ service, url, headers, json, signal: AbortSignal.timeout(5000) }).then(
      (response) => response.body?.cancel(),
      () => undefined, // it was only a courtesy
    );
  }

  function failureIn(value: unknown): TalkError {
    const error = (asRecord(value).last_error as Record<string, unknown> | undefined) ?? asRecord(value);
    const code = Number(error.code ?? 0);
    const logId = asRecord(asRecord(value).detail).logid;
    const reason = [code || '', error.msg, logId]
      .filter((part) => typeof part === 'number' || (typeof part === 'string' && part !== ''))
      .join(' ');
    if (UNAUTHORIZED.has(code)) return new TalkError('engine/unauthorized', { ...service, reason });
    if (RATE_LIMITED.has(code)) return new TalkError('engine/rate-limited', { ...service, reason }, { retryable: true });
    return new TalkError('engine/failed', { ...service, reason: reason.slice(0, 300) || 'the bot failed' });
  }
}

type ToolMessage = Extract<LlmMessage, { role: 'tool' }>;

/** The tool answers that end the conversation so far. */
function answeredCalls(messages: readonly LlmMessage[]): ToolMessage[] {
  const last = messages.findLastIndex(({ role }) => role !== 'tool');
  return messages.slice(last + 1).filter((message): message is ToolMessage => message.role === 'tool');
}

/** Only answers are spoken, and only as they come: the completed message repeats them. */
function* spoken(value: unknown): Generator<LlmEvent> {
  const { type, content, reasoning_content: reasoning } = asRecord(value);
  if (type !== undefined && type !== 'answer') return;
  if (typeof reasoning === 'string' && reasoning !== '') yield { kind: 'reasoning', text: reasoning };
  if (typeof content === 'string' && content !== '') yield { kind: 'text', text: content };
}

function chatIn(value: unknown): Chat | undefined {
  const { id, conversation_id: conversationId } = asRecord(value);
  return typeof id === 'string' && typeof conversationId === 'string' ? { chatId: id, conversationId } : undefined;
}

function callsIn(value: unknown): LlmToolCall[] {
  const calls: unknown = asRecord(asRecord(asRecord(value).required_action).submit_tool_outputs).tool_calls;
  if (!Array.isArray(calls)) return [];
  return calls.flatMap((call: unknown): LlmToolCall[] => {
    const { id, function: called } = asRecord(call);
    const { name, arguments: text } = asRecord(called);
    if (typeof id !== 'string' || typeof name !== 'string') return [];
    return [{ id, name, ...readArguments(typeof text === 'string' ? text : '') }];
  });
}

function usageIn(value: unknown): { inputTokens?: number; outputTokens?: number } {
  const { input_count: input, output_count: output } = asRecord(asRecord(value).usage);
  return { ...(typeof input === 'number' && { inputTokens: input }), ...(typeof output === 'number' && { outputTokens: output }) };
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
