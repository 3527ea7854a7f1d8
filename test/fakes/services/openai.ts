import { type Exchange, type FakeHttpService, fakeHttpService, ServiceRefusal } from './http-service.ts';

interface Message {
  role: string;
  content?: unknown;
  tool_calls?: { id: string }[];
  tool_call_id?: string;
}

export interface FakeOpenAiOptions {
  key: string;
  /** What is answered to the last user message: pieces of text, or whole chunks of the stream. */
  reply(text: string, request: Record<string, unknown>): readonly (string | Record<string, unknown>)[];
  path?: string;
}

const sse = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const json = { 'content-type': 'application/json' };
const events = { 'content-type': 'text/event-stream; charset=utf-8' };

/** A chat-completions service, as strict as OpenAI's about keys and about every tool call being answered (livekit #1976). */
export function fakeOpenAi({ key, reply, path = '/v1/chat/completions' }: FakeOpenAiOptions): Promise<FakeHttpService> {
  function answer(exchange: Exchange) {
    if (exchange.path !== path || exchange.method !== 'POST')
      throw new ServiceRefusal(404, { error: { message: `no such path ${exchange.path}` } });
    if (key !== '' && exchange.headers.authorization !== `Bearer ${key}`)
      throw new ServiceRefusal(401, { error: { message: 'Incorrect API key provided', code: 'invalid_api_key' } });
    const request = JSON.parse(exchange.body) as Record<string, unknown> & { messages: Message[] };
    if (typeof request.model !== 'string' || request.stream !== true)
      throw new ServiceRefusal(400, { error: { message: 'model and stream are needed' } });
    requireAnsweredCalls(request.messages);
    const user = request.messages.findLast(({ role }) => role === 'user');
    const text = typeof user?.content === 'string' ? user.content : JSON.stringify(user?.content);
    const parts = reply(text, request);
    const chunk = (delta: unknown, finish: string | null = null) => ({ id: 'c1', choices: [{ index: 0, delta, finish_reason: finish }] });
    const hasCalls = parts.some((part) => typeof part !== 'string' && JSON.stringify(part).includes('tool_calls'));
    return {
      headers: events,
      pieces: [
        ': keep-alive\n\n',
        sse(chunk({ role: 'assistant', content: '' })),
        ...parts.map((part) => sse(typeof part === 'string' ? chunk({ content: part }) : part)),
        sse(chunk({}, hasCalls ? 'tool_calls' : 'stop')),
        sse({ id: 'c1', choices: [], usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 } }),
        'data: [DONE]\n\n',
      ],
    };
  }
  return fakeHttpService({
    answer,
    inBandError: () => ({
      headers: events,
      pieces: [
        sse({ choices: [{ index: 0, delta: { content: '一' } }] }),
        sse({ error: { message: 'the model is overloaded', type: 'server_error' } }),
      ],
    }),
    rateLimited: () => ({
      status: 429,
      headers: { ...json, 'retry-after': '2' },
      pieces: [JSON.stringify({ error: { message: 'slow down' } })],
    }),
    wrongKey: () => ({
      status: 401,
      headers: json,
      pieces: [JSON.stringify({ error: { message: `Incorrect API key provided: ${key}` } })],
    }),
  });
}

/** OpenAI refuses a conversation with an unanswered tool call, and every later one with it. */
function requireAnsweredCalls(messages: readonly Message[]): void {
  for (const [index, message] of messages.entries()) {
    const calls = message.tool_calls ?? [];
    const answers = messages.slice(index + 1, index + 1 + calls.length);
    if (calls.some(({ id }, nth) => answers[nth]?.role !== 'tool' || !answers.some(({ tool_call_id }) => tool_call_id === id)))
      throw new ServiceRefusal(400, { error: { message: "An assistant message with 'tool_calls' must be followed by tool messages" } });
  }
}
