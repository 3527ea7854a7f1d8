import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../../pipeline/clock.ts';
import type { LlmEngine, LlmEvent, LlmMessage, LlmRequest } from '../../../../../pipeline/engines/llm/engine.ts';
import { llmKinds } from '../../../../../pipeline/engines/llm/kinds.ts';
import { serviceUrl } from '../../../../../pipeline/engines/service/service-url.ts';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';
import { fakeCoze } from '../../../../fakes/services/coze.ts';
import { fakeDify } from '../../../../fakes/services/dify.ts';
import { type FakeHttpService, fakeHttpService } from '../../../../fakes/services/http-service.ts';
import { fakeOpenAi } from '../../../../fakes/services/openai.ts';

const open: FakeHttpService[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((service) => service.close()));
});

async function running<Service extends FakeHttpService>(starting: Promise<Service>): Promise<Service> {
  const service = await starting;
  open.push(service);
  return service;
}

function make(kind: string, config: Record<string, unknown>): LlmEngine {
  const found = llmKinds.find((one) => one.kind === kind);
  if (!found) throw new Error(kind);
  return found.create({ id: 'e', config, clock: systemClock });
}

function asked(text: string, more: Partial<LlmRequest> = {}): LlmRequest {
  return { model: 'm', language: 'zh', messages: [{ role: 'user', content: text }], tools: [], ...more };
}

async function all(events: AsyncIterable<LlmEvent>): Promise<LlmEvent[]> {
  const list: LlmEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

const never = new AbortController().signal;
const textOf = (events: readonly LlmEvent[]) => events.flatMap((event) => (event.kind === 'text' ? [event.text] : [])).join('');

const chunk = (delta: unknown) => ({ choices: [{ index: 0, delta, finish_reason: null }] });

test.each([
  ['http://h/v1', 'http://h/v1/chat/completions'],
  ['http://h/v1/', 'http://h/v1/chat/completions'],
  ['http://h/v1/chat/completions', 'http://h/v1/chat/completions'],
  ['https://h/v1/text/chatcompletion_v2?GroupId=1', 'https://h/v1/text/chatcompletion_v2?GroupId=1'],
])('the address %s means %s, as a base in TWeTalk’s words or whole in TRTC’s', (address, whole) => {
  expect(serviceUrl(address, ['/chat/completions', '/chatcompletion_v2']).href).toBe(whole);
});

test('an address that is none is a configuration error, not a crash', async () => {
  await expect(all(make('openai', { apiUrl: 'api.openai.com', model: 'm' }).respond(asked('x'), never))).rejects.toMatchObject({
    code: 'engine/bad-config',
  });
});

test('a tool call in fragments arrives whole, and its answer goes back under its id', async () => {
  const service = await running(
    fakeOpenAi({
      key: 'k',
      reply: (_text, request) =>
        JSON.stringify(request.messages).includes('"tool_call_id":"call_1"')
          ? ['好的。']
          : [
              chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'control_volume', arguments: '' } }] }),
              chunk({ tool_calls: [{ index: 0, function: { arguments: '{"action":"set",' } }] }),
              chunk({ tool_calls: [{ index: 0, function: { arguments: '"volume":30}' } }] }),
              chunk({
                tool_calls: [{ index: 1, id: 'call_2', type: 'function', function: { name: 'get_battery', arguments: '{"broken' } }],
              }),
            ],
    }),
  );
  const engine = make('openai', { apiUrl: `${service.origin}/v1`, apiKey: 'k', model: 'm' });
  const tools = [{ name: 'control_volume', description: 'd', parameters: { type: 'object', properties: {} } }];
  const events = await all(engine.respond(asked('声音三十', { tools }), never));
  const calls = events.flatMap((event) => (event.kind === 'tool-call' ? [event.call] : []));
  expect(calls).toEqual([
    { id: 'call_1', name: 'control_volume', arguments: { action: 'set', volume: 30 } },
    { id: 'call_2', name: 'get_battery', arguments: {}, malformed: '{"broken' },
  ]);
  expect(events.at(-1)).toMatchObject({ kind: 'done', finish: 'tool-calls', inputTokens: 7, outputTokens: 5 });

  const messages: LlmMessage[] = [
    { role: 'user', content: '声音三十' },
    { role: 'assistant', content: '', toolCalls: calls },
    ...calls.map((call): LlmMessage => ({ role: 'tool', toolCallId: call.id, name: call.name, content: '{"ok":true}' })),
  ];
  expect(textOf(await all(engine.respond(asked('', { messages }), never)))).toBe('好的。');
});

