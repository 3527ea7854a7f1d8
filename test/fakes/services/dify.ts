import { type Exchange, type FakeHttpService, fakeHttpService, filePart, ServiceRefusal } from './http-service.ts';

const events = { 'content-type': 'text/event-stream' };
const json = { 'content-type': 'application/json' };

/** A Dify app: bare pings between its events, a conversation of its own, and a stop that wants the same user. */
export function fakeDify(options: {
  key: string;
  reply(query: string): readonly string[];
  /** Moderation puts this in place of the answer. */
  replacement?: string;
}): Promise<FakeHttpService> {
  const files: { user: string; text: string }[] = [];
  const users = new Map<string, string>();
  const base = (event: string) => ({ event, task_id: 'task-1', message_id: 'm1', conversation_id: 'dify-1', created_at: 1_700_000_000 });
  const sse = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;

  function answer(exchange: Exchange) {
    if (exchange.headers.authorization !== `Bearer ${options.key}`)
      throw new ServiceRefusal(401, { code: 'unauthorized', message: 'Access token is invalid', status: 401 });
    if (exchange.path === '/v1/files/upload') {
      const { type, text, fields } = filePart(exchange);
      if (!type.startsWith('image/') || fields.user === undefined)
        throw new ServiceRefusal(415, { code: 'unsupported_file_type', message: 'no', status: 415 });
      files.push({ user: fields.user, text });
      return { status: 201, headers: json, pieces: [JSON.stringify({ id: `file-${files.length}`, mime_type: type })] };
    }
    const body = JSON.parse(exchange.body) as {
      query?: string;
      response_mode?: string;
      user?: string;
      inputs?: unknown;
      conversation_id?: string;
      files?: { type?: string; transfer_method?: string; upload_file_id?: string }[];
    };
    if (exchange.path === '/v1/chat-messages/task-1/stop') {
      if (users.get('task-1') !== body.user) throw new ServiceRefusal(404, { code: 'not_found', message: 'no such task', status: 404 });
      return { headers: json, pieces: [JSON.stringify({ result: 'success' })] };
    }
    if (exchange.path !== '/v1/chat-messages') throw new ServiceRefusal(404, { code: 'not_found', message: exchange.path, status: 404 });
    if (!body.query || body.response_mode !== 'streaming' || !body.user || typeof body.inputs !== 'object')
      throw new ServiceRefusal(400, { code: 'invalid_param', message: 'query, user and inputs are needed', status: 400 });
    if (!['', 'dify-1'].includes(body.conversation_id ?? ''))
      throw new ServiceRefusal(404, { code: 'not_found', message: 'Conversation Not Exists.', status: 404 });
    users.set('task-1', body.user);
    const images = (body.files ?? []).map(({ type, transfer_method: how, upload_file_id: id }) => {
      const file = files[Number(id?.slice('file-'.length)) - 1];
      if (type !== 'image' || how !== 'local_file' || file?.user !== body.user)
        throw new ServiceRefusal(400, { code: 'invalid_param', message: 'Invalid upload file', status: 400 });
      return file?.text;
    });
    const parts = options.reply([body.query, ...images].join(' + '));
    return {
      headers: events,
      pieces: [
        'event: ping\n\n',
        sse({ ...base('workflow_started'), data: {} }),
        ...parts.flatMap((part, index) => [sse({ ...base('message'), answer: part }), ...(index === 0 ? ['event: ping\n\n'] : [])]),
        ...(options.replacement === undefined ? [] : [sse({ ...base('message_replace'), answer: options.replacement })]),
        sse({ ...base('message_end'), metadata: { usage: { prompt_tokens: 7, completion_tokens: 5 } } }),
      ],
    };
  }

  return fakeHttpService({
    answer,
    isAside: ({ path }) => path.endsWith('/stop') || path.endsWith('/upload'),
    inBandError: () => ({
      headers: events,
      pieces: [sse({ ...base('error'), status: 400, code: 'completion_request_error', message: 'the model failed' })],
    }),
    rateLimited: () => ({
      status: 429,
      headers: json,
      pieces: [JSON.stringify({ code: 'too_many_requests', message: 'slow down', status: 429 })],
    }),
    wrongKey: () => ({
      status: 401,
      headers: json,
      pieces: [JSON.stringify({ code: 'unauthorized', message: `Access token ${options.key} is invalid`, status: 401 })],
    }),
  });
}
