import { type Exchange, type FakeHttpService, fakeHttpService, filePart, ServiceRefusal } from './http-service.ts';

const events = { 'content-type': 'text/event-stream' };
const json = { 'content-type': 'application/json; charset=utf-8' };
const sse = (event: string, data: unknown) => `event:${event}\ndata:${JSON.stringify(data)}\n\n`;

/** Coze v3: its event names, its errors of status 200, and the completed message that repeats the answer. */
export function fakeCoze(options: {
  key: string;
  botId: string;
  reply(text: string): readonly string[];
  /** Tool calls in place of an answer, until they are answered. */
  calls?: (text: string) => readonly { id: string; name: string; arguments: string }[];
}): Promise<FakeHttpService> {
  const files: string[] = [];
  const ids = { id: 'chat-1', conversation_id: 'conv-1' };

  function answer(exchange: Exchange) {
    if (exchange.path === '/v3/chat/cancel') return { headers: json, pieces: [JSON.stringify({ code: 0, msg: '' })] };
    if (exchange.headers.authorization !== `Bearer ${options.key}`)
      return { headers: json, pieces: [JSON.stringify({ code: 4100, msg: 'authentication is invalid', detail: { logid: 'L1' } })] };
    if (exchange.path === '/v1/files/upload') {
      const { fileName, type, text } = filePart(exchange);
      if (!/\.(jpg|jpeg|png|gif|webp)$/u.test(fileName) || !type.startsWith('image/'))
        throw new ServiceRefusal(200, { code: 4000, msg: 'file type is not supported' });
      files.push(text);
      return { headers: json, pieces: [JSON.stringify({ code: 0, msg: '', data: { id: `file-${files.length}`, bytes: text.length } })] };
    }
    const body = JSON.parse(exchange.body) as {
      bot_id?: string;
      stream?: boolean;
      user_id?: string;
      additional_messages?: { role: string; type: string; content_type: string; content: string }[];
      tool_outputs?: { tool_call_id: string; output: string }[];
    };
    if (exchange.path === '/v3/chat/submit_tool_outputs') {
      if (
        exchange.query.get('chat_id') !== ids.id ||
        exchange.query.get('conversation_id') !== ids.conversation_id ||
        !body.tool_outputs?.length
      )
        throw new ServiceRefusal(200, { code: 4000, msg: 'no such chat' });
      return said([`好的，${body.tool_outputs[0]?.output}`]);
    }
    if (exchange.path !== '/v3/chat') throw new ServiceRefusal(404, { code: 404, msg: 'not found' });
    const question = body.additional_messages?.at(-1);
    if (body.bot_id !== options.botId || body.stream !== true || typeof body.user_id !== 'string' || question?.type !== 'question')
      throw new ServiceRefusal(200, { code: 4000, msg: 'Request parameter error' });
    const asked = questionIn(question);
    if (asked === null) throw new ServiceRefusal(200, { code: 4000, msg: 'Invalid message content' });
    const calls = options.calls?.(asked) ?? [];
    if (calls.length > 0) {
      return {
        headers: events,
        pieces: [
          sse('conversation.chat.created', ids),
          sse('conversation.chat.requires_action', {
            ...ids,
            required_action: {
              type: 'submit_tool_outputs',
              submit_tool_outputs: {
                tool_calls: calls.map((call) => ({
                  id: call.id,
                  type: 'function',
                  function: { name: call.name, arguments: call.arguments },
                })),
              },
            },
          }),
          sse('done', '[DONE]'),
        ],
      };
    }
    return said(options.reply(asked));
  }

  /** The text, behind it the images; null for what the service would not take. */
  function questionIn({ content_type: type, content }: { content_type: string; content: string }): string | null {
    if (type === 'text') return content;
    if (type !== 'object_string') return null;
    const parts = JSON.parse(content) as { type?: string; text?: string; file_id?: string }[];
    const texts = parts.map((part) => (part.type === 'text' ? part.text : files[Number(part.file_id?.slice('file-'.length)) - 1]));
    return texts.includes(undefined) ? null : texts.join(' + ');
  }

  function said(parts: readonly string[]) {
    const message = { role: 'assistant', type: 'answer', content_type: 'text' };
    return {
      headers: events,
      pieces: [
        sse('conversation.chat.created', ids),
        sse('conversation.chat.in_progress', ids),
        ...parts.map((content) => sse('conversation.message.delta', { ...message, content })),
        sse('conversation.message.completed', { ...message, content: parts.join('') }),
        sse('conversation.message.completed', { ...message, type: 'follow_up', content: 'And what else?' }),
        sse('conversation.chat.completed', { ...ids, usage: { token_count: 12, input_count: 7, output_count: 5 } }),
        sse('done', '[DONE]'),
      ],
    };
  }

  return fakeHttpService({
    answer,
    isAside: ({ path }) => path.endsWith('/cancel') || path.endsWith('/upload'),
    inBandError: () => ({
      headers: events,
      pieces: [
        sse('conversation.chat.created', ids),
        sse('conversation.chat.failed', { ...ids, last_error: { code: 5000, msg: 'internal' } }),
      ],
    }),
    rateLimited: () => ({ status: 429, headers: json, pieces: [JSON.stringify({ code: 4013, msg: 'too many requests' })] }),
    wrongKey: () => ({
      headers: json,
      pieces: [JSON.stringify({ code: 4100, msg: `authentication is invalid: ${options.key}`, detail: { logid: 'L1' } })],
    }),
  });
}