test('a call without its answer is what the service refuses: history must never send one', async () => {
  const service = await running(fakeOpenAi({ key: 'k', reply: () => ['?'] }));
  const engine = make('openai', { apiUrl: `${service.origin}/v1`, apiKey: 'k', model: 'm' });
  const messages: LlmMessage[] = [
    { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'n', arguments: {} }] },
    { role: 'user', content: 'x' },
  ];
  await expect(all(engine.respond(asked('', { messages }), never))).rejects.toMatchObject({ code: 'engine/failed' });
});

test('reasoning comes apart from the answer, under either name', async () => {
  const service = await running(
    fakeOpenAi({ key: '', reply: () => [chunk({ reasoning_content: '想' }), chunk({ reasoning: '一想' }), '答案'] }),
  );
  const events = await all(make('openai', { apiUrl: `${service.origin}/v1`, model: 'm' }).respond(asked('x'), never));
  expect(events.flatMap((event) => (event.kind === 'reasoning' ? [event.text] : []))).toEqual(['想', '一想']);
  expect(textOf(events)).toBe('答案');
});

test('request id, headers, MetaInfo, sampling and images reach the service; undefined ones do not', async () => {
  const service = await running(fakeOpenAi({ key: '', reply: () => ['好'] }));
  const engine = make('openai', { apiUrl: `${service.origin}/v1`, model: 'qwen', body: { thinking: { type: 'disabled' } } });
  const image = { mediaType: 'image/jpeg', data: Uint8Array.of(1, 2, 3) };
  await all(
    engine.respond(
      asked('', {
        messages: [{ role: 'user', content: '这是什么', images: [image] }],
        requestId: 'r-1',
        headers: { 'X-Task-Id': 't-1' },
        metaInfo: { scene: 'kitchen' },
        temperature: 0.2,
        maxTokens: 0,
      }),
      never,
    ),
  );
  const [exchange] = service.exchanges;
  expect(exchange?.headers).toMatchObject({ 'x-request-id': 'r-1', 'x-task-id': 't-1' });
  const body = JSON.parse(exchange?.body ?? '{}') as Record<string, unknown>;
  expect(body).toMatchObject({ model: 'qwen', scene: 'kitchen', temperature: 0.2, thinking: { type: 'disabled' } });
  expect(body).not.toHaveProperty('max_tokens');
  expect(body).not.toHaveProperty('tools');
  expect(JSON.stringify(body.messages)).toContain('data:image/jpeg;base64,AQID');
});

const plain = (pieces: string[], type: string, status = 200) => ({ status, headers: { 'content-type': type }, pieces });

async function answering(answer: ReturnType<typeof plain> & { headers: Record<string, string> }): Promise<LlmEngine> {
  const same = () => answer;
  const service = await running(fakeHttpService({ answer: same, inBandError: same, rateLimited: same, wrongKey: same }));
  return make('openai', { apiUrl: `${service.origin}/v1`, apiKey: 'secret-key', model: 'm' });
}

test.each([
  ['{"base_resp":{"status_code":1004,"status_msg":"login fail"}}', 'engine/unauthorized'],
  ['{"base_resp":{"status_code":1002,"status_msg":"rate limit"}}', 'engine/rate-limited'],
  ['{"base_resp":{"status_code":2013,"status_msg":"invalid params"}}', 'engine/failed'],
  ['{"error":{"message":"model not found"}}', 'engine/failed'],
  ['<html>', 'engine/failed'],
])('status 200 with %s in place of a stream is an error', async (body, code) => {
  const engine = await answering(plain([body], 'application/json'));
  await expect(all(engine.respond(asked('x'), never))).rejects.toMatchObject({ code });
});

test('a call that was cut short is not handed on as one without arguments', async () => {
  const begun = chunk({ tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'unlock', arguments: '' } }] });
  const piece = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
  const cut = await answering(plain([piece(begun)], 'text/event-stream'));
  const seen: LlmEvent[] = [];
  const reading = (async () => {
    for await (const event of cut.respond(asked('x'), never)) seen.push(event);
  })();
  await expect(reading).rejects.toMatchObject({ code: 'engine/cut' });
  expect(seen.map(({ kind }) => kind)).toEqual(['headers']);

  const limited = { choices: [{ index: 0, delta: {}, finish_reason: 'length' }] };
  const atLimit = await answering(plain([piece(begun), piece(limited), 'data: [DONE]\n\n'], 'text/event-stream'));
  expect(await all(atLimit.respond(asked('x'), never))).toContainEqual({
    kind: 'tool-call',
    call: { id: 'c', name: 'unlock', arguments: {}, malformed: '' },
  });
});

