import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiRequest } from '../../../preload/contract/cloud/cloud-api.ts';
import type { Gateway, GatewayDeps } from '../gateway.ts';
import { pathOf } from '../http.ts';
import { parseObject } from '../twetalk/board-text.ts';
import { type ApiAction, ApiError } from './action.ts';
import { authenticate, type SignatureFacts } from './authenticate.ts';
import { Bodies } from './body.ts';
import { checkParameters } from './parameters.ts';
import { RateLimit } from './rate-limit.ts';
import { headerOf } from './tc3.ts';
import { isTrusted } from './trust.ts';
import { withoutKeys } from './without-keys.ts';

export interface CloudApiGatewayDeps extends Pick<GatewayDeps, 'clock' | 'observer' | 'settings' | 'accounts' | 'http' | 'log'> {
  actions: readonly ApiAction[];
  /** A failure that the operator wants this action to answer with, once for each time it is asked. */
  failureFor?: (action: string) => ApiError | null;
  onRequest: (request: ApiRequest) => void;
}

/** The document's limit of a request signed with TC3. */
const limits = { mostBytes: 10 * 1024 * 1024, mostBytesTogether: 64 * 1024 * 1024 };
/** What is shown of one request or reply. */
const MOST_SHOWN = 20_000;
const MOST_SHOWN_OF_STRANGERS = 2000;
/** To parse 10 MB holds everybody up: whoever wants that says first who they are. */
const MOST_READ_OF_STRANGERS = 64 * 1024;

/**
 * Tencent Cloud API v3 on `/` of the shared listener (reference/providers.md §2): every answer has status 200 and the content type
 * `application/json`, exactly, because the official SDKs look at both. What a request is for says X-TC-Action and X-TC-Version; the
 * service's name is the client's matter, who on a loopback address cannot know it.
 */
export function startCloudApiGateway(deps: CloudApiGatewayDeps): Gateway {
  const { clock, observer, settings, accounts, log } = deps;
  const bodies = new Bodies(limits);
  const rate = new RateLimit(clock);

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (pathOf(request) !== '/') {
      response.writeHead(404, { 'content-length': 0 }).end();
      return;
    }
    const fromUs = clock.nowUs();
    const asked = factsOf(request);
    const seen: Seen = { secretId: '', parameters: undefined, signature: null };
    let answer: Record<string, unknown>;
    let refusal: ApiError | null = null;
    try {
      answer = await answered(request, asked, seen);
    } catch (error) {
      if (request.destroyed && !request.complete) return;
      refusal = error instanceof ApiError ? error : new ApiError('InternalError', 'An internal error has occurred.');
      if (refusal !== error) log.error({ err: error, action: asked.action, requestId: asked.requestId }, 'cloud api');
      answer = { Error: { Code: refusal.code, Message: refusal.message } };
    }
    const body = JSON.stringify({ Response: { ...answer, RequestId: asked.requestId } });
    // What was not read would hold the connection.
    if (!request.complete) response.setHeader('connection', 'close');
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
    tell(request, asked, seen, { answer, refusal, elapsedMs: (clock.nowUs() - fromUs) / 1000 });
  }

  async function answered(request: IncomingMessage, asked: Asked, seen: Seen): Promise<Record<string, unknown>> {
    if (request.method !== 'POST')
      throw new ApiError('UnsupportedProtocol', 'Requests are signed with TC3-HMAC-SHA256 and sent with POST.');
    const body = await bodies.read(request);
    if (body === 'too-large') throw new ApiError('RequestSizeLimitExceeded', 'The request is larger than 10 MB.');
    if (body === 'too-much-at-once') throw new ApiError('RequestLimitExceeded', 'Too many large requests at once.');
    const isSmall = body.length <= MOST_READ_OF_STRANGERS;
    if (isSmall) seen.parameters = parsed(body);
    authenticated(request, body, asked, seen);
    if (!isSmall) seen.parameters = parsed(body);
    if (asked.action === '') throw new ApiError('MissingParameter', 'The request is missing a required parameter `X-TC-Action`.');
    if (asked.version === '') throw new ApiError('MissingParameter', 'The request is missing a required parameter `X-TC-Version`.');
    const ofVersion = deps.actions.filter(({ version }) => version === asked.version);
    if (ofVersion.length === 0) throw new ApiError('NoSuchVersion', `The version ${asked.version} does not exist.`);
    const action = ofVersion.find(({ name }) => name === asked.action);
    if (action === undefined) throw new ApiError('InvalidAction', `The action ${asked.action} does not exist in version ${asked.version}.`);
    const { requestsPerSecond } = settings().cloudApi;
    if (!rate.take(`${action.version} ${action.name}`, requestsPerSecond))
      throw new ApiError('RequestLimitExceeded', `The frequency of ${action.name} exceeds ${requestsPerSecond} requests per second.`);
    const failure = deps.failureFor?.(action.name) ?? null;
    if (failure !== null) throw failure;
    if (seen.parameters === undefined) throw new ApiError('InvalidParameter', 'The body of the request is not a JSON object.');
    const parameters = checkParameters(action.parameters, seen.parameters);
    const mayNameServices = isTrusted(settings().cloudApi.signature, request.socket.remoteAddress);
    return action.run(parameters, { requestId: asked.requestId, secretId: seen.secretId, region: asked.region, mayNameServices });
  }

  function authenticated(request: IncomingMessage, body: Buffer, { headers }: Asked, seen: Seen): void {
    const signed = {
      method: request.method ?? '',
      query: (request.url ?? '').split('?')[1] ?? '',
      ...{ headers, body, timestamp: headers['x-tc-timestamp'] ?? '' },
    };
    const verdict = authenticate(signed, Math.floor(clock.wallMs() / 1000), (id) => accounts.secretKey(id));
    seen.signature = verdict.facts;
    if (verdict.facts !== null) seen.secretId = verdict.facts.claimed.secretId;
    if ('refusal' in verdict && settings().cloudApi.signature === 'checked') throw verdict.refusal;
  }

  function tell(
    request: IncomingMessage,
    asked: Asked,
    seen: Seen,
    outcome: { answer: Record<string, unknown>; refusal: ApiError | null; elapsedMs: number },
  ): void {
    const { requestId, action, version, region, headers } = asked;
    const isRefusedSignature = outcome.refusal?.code.startsWith('AuthFailure.') === true;
    const shown: ApiRequest = {
      ...{ requestId, action, version, region, secretId: seen.secretId, atWallMs: clock.wallMs() },
      service: seen.signature?.claimed.service ?? '',
      client: (headers['x-tc-requestclient'] ?? headers['user-agent'] ?? '').slice(0, 200),
      remote: request.socket.remoteAddress ?? '',
      code: outcome.refusal?.code ?? '',
      message: outcome.refusal?.message ?? '',
      elapsedMs: outcome.elapsedMs,
      request: shownJson(seen.parameters ?? {}, isRefusedSignature ? MOST_SHOWN_OF_STRANGERS : MOST_SHOWN),
      response: shownJson(outcome.answer, MOST_SHOWN),
      signature: isRefusedSignature ? shownSignature(seen.signature, headers) : null,
    };
    const wire = { kind: 'wire.message', gateway: 'cloud', channel: 'http', name: action || '(no action)' } as const;
    const note = outcome.refusal === null ? {} : { note: `${shown.code}: ${shown.message}` };
    observer.event({ ...wire, atUs: clock.nowUs(), direction: 'up', text: shown.request });
    observer.event({ ...wire, atUs: clock.nowUs(), direction: 'down', text: shown.response, ...note });
    deps.onRequest(shown);
  }

  const unmount = deps.http.mount({
    prefix: '/',
    onRequest: (request, response) => {
      onRequest(request, response).catch((error) => {
        log.error({ err: error }, 'cloud api');
        response.destroy();
      });
    },
  });

  return {
    listeners: [],
    conversation: () => undefined,
    async close() {
      unmount();
    },
  };
}

