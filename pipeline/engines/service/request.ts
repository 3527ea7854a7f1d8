import { TalkError } from '../../../preload/contract/talk-error.ts';
import { keptOpen } from './connections.ts';
import { connectionFailure, cutFailure, type ServiceName, statusFailure } from './failure.ts';

export interface ServiceRequest {
  service: ServiceName;
  url: URL;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is; with a `content-type` of its own among the headers. */
  body?: string;
  /** Sent as multipart/form-data. */
  form?: FormData;
  signal: AbortSignal;
}

/** Of an answer that is an error, so much is read. */
const ERROR_BYTES = 16_384;
const REASON_LENGTH = 300;
/** And of what follows an answer's end so much, for so long. */
const REST_BYTES = 65_536;
const REST_MS = 100;

/**
 * POSTs to a service; resolves with the response once its headers are there, if its status is good. Rejects with TalkError
 * 'engine/unreachable' | 'engine/unauthorized' | 'engine/rate-limited' | 'engine/timeout' | 'engine/failed', or the signal's reason.
 * Not retried: a turn must not be said twice. Redirects are refused, for they would take the key elsewhere.
 */
export async function request({ service, url, headers = {}, json, body, form, signal }: ServiceRequest): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
      body: json === undefined ? (form ?? body ?? '') : JSON.stringify(json),
      signal,
      redirect: 'manual',
      ...keptOpen(),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw connectionFailure(service, url.origin, error);
  }
  if (response.ok) return response;
  const said = await readStart(response, service, signal);
  throw statusFailure(service, response.status, reasonIn(said) ?? '', response.headers.get('retry-after'));
}

/**
 * Throws TalkError 'engine/failed' for an answer that says it is something else than audio: a sign-in page or an error in JSON, of status
 * 200, would be played as the loudest of noises.
 */
export async function requireAudio(response: Response, service: ServiceName, signal: AbortSignal): Promise<void> {
  const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!/^text\/|json|xml/u.test(type)) return;
  const said = reasonIn(await readStart(response, service, signal)) ?? '';
  throw new TalkError('engine/failed', { ...service, reason: `no audio but ${type}: ${said}`.slice(0, REASON_LENGTH) });
}

/**
 * The body's pieces as they come. Rejects with 'engine/cut' when it ends early; aborting ends it without an error. Who leaves before its
 * end waits a moment for that: only a connection whose answer was read to the end is used again, and a new one takes several round trips.
 */
export async function* bodyOf(response: Response, service: ServiceName, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  let isOver = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isOver = done;
      if (done) return;
      yield value;
    }
  } catch (error) {
    isOver = true;
    if (!signal.aborted) throw cutFailure(service, error);
  } finally {
    if (!isOver) await readOut(reader);
  }
}

/** What still comes of an answer whose rest is of no use; given up when that is much or late. */
async function readOut(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, REST_MS, 'late');
  });
  try {
    for (let bytes = 0; bytes < REST_BYTES; ) {
      const next = await Promise.race([reader.read(), late]);
      if (next === 'late') break;
      if (next.done) return;
      bytes += next.value.byteLength;
    }
    await reader.cancel();
  } catch {
    // Aborted, or cut: there is nothing to use again.
  } finally {
    clearTimeout(timer);
  }
}

/** The whole body as JSON, bounded. Rejects with 'engine/failed' for anything else. */
export async function jsonOf(response: Response, service: ServiceName, signal: AbortSignal): Promise<unknown> {
  const text = await readStart(response, service, signal, 1_000_000);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new TalkError('engine/failed', { ...service, reason: `not JSON: ${text.slice(0, 120)}` });
  }
}

async function readStart(response: Response, service: ServiceName, signal: AbortSignal, limit = ERROR_BYTES): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of bodyOf(response, service, signal)) {
    text += decoder.decode(piece, { stream: true });
    if (text.length >= limit) break;
  }
  return text.slice(0, limit);
}

/** What a service's error body says, in any of the forms they use; a body that is no JSON as it is. */
export function reasonIn(body: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return body.trim() === '' ? null : body.replaceAll(/\s+/gu, ' ').trim();
  }
  return sentenceIn(value);
}

const sentenceKeys = ['message', 'msg', 'status_msg', 'Message', 'err_msg', 'error_description', 'title'];
const nestedKeys = ['error', 'detail', 'base_resp', 'Response', 'Error', 'last_error'];

function sentenceIn(value: unknown, depth = 0): string | null {
  if (typeof value === 'string') return value;
  if (depth > 4 || typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) return sentenceIn(value[0], depth + 1);
  const record = value as Record<string, unknown>;
  for (const key of nestedKeys) {
    const found = key in record ? sentenceIn(record[key], depth + 1) : null;
    if (found !== null) return found;
  }
  for (const key of sentenceKeys) if (typeof record[key] === 'string' && record[key] !== '') return record[key];
  return null;
}