test('a stream without a word and without an end is no answer', async () => {
  const engine = await answering(plain([': nothing\n\n'], 'text/event-stream'));
  await expect(all(engine.respond(asked('x'), never))).rejects.toMatchObject({ code: 'engine/cut' });
});

test('an answer repeated whole in the last chunk (MiniMax) is said once', async () => {
  const piece = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
  const engine = await answering(
    plain(
      [
        piece(chunk({ content: '你好' })),
        piece({
          choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: '你好' } }],
          base_resp: { status_code: 0 },
        }),
      ],
      'text/event-stream',
    ),
  );
  expect(textOf(await all(engine.respond(asked('x'), never)))).toBe('你好');
});

test('a redirect is not followed: it would take the key elsewhere', async () => {
  const engine = await answering({
    ...plain([], 'text/plain', 302),
    headers: { 'content-type': 'text/plain', location: 'http://127.0.0.1:1/' },
  });
  await expect(all(engine.respond(asked('x'), never))).rejects.toMatchObject({ code: 'engine/failed' });
});

test('Coze: a function the bot calls is answered in the same chat, and its completed copy is not said again', async () => {
  const service = await running(
    fakeCoze({
      key: 'k',
      botId: 'b',
      reply: () => ['你', '好'],
      calls: (text) => (text.includes('电量') ? [{ id: 'call-9', name: 'get_battery', arguments: '{}' }] : []),
    }),
  );
  const engine = make('coze', { apiUrl: `${service.origin}/v3/chat`, apiKey: 'k', botId: 'b', userId: 'u' });
  expect(textOf(await all(engine.respond(asked('你好'), never)))).toBe('你好');
  const events = await all(engine.respond(asked('电量多少'), never));
  const calls = events.flatMap((event) => (event.kind === 'tool-call' ? [event.call] : []));
  expect(calls).toEqual([{ id: 'call-9', name: 'get_battery', arguments: {} }]);
  const messages: LlmMessage[] = [
    { role: 'user', content: '电量多少' },
    { role: 'assistant', content: '', toolCalls: calls },
    { role: 'tool', toolCallId: 'call-9', name: 'get_battery', content: '{"battery":80}' },
  ];
  expect(textOf(await all(engine.respond(asked('', { messages }), never)))).toBe('好的，{"battery":80}');
});

test('Coze and Dify are told when nobody wants the rest of an answer', async () => {
  const coze = await running(fakeCoze({ key: 'k', botId: 'b', reply: () => Array.from({ length: 40 }, () => '字') }));
  const dify = await running(fakeDify({ key: 'k', reply: () => Array.from({ length: 40 }, () => '字') }));
  const engines = [
    make('coze', { apiUrl: `${coze.origin}/v3/chat`, apiKey: 'k', botId: 'b', userId: 'u' }),
    make('dify', { apiUrl: `${dify.origin}/v1`, apiKey: 'k', user: 'u', inputs: {} }),
  ];
  for (const [index, engine] of engines.entries()) {
    const service = [coze, dify][index];
    service?.behave('hang');
    const abort = new AbortController();
    for await (const event of engine.respond(asked('x'), abort.signal)) if (event.kind === 'text') abort.abort();
    await expect
      .poll(() => service?.asides.map(({ path }) => path))
      .toEqual([index === 0 ? '/v3/chat/cancel' : '/v1/chat-messages/task-1/stop']);
  }
});

test('Dify keeps its conversation: the second turn is in the same one, another conversation is not', async () => {
  const service = await running(fakeDify({ key: 'k', reply: (query) => [query] }));
  const engine = make('dify', { apiUrl: `${service.origin}/v1`, apiKey: 'k', user: 'u', inputs: {} });
  for (const conversationId of ['c1', 'c1', 'c2']) await all(engine.respond(asked('你好', { conversationId }), never));
  expect(service.exchanges.map(({ body }) => (JSON.parse(body) as { conversation_id: string }).conversation_id)).toEqual([
    '',
    'dify-1',
    '',
  ]);
});

