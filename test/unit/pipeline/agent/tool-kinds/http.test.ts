// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the addresses and headers under test are written like that
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Agent } from '../../../../../pipeline/agent/agent.ts';
import { addressOf } from '../../../../../pipeline/agent/tool-kinds/http.ts';
import { createAgentRig } from '../rig.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let server: Server;
let base = '';
let handler: Handler;
let seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];

beforeEach(async () => {
  seen = [];
  handler = (_request, response) => response.end('{"ok":true}');
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      handler(request, response, body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const secrets: Record<string, string> = { KEY: 'very-secret-value', BAD: 'line\nbreak' };
const resources = {
  recall: async () => ({ summary: '', facts: [] }),
  remember: async () => {},
  secret: async (name: string) => secrets[name] ?? null,
};

function rigFor(tool: Record<string, unknown>) {
  const http = { source: 'http', name: 'ask', description: 'asks', parameters: {}, ...tool };
  return createAgentRig({ settings: { agent: { tools: [http] } }, deps: { resources } });
}

async function run(agent: Agent, parameters: Record<string, unknown>, signal?: AbortSignal): Promise<unknown> {
  agent.request({ round: agent.draft('q') });
  const answer = agent.runTool(1)({ id: 'x', name: 'ask', arguments: parameters }, signal);
  await answer.settled;
  return JSON.parse(answer.content) as unknown;
}

describe('a web service as a tool', () => {
  test('GET: places are filled and encoded, the other arguments go as query', async () => {
    const { agent } = rigFor({ method: 'GET', url: `${base}/city/{name}?units=metric` });
    expect(await run(agent, { name: '深圳/../x?y#z', days: 3, parts: ['a'] })).toEqual({ ok: true });
    expect(seen[0]?.url).toBe(`/city/${encodeURIComponent('深圳/../x?y#z')}?units=metric&days=3&parts=%5B%22a%22%5D`);
  });

  test('POST: the other arguments go as JSON; secrets stand in headers and nowhere else', async () => {
    const { agent, events } = rigFor({ url: `${base}/do`, headers: { Authorization: 'Bearer ${secret:KEY}', 'X-Lab': 'bench' } });
    handler = (request, response) => response.end(JSON.stringify({ echo: request.headers.authorization }));
    expect(await run(agent, { a: 1 })).toEqual({ echo: 'Bearer ***' });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      body: '{"a":1}',
      headers: { authorization: 'Bearer very-secret-value', 'x-lab': 'bench', 'content-type': 'application/json' },
    });
    expect(JSON.stringify(events)).not.toContain('very-secret-value');
  });

  test('text comes as text, nothing as nothing, and long text is cut', async () => {
    const { agent } = rigFor({ method: 'GET', url: base });
    handler = (_request, response) => response.end('晴，25 度');
    expect(await run(agent, {})).toBe('晴，25 度');
    handler = (_request, response) => response.end('x'.repeat(20_000));
    expect(await run(agent, {})).toMatchObject({ isCut: true, text: 'x'.repeat(16_000) });
  });

  test.each<[string, Handler, object]>([
    ['a refusal', (_request, response) => response.writeHead(403).end('no'), { code: 403, status: 'no' }],
    ['too much', (_request, response) => response.end('x'.repeat(300_000)), { code: 'too-large' }],
    ['a cut connection', (_request, response) => response.socket?.destroy(), { code: 'unreachable' }],
    ['another protocol', (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(), { code: 'redirect' }],
    ['a circle', (_request, response) => response.writeHead(302, { location: '/' }).end(), { code: 'redirect', status: 'too many' }],
  ])('%s is a typed failure', async (_name, answer, data) => {
    handler = answer;
    const { agent } = rigFor({ method: 'GET', url: base });
    expect(await run(agent, {})).toMatchObject({ error: { code: 'tool/failed', data } });
    expect(seen.length).toBeLessThanOrEqual(4);
  });

  test('a redirect to another host goes without the tool’s headers', async () => {
    const other = `http://localhost:${(server.address() as AddressInfo).port}`;
    handler = (request, response) => {
      if (request.url === '/there') response.end('"arrived"');
      else response.writeHead(302, { location: `${other}/there` }).end();
    };
    const { agent } = rigFor({ url: `${base}/here`, headers: { 'X-Key': '${secret:KEY}' } });
    expect(await run(agent, { a: 1 })).toBe('arrived');
    expect(seen.map(({ method, headers }) => [method, headers['x-key']])).toEqual([
      ['POST', 'very-secret-value'],
      ['GET', undefined],
    ]);
  });

  test('a secret that is not kept, or that no header can hold, is said by name and not by value', async () => {
    const unknown = rigFor({ url: base, headers: { a: '${secret:NOBODY}' } });
    expect(await run(unknown.agent, {})).toMatchObject({ error: { data: { code: 'no-secret', status: 'NOBODY' } } });
    const bad = rigFor({ url: base, headers: { a: '${secret:BAD}' } });
    const answer = JSON.stringify(await run(bad.agent, {}));
    expect(answer).toContain('bad-header');
    expect(answer).not.toContain('break');
    expect(seen).toEqual([]);
  });

  test('that does not answer is given up after the tool’s own timeout', async () => {
    const arrived = Promise.withResolvers<void>();
    handler = () => arrived.resolve();
    const { agent, clock } = rigFor({ url: base, timeoutMs: 700 });
    const result = run(agent, {});
    await arrived.promise;
    await clock.advance(700_000);
    expect(await result).toMatchObject({ error: { code: 'tool/timeout', data: { timeoutMs: 700 } } });
  });

  test.each([
    [true, 'cancelled'],
    [false, undefined],
  ])('isReadOnly %s: an interruption answers it with %s', async (isReadOnly, code) => {
    const arrived = Promise.withResolvers<ServerResponse>();
    handler = (_request, response) => arrived.resolve(response);
    const { agent } = rigFor({ url: base, isReadOnly });
    const interrupted = new AbortController();
    const result = run(agent, {}, interrupted.signal);
    const response = await arrived.promise;
    interrupted.abort();
    response.end('1');
    expect(await result).toEqual(code === undefined ? 1 : { error: expect.objectContaining({ code }) });
  });

  test('the weather of a city is asked for at the user’s address', async () => {
    const weather = { source: 'weather', url: `${base}/w?k=\${secret:KEY}`, name: 'ask' };
    const { agent } = createAgentRig({ settings: { agent: { tools: [weather] } }, deps: { resources } });
    expect(await run(agent, { city: '深圳' })).toEqual({ ok: true });
    expect(seen[0]?.url).toBe(`/w?k=very-secret-value&city=${encodeURIComponent('深圳')}`);
  });
});

describe('an address', () => {
  const filled = (template: string, given: Record<string, unknown>) => addressOf('t', template, given, new Map()).url.href;

  test.each([
    ['http://{host}/x', { host: 'evil.example' }],
    ['http://a.example{port}/', { port: ':22' }],
    ['http://user@a.example/', {}],
    ['{scheme}://a.example/', { scheme: 'http' }],
    ['file:///etc/{name}', { name: 'passwd' }],
    ['ftp://a.example/', {}],
    ['http:a.example', {}],
    ['http://a.example\\@b.example/', {}],
    ['', {}],
  ])('%s leads nowhere', (template, given) => {
    expect(() => filled(template, given)).toThrow(expect.objectContaining({ code: 'tool/failed' }));
  });

  test.each([
    ['http://a.example/v1/{id}/x', { id: '..' }],
    ['http://a.example/v1/{id}/x', { id: '.' }],
    ['http://a.example/{a}{b}/x', { a: '.', b: '.' }],
  ])('%s: an argument cannot climb out of its place: %j', (template, given) => {
    expect(() => filled(template, given)).toThrow(expect.objectContaining({ code: 'tool/failed' }));
  });

  test.each(['//evil.example', '@evil.example', '\\evil', '%2e%2e', 'a b', '{x}', '${secret:KEY}', '?a=1#b'])(
    'whatever stands in an argument, the host stays: %s',
    (id) => {
      const url = new URL(filled('http://a.example/v1/{id}', { id }));
      expect([url.host, url.pathname]).toEqual(['a.example', `/v1/${encodeURIComponent(id)}`]);
    },
  );
});
