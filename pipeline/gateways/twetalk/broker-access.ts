import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Observer } from '../../observer.ts';
import type { DeviceRegistry } from '../devices.ts';
import { type GatewayServer, pathOf } from '../http.ts';
import { createAdmission, splitClientId, toldOf } from './admission.ts';
import { parseObject } from './board-text.ts';
import { parseUsername } from './credentials.ts';
import { parseTopic } from './topics.ts';

const MAX_BODY_BYTES = 8192;
const BODY_TIMEOUT_US = 5_000_000;

export const BROKER_PREFIX = '/broker/';
/** What a broker asks, by its path after the token: EMQX 5 (JSON) and mosquitto-go-auth (status alone). */
export const brokerQuestions = {
  emqxAuthentication: 'emqx/auth',
  emqxAuthorization: 'emqx/acl',
  user: 'user',
  superuser: 'superuser',
  acl: 'acl',
} as const;

type Question = keyof typeof brokerQuestions;
type Verdict = 'allow' | 'deny';

export interface BrokerAccessDeps {
  clock: Clock;
  observer: Observer;
  settings: () => Settings;
  devices: DeviceRegistry;
  http: GatewayServer;
  /** Null: nothing is answered. */
  token: () => string | null;
  /** Of the bench's own connection to the broker. */
  password: () => string | null;
}

/**
 * What an external broker asks about who connects to it and what they may: `/broker/<token>/<question>`, or without the token where it is
 * in `Authorization: Bearer`. EMQX 5's HTTP authenticator and authoriser get their JSON with status 200, mosquitto-go-auth a 200 or a 403
 * without a body. The bench's own connection may do everything, a device what it may on the bench's own broker. Returns the removal.
 */
export function mountBrokerAccess(deps: BrokerAccessDeps): () => void {
  const { clock, observer, devices, settings } = deps;
  const admission = createAdmission(deps);

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    const question = questionOf(request);
    if (question === null) {
      response.writeHead(404, { 'content-length': 0, connection: 'close' }).end();
      return;
    }
    readBody(request, clock).then(
      (body) => {
        const verdict = body === null ? 'deny' : judge(question, fieldsOf(request, body));
        reply(response, question, verdict);
      },
      () => response.destroy(),
    );
  }

  function questionOf(request: IncomingMessage): Question | null {
    const token = deps.token();
    if (token === null || (request.method !== 'POST' && request.method !== 'GET')) return null;
    const path = pathOf(request).slice(BROKER_PREFIX.length);
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    for (const [question, name] of Object.entries(brokerQuestions) as [Question, string][]) {
      if (bearer !== undefined && path === name) return isSame(bearer, token) ? question : null;
      if (path.endsWith(`/${name}`) && isSame(path.slice(0, -name.length - 1), token)) return question;
    }
    return null;
  }

  function judge(question: Question, fields: Record<string, string>): Verdict {
    const { clientid = '', username = '', password = '', topic = '' } = fields;
    const isBench = username !== '' && username === settings().broker.username;
    switch (question) {
      case 'superuser':
        return isBench ? 'allow' : 'deny';
      case 'user':
      case 'emqxAuthentication': {
        if (isBench) return isSame(password, deps.password() ?? '') && password !== '' ? 'allow' : 'deny';
        const address = fields.peerhost ?? '';
        const verdict = admission.admit({
          clientId: clientid || (parseUsername(username)?.clientId ?? ''),
          username,
          password,
          proof: null,
          address,
        });
        if ('proof' in verdict) return 'allow';
        observer.event({ atUs: clock.nowUs(), kind: 'device.refused', ...toldOf(verdict) });
        return 'deny';
      }
      case 'acl':
      case 'emqxAuthorization':
        return isBench || mayUse(topic, fields) ? 'allow' : 'deny';
    }
  }

  /** Its own topics, and none of the cloud's to publish: the broker has checked by now that the username is the device's. */
  function mayUse(text: string, { clientid = '', username = '', action = '', acc = '' }: Record<string, string>): boolean {
    const topic = parseTopic(text);
    if (topic === null) return false;
    const own = parseUsername(username)?.clientId ?? clientid;
    const device = devices.findByClientId(own) ?? splitClientId(own);
    const isOwn = device.productId === topic.productId && device.deviceName === topic.deviceName;
    // mosquitto-go-auth: 1 read, 2 write, 3 both, 4 subscribe.
    const isPublish = action === 'publish' || acc === '2' || acc === '3';
    return isOwn && !(isPublish && topic.direction === 'down');
  }

  return deps.http.mount({ prefix: BROKER_PREFIX, onRequest });
}

function reply(response: ServerResponse, question: Question, verdict: Verdict): void {
  if (!question.startsWith('emqx')) {
    response.writeHead(verdict === 'allow' ? 200 : 403, { 'content-length': 0 }).end();
    return;
  }
  const body = JSON.stringify({ result: verdict });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}

/** JSON, a form or a query: text alone, since a broker leaves out what it does not know, or says null. */
function fieldsOf(request: IncomingMessage, body: string): Record<string, string> {
  const query = new URL(request.url ?? '/', 'http://bench').searchParams;
  const type = request.headers['content-type'] ?? '';
  const sent = type.includes('json') ? Object.entries(parseObject(body) ?? {}) : [...new URLSearchParams(body)];
  const texts = sent.flatMap(([name, value]) => (typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : []));
  return Object.fromEntries([...query, ...texts]) as Record<string, string>;
}

/** Null: too long, or too slow. */
function readBody(request: IncomingMessage, clock: Clock): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (body: string | null) => {
      cancel();
      resolve(body);
    };
    const cancel = clock.at((clock.nowUs() + BODY_TIMEOUT_US) as ReturnType<Clock['nowUs']>, () => end(null));
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) end(null);
      else chunks.push(chunk);
    });
    request.on('end', () => end(Buffer.concat(chunks).toString('utf8')));
    request.on('error', (error) => {
      cancel();
      reject(error);
    });
  });
}

/** In the same time wherever, and however long, they differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
