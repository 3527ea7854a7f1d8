import type { AgentTool } from '../../../preload/contract/agents.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Tool } from '../tools.ts';
import { httpRequest } from './http-request.ts';

export interface HttpToolDeps {
  fetch: typeof fetch;
  /** Null: there is none of that name. */
  secret(name: string): Promise<string | null>;
}

const secretPlace = /\$\{secret:([^}]+)\}/gu;
/** Not the secrets' `${…}`. */
const argumentPlace = /(?<!\$)\{([^{}]+)\}/gu;
/** Scheme and authority: what an address leads to. No place may stand there. */
const destination = /^(https?:\/\/[^/?#\\@{}]+)(?=[/?#]|$)/iu;

/** A web service as a tool. The address and headers are the user's own; arguments of the model only fill places of path and query. */
export function httpTool(tool: Extract<AgentTool, { source: 'http' }>, deps: HttpToolDeps): Tool {
  const { name, description, parameters, method, timeoutMs, isReadOnly } = tool;
  return {
    definition: { name, description, parameters: { type: 'object', ...parameters } },
    isReadOnly,
    timeoutMs,
    run: (given, signal) => request({ name, method, url: tool.url, headers: tool.headers }, given, deps, signal),
  };
}

/** GETs the user's address with `?city=`, or with `{city}` filled in where the address has that place. */
export function weatherTool(tool: Extract<AgentTool, { source: 'weather' }>, deps: HttpToolDeps): Tool {
  const { name, url } = tool;
  return {
    definition: {
      name,
      description: 'The weather of a city. 查询城市天气。',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string', minLength: 1, maxLength: 100, description: 'The city’s name.' } },
        required: ['city'],
      },
    },
    isReadOnly: true,
    timeoutMs: 5000,
    run: (given, signal) => request({ name, method: 'GET', url, headers: {} }, given, deps, signal),
  };
}

async function request(
  tool: { name: string; method: 'GET' | 'POST'; url: string; headers: Readonly<Record<string, string>> },
  given: Readonly<Record<string, unknown>>,
  deps: HttpToolDeps,
  signal: AbortSignal,
): Promise<unknown> {
  const { name, method } = tool;
  const secrets = new Map<string, string>();
  for (const text of [tool.url, ...Object.values(tool.headers)]) {
    for (const [, secretName = ''] of text.matchAll(secretPlace)) {
      const value = await deps.secret(secretName);
      if (value === null) throw new TalkError('tool/failed', { name, code: 'no-secret', status: secretName });
      secrets.set(secretName, value);
    }
  }
  const { url, left } = addressOf(name, tool.url, given, secrets);
  if (method === 'GET') for (const [key, value] of Object.entries(left)) url.searchParams.append(key, textOf(value));
  const fill = (text: string) => text.replaceAll(secretPlace, (_place, secretName: string) => secrets.get(secretName) ?? '');
  const headers = Object.fromEntries(Object.entries(tool.headers).map(([key, value]) => [key, fill(value)]));
  return httpRequest(
    {
      name,
      method,
      url,
      headers,
      ...(method === 'POST' && { body: JSON.stringify(left) }),
      secrets: [...secrets.values()],
      fetch: deps.fetch,
    },
    signal,
  );
}

/**
 * The address with its places filled, and the arguments that had none. Fails with 'tool/failed' 'bad-url' when the template is no web
 * address with a fixed host, or when what was filled in would lead to another path ('..').
 */
export function addressOf(
  name: string,
  template: string,
  given: Readonly<Record<string, unknown>>,
  secrets: ReadonlyMap<string, string>,
): { url: URL; left: Record<string, unknown> } {
  const fail = (status: string) => new TalkError('tool/failed', { name, code: 'bad-url', status });
  if (!destination.test(template)) throw fail('not a web address with a fixed host');
  const used = new Set<string>();
  const fill = (textFor: (key: string) => string) =>
    template
      .replaceAll(secretPlace, (_place, key: string) => encodeURIComponent(secrets.get(key) ?? ''))
      .replaceAll(argumentPlace, (_place, key: string) => {
        used.add(key);
        return encodeURIComponent(textFor(key));
      });
  const filled = URL.parse(fill((key) => (Object.hasOwn(given, key) ? textOf(given[key]) : '')));
  const plain = URL.parse(fill(() => 'x'));
  if (filled === null || plain === null) throw fail('not a web address');
  const depth = (url: URL) => url.pathname.split('/').length;
  if (filled.origin !== plain.origin || depth(filled) !== depth(plain)) throw fail('an argument leads to another path');
  return { url: filled, left: Object.fromEntries(Object.entries(given).filter(([key]) => !used.has(key))) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
