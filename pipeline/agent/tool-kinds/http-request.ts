import { TalkError } from '../../../preload/contract/errors.ts';

/** What a tool's service may answer. */
export const MOST_REPLY_BYTES = 256 * 1024;
/** Of that, what goes to the language model. */
const MOST_TEXT = 16_000;
const MOST_REDIRECTS = 3;
/** Of a refusal's text, for whoever reads the tool call. */
const MOST_REFUSAL_TEXT = 300;

export interface HttpRequest {
  /** Named in errors. */
  name: string;
  method: 'GET' | 'POST';
  url: URL;
  headers: Readonly<Record<string, string>>;
  /** JSON. */
  body?: string;
  /** What of the above is secret: taken out of whatever comes back. */
  secrets: readonly string[];
  fetch: typeof fetch;
}

/**
 * One request of a tool. JSON comes back parsed, other text as it is, long text cut. Redirects are followed three times, to another
 * origin without the tool's headers. Fails with 'tool/failed' whose `code` is the HTTP status or 'unreachable' | 'too-large' | 'redirect' |
 * 'bad-header', or with the signal's reason.
 */
export async function httpRequest(request: HttpRequest, signal: AbortSignal): Promise<unknown> {
  const fail = (code: string | number, status: string) =>
    new TalkError('tool/failed', { name: request.name, code, status: withoutSecrets(status, request.secrets) });
  let { method, url, body } = request;
  let headers: Headers;
  try {
    headers = new Headers(request.headers);
  } catch {
    // Not the error's own words: they quote the value.
    throw fail('bad-header', 'a header cannot be written');
  }
  if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
  for (let redirects = 0; ; redirects += 1) {
    const response = await send();
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (location === null) return await read(response);
    await response.body?.cancel();
    const next = URL.parse(location, url);
    if (next === null || !/^https?:$/u.test(next.protocol)) throw fail('redirect', 'to no web address');
    if (redirects === MOST_REDIRECTS) throw fail('redirect', 'too many');
    if (next.origin !== url.origin) headers = new Headers();
    if (response.status !== 307 && response.status !== 308 && method === 'POST') {
      method = 'GET';
      body = undefined;
      headers.delete('content-type');
    }
    url = next;
  }

  async function send(): Promise<Response> {
    try {
      return await request.fetch(url, { method, headers, signal, redirect: 'manual', ...(body !== undefined && { body }) });
    } catch (error) {
      signal.throwIfAborted();
      throw fail('unreachable', reasonOf(error));
    }
  }

  async function read(response: Response): Promise<unknown> {
    const text = withoutSecrets(await textOf(response), request.secrets);
    if (!response.ok) throw fail(response.status, text.slice(0, MOST_REFUSAL_TEXT));
    if (text.length > MOST_TEXT) return { text: text.slice(0, MOST_TEXT), isCut: true };
    if (text === '') return null;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }

  async function textOf(response: Response): Promise<string> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of response.body ?? []) {
        size += chunk.byteLength;
        // Leaving the loop cancels the body.
        if (size > MOST_REPLY_BYTES) throw fail('too-large', `more than ${MOST_REPLY_BYTES} bytes`);
        chunks.push(chunk);
      }
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof TalkError ? error : fail('unreachable', reasonOf(error));
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

/** Undici says "fetch failed" and keeps the reason in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return String(cause);
}

/** A service that answers with what it was sent would put them into the history and the record. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => (secret === '' ? left : left.replaceAll(secret, '***')), text);
}
