import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { codeOf, failureOf, messageOf, scopeOf } from '../../speech/failure.ts';
import { summariserOf } from '../../speech/summariser.ts';
import { translatorOf } from '../../speech/translator.ts';
import type { GatewayDeps } from '../gateway.ts';
import type { Admission } from './admission.ts';
import { codes } from './codes.ts';
import type { SpeechTally } from './gateway.ts';
import { recordedText } from './recorded-text.ts';
import { readTextRequest, type TextAction, type TextRequest } from './text-request.ts';

const MAX_BODY_BYTES = 1024 * 1024;
/** A reader of a stream that takes nothing for so long has gone. */
const SLOW_READER_MS = 15_000;

export interface TextApiDeps extends Pick<GatewayDeps, 'clock' | 'observer' | 'settings' | 'engines' | 'log'> {
  admission: Admission;
  tally: SpeechTally;
}

/** Summaries and translations of text: one address, the header `Action` says which (seed 003). Never rejects. */
export async function answerText(request: IncomingMessage, response: ServerResponse, deps: TextApiDeps): Promise<void> {
  response.on('error', () => response.destroy());
  try {
    await answer(request, response, deps);
  } catch (error) {
    deps.log.error({ err: error }, 'speech text request');
    response.destroy();
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, deps: TextApiDeps): Promise<void> {
  const { admission, settings, tally } = deps;
  const action = request.headers.action;
  const name = `/api ${typeof action === 'string' ? action.slice(0, 60) : '(no Action)'}`;
  const exchange = new Exchange(request, response, name, deps);
  if (request.method !== 'POST') {
    response.writeHead(405, { allow: 'POST', connection: 'close' }).end();
    return;
  }
  const token = /^Bearer\s+(\S{1,500})$/iu.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (!admission.isToken(token)) return exchange.refuse(codes.refused, 'Invalid Token');
  if (action !== 'IotTextSummary' && action !== 'IotTranslate') return exchange.refuse(codes.refused, 'Invalid Action header');
  const leave = admission.enter(`text ${token}`);
  if (leave === null) return exchange.refuse(codes.tooMany, 'too many at once');
  try {
    const body = await bodyOf(request);
    if (body === null) {
      exchange.record('up', '', { note: `a body longer than ${MAX_BODY_BYTES} bytes, or cut off` });
      tally.refused += 1;
      if (!response.destroyed) response.writeHead(413, { connection: 'close' }).end(() => request.destroy());
      return;
    }
    const read = readTextRequest(body, action, settings().speech);
    if (typeof read === 'string') {
      exchange.record('up', body, { isUnknown: true, note: read });
      return exchange.refuse(codes.badParameters, read);
    }
    exchange.record('up', body, read.notes.length === 0 ? {} : { note: read.notes.join('; ') });
    tally.requests += 1;
    await serve(exchange, action, read, deps);
  } finally {
    leave();
  }
}

async function serve(exchange: Exchange, action: TextAction, read: TextRequest, deps: TextApiDeps): Promise<void> {
  const { clock, engines, settings, tally } = deps;
  const now = settings();
  const chosen = engines(read.target === 'zh' ? 'zh' : 'en', now);
  const worker = action === 'IotTranslate' ? translatorOf(chosen, now) : summariserOf(chosen, now);
  exchange.engine = `${worker.id}${worker.isEmbedded ? ' (embedded)' : ''}`;
  const field = action === 'IotTranslate' ? 'data' : 'summary';
  const named = { request_id: read.requestId };
  const scope = scopeOf(clock, exchange.signal, 'llm', worker.id);
  const prompt = read.isStream && read.prompt !== '' ? read.prompt : now.speech.summaryPrompt;
  const pieces =
    'translate' in worker
      ? worker.translate({ text: read.text, source: read.source, target: read.target }, scope)
      : worker.summarise({ text: read.text, prompt }, scope);
  try {
    let whole = '';
    for await (const piece of pieces) {
      whole += piece;
      if (read.isStream && piece !== '') await exchange.piece({ code: 0, err_msg: '', [field]: piece, is_finish: false, ...named });
    }
    if (exchange.signal.aborted) return;
    if (read.isStream) exchange.end({ code: 0, err_msg: '', [field]: '', is_finish: true, ...named });
    else exchange.whole({ code: 0, err_msg: action === 'IotTranslate' ? 'success' : '', [field]: whole.trim(), is_finish: true, ...named });
  } catch (error) {
    if (exchange.signal.aborted) return;
    const failure = failureOf(error, 'llm', worker.id);
    const code = codeOf(failure);
    tally.failed += 1;
    deps.observer.event({ atUs: clock.nowUs(), kind: 'engine.error', stage: 'llm', error: failure.error, productCode: code });
    exchange.fail({ code, err_msg: messageOf(failure), ...named });
  }
}

/** One request and its answer: recorded, in one piece or as events, and ended when the client goes. */
class Exchange {
  /** Who answers; a header of the answer says it. */
  engine = '';
  readonly #response: ServerResponse;
  readonly #name: string;
  readonly #deps: TextApiDeps;
  readonly #gone = new AbortController();
  #said = '';

  constructor(request: IncomingMessage, response: ServerResponse, name: string, deps: TextApiDeps) {
    this.#response = response;
    this.#name = name;
    this.#deps = deps;
    response.on('close', () => this.#gone.abort());
    request.on('error', () => this.#gone.abort());
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  record(direction: 'up' | 'down', text: string, more: { note?: string; isUnknown?: boolean } = {}): void {
    const { clock, observer } = this.#deps;
    const recorded = recordedText(text);
    const note = [more.note, recorded.note].filter((part) => part !== undefined).join('; ');
    observer.event({
      atUs: clock.nowUs(),
      kind: 'wire.message',
      gateway: 'speech',
      channel: 'http',
      direction,
      name: this.#name,
      text: recorded.text,
      ...(note !== '' && { note }),
      ...(more.isUnknown === true && { isUnknown: true }),
    });
  }

  /** What is wrong with the request. */
  refuse(code: number, message: string): void {
    this.#deps.tally.refused += 1;
    this.#json({ code, err_msg: message }, true);
  }

  /** What went wrong with the answer; the last event where it has begun. */
  fail(message: object): void {
    if (this.#response.headersSent) this.end({ ...message, is_finish: true });
    else this.#json(message, true);
  }

  whole(message: object): void {
    this.#json(message, false);
  }

  /** One event; waits for a reader that is behind, and leaves one that has stopped reading. */
  async piece(message: object): Promise<void> {
    this.#beginEvents();
    const text = JSON.stringify(message);
    this.#said += `${text}\n`;
    if (this.#response.write(`data: ${text}\n\n`)) return;
    const slow = AbortSignal.timeout(SLOW_READER_MS);
    try {
      await once(this.#response, 'drain', { signal: AbortSignal.any([slow, this.#gone.signal]) });
    } catch (error) {
      if (slow.aborted) {
        this.#deps.observer.event({ atUs: this.#deps.clock.nowUs(), kind: 'dropped', what: 'slow-reader', count: 1 });
        this.#response.destroy();
      }
      throw error;
    }
  }

  end(message: object): void {
    this.#beginEvents();
    const text = JSON.stringify(message);
    this.#response.end(`data: ${text}\n\n`);
    this.record('down', `${this.#said}${text}`, this.#by());
  }

  #beginEvents(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...this.#header() });
  }

  #json(message: object, isError: boolean): void {
    if (this.#response.destroyed) return;
    const text = JSON.stringify(message);
    const { errorStatus } = this.#deps.settings().speech;
    this.#response.writeHead(isError ? errorStatus : 200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...this.#header(),
      // A body that was not read must not be taken for the next request.
      ...(isError && { connection: 'close' }),
    });
    this.#response.end(text);
    this.record('down', text, this.#by());
  }

  #header(): Record<string, string> {
    return this.engine === '' ? {} : { 'x-talkbench-engine': this.engine.replaceAll(/[^\x20-\x7e]/gu, '?') };
  }

  #by(): { note?: string } {
    return this.engine === '' ? {} : { note: `by ${this.engine}` };
  }
}

/** Null when it is too long or was cut off. */
function bodyOf(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let length = 0;
    const done = (body: string | null) => {
      request.removeAllListeners('data');
      resolve(body);
    };
    request.on('data', (part: Buffer) => {
      length += part.length;
      if (length > MAX_BODY_BYTES) {
        request.pause();
        done(null);
      } else parts.push(part);
    });
    request.on('end', () => done(Buffer.concat(parts).toString('utf8')));
    request.on('aborted', () => done(null));
    request.on('error', () => done(null));
  });
}