interface Asked {
  requestId: string;
  action: string;
  version: string;
  region: string;
  headers: Readonly<Record<string, string>>;
}

interface Seen {
  secretId: string;
  parameters: Record<string, unknown> | undefined;
  signature: SignatureFacts | null;
}

function factsOf(request: IncomingMessage): Asked {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')]),
  );
  const word = (name: string) => (headers[name] ?? '').replace(/[^\w.-]/gu, '?').slice(0, 100);
  return { requestId: randomUUID(), action: word('x-tc-action'), version: word('x-tc-version'), region: word('x-tc-region'), headers };
}

/** An empty body is a request without parameters; undefined for what is no JSON object, or one that is nested beyond reason. */
function parsed(body: Buffer): Record<string, unknown> | undefined {
  return body.length === 0 ? {} : (parseObject(body.toString('utf8')) ?? undefined);
}

function shownJson(value: unknown, mostCharacters: number): string {
  const text = JSON.stringify(withoutKeys(value));
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
}

function shownSignature(facts: SignatureFacts | null, headers: Readonly<Record<string, string>>): ApiRequest['signature'] {
  if (facts === null) return null;
  const { date, service, signedHeaders, timestamp, signature } = facts.claimed;
  // The headers with a secret that some clients sign.
  const shown = (text: string) => text.replaceAll(/^(x-tc-token|authorization):.*$/gmu, '$1:[redacted]');
  return {
    received: {
      scope: `${date}/${service}/tc3_request`,
      signedHeaders: signedHeaders.map((name) => ({
        name,
        value: name === 'authorization' || name === 'x-tc-token' ? '[redacted]' : headerOf(headers, name).slice(0, 300),
      })),
      ...{ timestamp, signature },
    },
    expected: facts.expected.map((each) => ({ ...each, canonicalRequest: shown(each.canonicalRequest) })),
    mistake: facts.mistake,
  };
}
