import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { FakeLlm } from '../../../../fakes/engines.ts';
import { lab, speechServer } from '../../../../fakes/speech.ts';

type Server = Awaited<ReturnType<typeof speechServer>>;
const servers: Server[] = [];

async function open(options: Parameters<typeof speechServer>[0] = {}): Promise<Server> {
  const server = await speechServer(options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

function post(server: Server, action: string | null, body: object | string, token: string | null = lab.token): Promise<Response> {
  return fetch(`${server.url}/api`, {
    method: 'POST',
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(action !== null && { action }),
      'content-type': 'text/plain',
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const eventsOf = async (response: Response) =>
  (await response.text())
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.replace(/^data: /u, '')) as Record<string, unknown>);

describe('summary and translation over HTTP', () => {
  test('a translation in one piece, by the phrase table, which says so', async () => {
    const server = await open();
    const response = await post(server, 'IotTranslate', {
      source: 'zh',
      target: 'en',
      text: '请讲个笑话。',
      request_id: 'r-1',
      stream: false,
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(response.headers.get('x-talkbench-engine')).toBe('phrase-table (embedded)');
    expect(await response.json()).toEqual({ code: 0, err_msg: 'success', data: 'Please tell a joke.', is_finish: true, request_id: 'r-1' });
  });

  test('the same as events: exactly text/event-stream, pieces, then is_finish', async () => {
    const server = await open();
    const response = await post(server, 'IotTranslate', { text: '请讲个笑话。', request_id: 'r-2', stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = await eventsOf(response);
    expect(events.map(({ data }) => data)).toEqual(['Please', ' tell', ' a', ' joke', '.', '']);
    expect(events.map(({ is_finish: isFinish }) => isFinish)).toEqual([false, false, false, false, false, true]);
    expect(events.every(({ code, request_id: id }) => code === 0 && id === 'r-2')).toBe(true);
  });

  test('the prompt of a summary counts only when streamed', async () => {
    const llm = new FakeLlm(systemClock, [
      { tokens: ['一'], ttftMs: 0 },
      { tokens: ['二'], ttftMs: 0 },
    ]);
    const server = await open({ engines: { llm } });
    const body = { prompt: '用五个字', text: '这是一个测试摘要内容。', request_id: 'r' };
    expect(await (await post(server, 'IotTextSummary', { ...body, stream: false })).json()).toMatchObject({ summary: '一', err_msg: '' });
    expect(await eventsOf(await post(server, 'IotTextSummary', { ...body, stream: true }))).toHaveLength(2);
    expect(llm.requests.map(({ messages }) => messages[0]?.content)).toEqual([server.settings.speech.summaryPrompt, '用五个字']);
  });

  test.each([
    ['no token', 'IotTranslate', null, { code: -1, err_msg: 'Invalid Token' }],
    ['a wrong token', 'IotTranslate', 'sk-x', { code: -1, err_msg: 'Invalid Token' }],
    ['no action', null, lab.token, { code: -1, err_msg: 'Invalid Action header' }],
    ['another action', 'IotPaint', lab.token, { code: -1, err_msg: 'Invalid Action header' }],
  ])('%s', async (_what, action, token, answer) => {
    const server = await open();
    const response = await post(server, action, { text: '你好' }, token);
    expect(await response.json()).toEqual(answer);
    expect(response.status).toBe(200);
    expect(server.tally.refused).toBe(1);
  });

  test('the status of an error is a setting', async () => {
    const server = await open({ settings: { speech: { errorStatus: 400 } } });
    expect((await post(server, 'IotTranslate', { text: '你好', target: 'xx' })).status).toBe(400);
  });

  test('what the embedded one cannot do is an error with a sentence', async () => {
    const server = await open();
    expect(await (await post(server, 'IotTranslate', { text: 'hello', source: 'en', target: 'fr', request_id: 'r' })).json()).toEqual({
      code: 4001,
      err_msg: expect.stringContaining('phrase table'),
      request_id: 'r',
    });
    expect(await (await post(server, 'IotTranslate', { text: 'zaphod', source: 'en', target: 'zh' })).json()).toMatchObject({
      code: 30202,
    });
  });

  test('a model that fails in the middle ends the events with an error', async () => {
    const server = await open({
      engines: { llm: new FakeLlm(systemClock, [{ tokens: ['one'], ttftMs: 0, error: new Error('key sk-secret') }]) },
    });
    const events = await eventsOf(await post(server, 'IotTextSummary', { text: 'x y z', stream: true }));
    expect(events.map(({ code, is_finish: isFinish }) => [code, isFinish])).toEqual([
      [0, false],
      [30202, true],
    ]);
    expect(JSON.stringify(events)).not.toContain('sk-secret');
  });

  test('a client that goes takes its request with it', async () => {
    const server = await open({ engines: { llm: new FakeLlm(systemClock, [{ tokens: ['one'], ttftMs: 0, isHung: true }]) } });
    const aborting = new AbortController();
    const response = await fetch(`${server.url}/api`, {
      method: 'POST',
      headers: { authorization: `Bearer ${lab.token}`, action: 'IotTextSummary' },
      body: JSON.stringify({ text: 'x', stream: true }),
      signal: aborting.signal,
    });
    const reader = response.body?.getReader();
    await reader?.read();
    aborting.abort();
    await expect(reader?.read()).rejects.toThrow();
    // It has given its place back, or closing would wait for it.
    await server.close();
    servers.splice(0);
  });

  test('bodies too long, other methods and other paths', async () => {
    const server = await open();
    const long = await post(server, 'IotTranslate', `{"text":"${'x'.repeat(1_100_000)}"}`).catch(() => null);
    expect(long === null || long.status === 413).toBe(true);
    expect((await fetch(`${server.url}/api`)).status).toBe(405);
    expect((await fetch(`${server.url}/apiary`)).status).toBe(404);
    expect((await fetch(`${server.url}/ws-voice-translate`)).status).toBe(426);
  });

  test('requests are recorded without their token', async () => {
    const server = await open();
    await (await post(server, 'IotTranslate', { text: '你好', request_id: 'r' })).text();
    const wire = server.observer.of('wire.message');
    expect(wire.map(({ direction, name, note }) => [direction, name, note])).toEqual([
      ['up', '/api IotTranslate', undefined],
      ['down', '/api IotTranslate', 'by phrase-table (embedded)'],
    ]);
    expect(JSON.stringify(wire)).not.toContain(lab.token);
  });

  test('half a request is no reason to wait at closing', async () => {
    const server = await open();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `POST /api HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${lab.token}\r\nAction: IotTranslate\r\nContent-Length: 100\r\n\r\n{"text":`,
    );
    await server.close();
    servers.splice(0);
    socket.destroy();
  });
});
