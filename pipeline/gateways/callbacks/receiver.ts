import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallbackKind, ReceivedCallback } from '../../../preload/contract/cloud/callbacks.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { parseObject, wordOf } from '../../json-object.ts';
import { Bodies } from '../cloud/body.ts';
import type { GatewayRoute } from '../http.ts';
import { pathOf } from '../http.ts';
import { isSameSign, serverSign, subtitleSign } from './signature.ts';

export const receiverPaths = { server: '/callbacks/server', subtitle: '/callbacks/subtitle' } as const;

const limits = { mostBytes: 256 * 1024, mostBytesTogether: 16 * 1024 * 1024 };
/** Of a body, in what is told; no callback of the documents is near it. */
const MOST_SHOWN = 16 * 1024;
/** Ids of so many messages are known again. */
const REMEMBERED = 10_000;
/** Senders give up long before; then the socket is theirs to close. */
const LONGEST_SILENCE_US = 60_000_000;
/** Headers worth a look; the others say nothing about a callback. */
const shownHeaders = ['content-type', 'sign', 'sdkappid', 'x-timestamp', 'x-request-id', 'user-agent'];

export interface ReceiverDeps {
  clock: Clock;
  settings: () => Settings['callbacks'];
  /** The key that messages of that kind are signed with; null where none is kept. */
  key: (kind: CallbackKind) => string | null;
  onReceived: (callback: ReceivedCallback) => void;
}

/**
 * A backend to look at callbacks with: it checks signature, age and repetition in the order the documents advise (seed 000 建议的服务端校验顺序), says
 * what it found, and answers as the settings want it to, also badly.
 */
export function createReceiver(deps: ReceiverDeps): GatewayRoute {
  const { clock } = deps;
  const bodies = new Bodies(limits);
  /** Digests: the ids are strangers', and as long as they like. */
  const seen = new Set<string>();

  function isRepeated(identity: string): boolean {
    if (seen.has(identity)) return true;
    seen.add(identity);
    if (seen.size > REMEMBERED) seen.delete(seen.values().next().value as string);
    return false;
  }

  function judge(kind: CallbackKind, request: IncomingMessage, body: Buffer): Judgement {
    const text = body.toString('utf8');
    const message = parseObject(text);
    const header = (name: string) => String(request.headers[name] ?? '');
    const name = kind === 'server' ? wordOf(message?.EventType, 40) : `subtitle ${wordOf(message?.role, 40)}`;
    if (message === null) return { name, verdict: 'malformed' };
    const stamp = numberIn(kind === 'server' ? (message.CallbackMsTs ?? message.CallbackTs) : header('x-timestamp'));
    if (!Number.isFinite(stamp)) return { name, verdict: 'malformed' };
    const ageMs = Math.round(clock.wallMs() - stamp);
    if (Math.abs(ageMs) > deps.settings().receiverFreshnessS * 1000) return { name, ageMs, verdict: 'stale' };
    const key = deps.key(kind);
    const sign = header('sign');
    if (key !== null) {
      const expected = kind === 'server' ? serverSign(key, body) : subtitleSign(key, body, header('x-timestamp'), header('x-request-id'));
      if (sign === '') return { name, ageMs, verdict: 'unsigned', expectedSign: expected };
      if (!isSameSign(sign, expected)) return { name, ageMs, verdict: 'bad-signature', expectedSign: expected };
    }
    // A server callback has no id of its own: a repetition is the same bytes once more.
    const identity = kind === 'server' ? body : header('x-request-id');
    if (isRepeated(createHash('sha256').update(kind).update(identity).digest('base64'))) return { name, ageMs, verdict: 'duplicate' };
    return { name, ageMs, verdict: key === null && sign !== '' ? 'unchecked' : 'good' };
  }

  function respond(response: ServerResponse, verdict: ReceivedCallback['verdict']): ReceivedCallback['answer'] {
    const { receiverAnswer, receiverStatus } = deps.settings();
    if (receiverAnswer === 'silence') {
      const cancel = clock.at((clock.nowUs() + LONGEST_SILENCE_US) as MonoUs, () => response.destroy());
      response.on('close', cancel);
      return 'silence';
    }
    const status = receiverAnswer === 'status' ? receiverStatus : statusOf[verdict];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ code: status === 200 ? 0 : status }));
    return status;
  }

  function receive(kind: CallbackKind, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const judgement = judge(kind, request, body);
    const headers = Object.fromEntries(
      shownHeaders.flatMap((name) => (request.headers[name] === undefined ? [] : [[name, String(request.headers[name]).slice(0, 300)]])),
    );
    const answer = respond(response, judgement.verdict);
    deps.onReceived({
      ...{ id: randomUUID(), kind, receivedWallMs: clock.wallMs(), headers, body: shown(body.toString('utf8')), answer },
      ...judgement,
    });
  }

  return {
    prefix: '/callbacks/',
    onRequest(request, response) {
      const kind = (['server', 'subtitle'] as const).find((one) => receiverPaths[one] === pathOf(request));
      if (kind === undefined) return void response.writeHead(404, { 'content-length': 0 }).end();
      if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST', 'content-length': 0 }).end();
      bodies
        .read(request)
        .then((body) => {
          if (typeof body !== 'string') receive(kind, request, response, body);
          else response.writeHead(body === 'too-large' ? 413 : 503, { 'content-length': 0, connection: 'close' }).end();
        })
        .catch(() => response.destroy());
    },
  };
}

/** The tables have a number; some languages send it as a text. */
function numberIn(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;
}

function shown(body: string): string {
  return body.length > MOST_SHOWN ? `${body.slice(0, MOST_SHOWN)}…` : body;
}

type Judgement = Pick<ReceivedCallback, 'name' | 'verdict' | 'expectedSign' | 'ageMs'>;

/** A repetition is answered like the first: it is how a sender learns that the first one came. */
const statusOf: Record<ReceivedCallback['verdict'], number> = {
  good: 200,
  unchecked: 200,
  duplicate: 200,
  unsigned: 401,
  'bad-signature': 401,
  stale: 400,
  malformed: 400,
};
