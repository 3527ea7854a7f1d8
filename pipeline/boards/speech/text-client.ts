import { createParser } from 'eventsource-parser';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { asObject } from '../../json-object.ts';

export interface TextClientOptions {
  clock: Clock;
  /** `http://host:port`. */
  baseUrl: string;
  token: string;
  action: 'IotTextSummary' | 'IotTranslate';
  /** The document's body. */
  body: Record<string, unknown>;
  signal: AbortSignal;
  onMessage(direction: 'up' | 'down', message: { kind: 'http' | 'text'; text: string }): void;
}

export interface TextOutcome {
  text: string;
  engine: string | null;
  firstUs: number | null;
  violations: string[];
  refusal: { code: number; reason: string } | null;
}

/** A backend's side of summary and translation, in one piece and as events. Rejects with TalkError 'engine/unreachable', 'cancelled'. */
export async function askText(options: TextClientOptions): Promise<TextOutcome> {
  const { clock, action, body, signal, onMessage } = options;
  const field = action === 'IotTranslate' ? 'data' : 'summary';
  const isStream = body.stream === true;
  const outcome: TextOutcome = { text: '', engine: null, firstUs: null, violations: [], refusal: null };
  let isFinished = false;

  function take(text: string): void {
    onMessage('down', { kind: 'text', text });
    const message = asMessage(text);
    if (message === null) return void outcome.violations.push(`not JSON: ${text.slice(0, 100)}`);
    if (isFinished) outcome.violations.push('an event after is_finish');
    const code = Number(message.code);
    if (code !== 0) {
      outcome.refusal = { code, reason: typeof message.err_msg === 'string' ? message.err_msg : '' };
      isFinished = true;
      return;
    }
    const part = message[field];
    if (typeof part !== 'string') outcome.violations.push(`${field} is no text`);
    else if (part !== '') {
      outcome.firstUs ??= clock.nowUs();
      outcome.text += part;
    }
    if (message.request_id !== body.request_id) outcome.violations.push('another request_id');
    if (message.is_finish === true) isFinished = true;
  }

  try {
    const text = JSON.stringify(body);
    onMessage('up', { kind: 'http', text: `POST /api  Action: ${action}` });
    onMessage('up', { kind: 'text', text });
    const response = await fetch(`${options.baseUrl}/api`, {
      method: 'POST',
      headers: { authorization: `Bearer ${options.token}`, action, 'content-type': 'application/json' },
      body: text,
      signal,
      redirect: 'error',
    });
    onMessage('down', { kind: 'http', text: `${response.status} ${response.headers.get('content-type') ?? ''}` });
    outcome.engine = response.headers.get('x-talkbench-engine');
    const isEvents = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (!isEvents) {
      take(await response.text());
      if (isStream && outcome.refusal === null) outcome.violations.push('no events, though streaming was asked for');
      return outcome;
    }
    const parser = createParser({ onEvent: ({ data }) => take(data) });
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
    if (!isFinished) outcome.violations.push('the stream ended without is_finish');
    return outcome;
  } catch (error) {
    if (signal.aborted) throw new TalkError('cancelled');
    const reason =
      error instanceof Error ? String((error.cause as NodeJS.ErrnoException | undefined)?.code ?? error.message) : String(error);
    throw new TalkError('engine/unreachable', { stage: 'transport', engine: 'speech', reason }, { retryable: true });
  }
}

function asMessage(text: string): Record<string, unknown> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}