describe('images', () => {
  const image = (content: string, mediaType = 'image/jpeg') => ({ mediaType, data: new TextEncoder().encode(content) });
  const seen = (images: ReturnType<typeof image>[]): LlmMessage[] => [{ role: 'user', content: '这是什么', images }];
  const services = {
    coze: async () => {
      const service = await running(fakeCoze({ key: 'k', botId: 'b1', reply: (text) => [text] }));
      return { service, engine: make('coze', { apiUrl: `${service.origin}/v3/chat`, apiKey: 'k', botId: 'b1', userId: 'u' }) };
    },
    dify: async () => {
      const service = await running(fakeDify({ key: 'k', reply: (text) => [text] }));
      return { service, engine: make('dify', { apiUrl: `${service.origin}/v1`, apiKey: 'k', user: 'u', inputs: {} }) };
    },
  };

  test.each(['coze', 'dify'] as const)('%s gets them as files of its own, each once', async (kind) => {
    const { service, engine } = await services[kind]();
    const [one, two] = [image('a cup'), image('a cat', 'image/png')];
    const messages = seen([one, two]);
    expect(textOf(await all(engine.respond(asked('', { messages }), never)))).toBe('这是什么 + a cup + a cat');
    expect(textOf(await all(engine.respond(asked('', { messages }), never)))).toBe('这是什么 + a cup + a cat');
    expect(service.asides.map(({ path }) => path)).toEqual(['/v1/files/upload', '/v1/files/upload']);
  });

  test('Dify’s belong to their user: another’s are uploaded for him', async () => {
    const { service, engine } = await services.dify();
    const messages = seen([image('a cup')]);
    for (const user of ['u1', 'u2']) {
      const events = await all(engine.respond(asked('', { messages, headers: { 'X-User-Id': user } }), never));
      expect(textOf(events)).toBe('这是什么 + a cup');
    }
    expect(service.asides).toHaveLength(2);
  });

  test.each([
    ['coze', 'engine/failed'],
    ['dify', 'engine/failed'],
  ] as const)('%s that does not take the file: said, and tried again with the next question', async (kind, code) => {
    const { service, engine } = await services[kind]();
    const messages = seen([image('a text', 'text/plain')]);
    for (const times of [1, 2]) {
      await expect(all(engine.respond(asked('', { messages }), never))).rejects.toMatchObject({ code });
      expect(service.asides).toHaveLength(times);
    }
    expect(service.requests()).toBe(0);
  });
});

test.each([
  ['你好，世界。', '你好，世界。'],
  ['这个我不能说。', '你好'],
])('Dify takes its answer back: of %s there is said %s', async (replacement, said) => {
  const service = await running(fakeDify({ key: 'k', reply: () => ['你', '好'], replacement }));
  const events = await all(make('dify', { apiUrl: `${service.origin}/v1`, apiKey: 'k', user: 'u', inputs: {} }).respond(asked('x'), never));
  expect(textOf(events)).toBe(said);
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
});

test('a script answers by what was said, calls a tool and says its result, fails when told to', async () => {
  const script = `
tokensPerSecond: 100000
otherwise: 我没听懂。
replies:
  - when: 坏了
    time: 1
    say: 我看
    fail: cut
  - when: 坏了
    say: 好了。
  - when: 电量
    think: 问板子
    call: { name: get_battery }
    sayAfter: 还有百分之\${result.battery}。
`;
  const engine = make('script', { script });
  await expect(all(engine.respond(asked('坏了'), never))).rejects.toMatchObject({ code: 'engine/cut' });
  expect(textOf(await all(engine.respond(asked('坏了'), never)))).toBe('好了。');
  expect(textOf(await all(engine.respond(asked('啊'), never)))).toBe('我没听懂。');
  const events = await all(engine.respond(asked('电量'), never));
  expect(events.map(({ kind }) => kind)).toEqual(['headers', 'reasoning', 'reasoning', 'reasoning', 'tool-call', 'done']);
  const messages: LlmMessage[] = [
    { role: 'user', content: '电量' },
    { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'get_battery', arguments: {} }] },
    { role: 'tool', toolCallId: 'c', name: 'get_battery', content: '{"battery":80}' },
  ];
  expect(textOf(await all(engine.respond(asked('', { messages }), never)))).toBe('还有百分之80。');
});

test.each([
  ['replies: [', 'scenario/bad-file'],
  ['replies:\n  - wen: x\n    say: y', 'scenario/bad-file'],
])('a script that is none says where: %s', async (script, code) => {
  const failure = all(make('script', { script }).respond(asked('x'), never)).catch((error: unknown) => error);
  expect(await failure).toBeInstanceOf(TalkError);
  expect(await failure).toMatchObject({ code });
});
