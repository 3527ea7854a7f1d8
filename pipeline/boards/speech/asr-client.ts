import { randomUUID } from 'node:crypto';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import { asObject } from '../../json-object.ts';
import { openClientSocket } from './client-socket.ts';
import { runMicrophone } from './microphone.ts';
import { SliceRules } from './slice-rules.ts';
import type { TranslateClientOptions } from './translate-client.ts';

export interface AsrClientOptions extends Pick<TranslateClientOptions, 'clock' | 'baseUrl' | 'signal' | 'onMessage' | 'pcm' | 'pace'> {
  appId: string;
  model: string;
  /** Of `pcm`. */
  sampleRate: 16_000 | 8000;
}

export interface AsrOutcome {
  originals: string[];
  firstOriginalUs: number | null;
  /** Of the last sentence's end. */
  lastResultUs: number | null;
  spokenUs: number;
  isFinal: boolean;
  violations: string[];
  refusal: { code: number; reason: string } | null;
}

/** Of silence after the speech, so that the service hears its end. */
const TAIL_US = 1_000_000;
/** From our `end` to the service's close. */
const FINAL_LIMIT_US = 15_000_000;

/** A client of the recognition: confirmation, speech at its own pace, `end`, until `final: 1`. Rejects as `startTranslation` does. */
export async function recognise(options: AsrClientOptions): Promise<AsrOutcome> {
  const { clock, onMessage } = options;
  const rules = new SliceRules();
  const ended = new AbortController();
  const outcome: AsrOutcome = {
    originals: [],
    firstOriginalUs: null,
    lastResultUs: null,
    spokenUs: 0,
    isFinal: false,
    violations: rules.violations,
    refusal: null,
  };
  const confirmed = Promise.withResolvers<void>();

  function onText(text: string): void {
    onMessage('down', { kind: 'text', text });
    const message = asMessage(text);
    if (message === null) return void rules.violations.push(`not JSON: ${text.slice(0, 100)}`);
    const code = Number(message.code ?? 0);
    if (code !== 0) {
      outcome.refusal = { code, reason: typeof message.message === 'string' ? message.message : '' };
      return;
    }
    if (message.final === 1) outcome.isFinal = true;
    if (message.result === undefined) {
      confirmed.resolve();
      return;
    }
    const slice = rules.read(message.result);
    checkTimes(message.result);
    if (slice === null || slice.text === '') return;
    outcome.firstOriginalUs ??= clock.nowUs();
    if (slice.type !== 2) return;
    outcome.originals.push(slice.text);
    outcome.lastResultUs = clock.nowUs();
  }

  function checkTimes(result: unknown): void {
    const { start_time: from, end_time: to } = asObject(result) ?? {};
    const isRight = typeof from === 'number' && typeof to === 'number' && Number.isInteger(from) && Number.isInteger(to) && from <= to;
    if (!isRight) rules.violations.push(`start_time ${String(from)}, end_time ${String(to)}`);
  }

  const query = new URLSearchParams({ engine_model_type: options.model, voice_format: '1', voice_id: randomUUID() });
  if (options.sampleRate === 8000) query.set('input_sample_rate', '8000');
  const path = `/asr/v2/${encodeURIComponent(options.appId)}`;
  const socket = await openClientSocket(
    `${options.baseUrl}${path}?${query}`,
    {
      onText,
      onAudio: (bytes) => rules.violations.push(`audio of ${bytes.length} bytes from a recogniser`),
      onClosed(code, reason) {
        onMessage('down', { kind: 'close', text: `${code} ${reason}`.trim() });
        ended.abort();
      },
    },
    options.signal,
  );
  try {
    const signal = AbortSignal.any([options.signal, ended.signal]);
    await untilOrEnd(confirmed.promise, signal);
    await runMicrophone({
      clock,
      pcm: options.pcm,
      sampleRate: options.sampleRate,
      pace: options.pace ?? 1,
      signal,
      send(bytes) {
        onMessage('up', { kind: 'audio', audioMs: (bytes.length / 2 / options.sampleRate) * 1000 });
        socket.sendAudio(bytes);
      },
      onSpoken() {
        outcome.spokenUs = clock.nowUs();
      },
      isSilenceWanted: () => clock.nowUs() - outcome.spokenUs < TAIL_US / (options.pace ?? 1),
    });
    const end = JSON.stringify({ type: 'end' });
    onMessage('up', { kind: 'text', text: end });
    socket.sendText(end);
    const limit = new AbortController();
    const cancel = clock.at((clock.nowUs() + FINAL_LIMIT_US) as MonoUs, () => limit.abort());
    await untilOrEnd(new Promise<void>(() => {}), AbortSignal.any([signal, limit.signal])).finally(cancel);
  } catch (error) {
    if (options.signal.aborted) throw new TalkError('cancelled');
    if (!ended.signal.aborted && !isAbort(error)) throw error;
  } finally {
    socket.close();
  }
  if (!outcome.isFinal && outcome.refusal === null) rules.violations.push('no final: 1');
  return outcome;
}

function untilOrEnd(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function asMessage(text: string): Record<string, unknown> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}
