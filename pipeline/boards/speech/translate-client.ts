import { randomUUID } from 'node:crypto';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { asObject } from '../../json-object.ts';
import { openClientSocket } from './client-socket.ts';
import { runMicrophone } from './microphone.ts';
import { SliceRules } from './slice-rules.ts';

export interface TranslateClientOptions {
  clock: Clock;
  /** `ws://host:port`. */
  baseUrl: string;
  version: 1 | 2;
  token: string;
  source: string;
  target: string;
  isTtsOn: boolean;
  isTtsStream: boolean;
  /** 16 kHz mono. */
  pcm: Int16Array;
  pace?: number;
  signal: AbortSignal;
  onMessage(
    direction: 'up' | 'down',
    message: { kind: 'text'; text: string } | { kind: 'audio'; audioMs: number } | { kind: 'close'; text: string },
  ): void;
}

export interface TranslateOutcome {
  originals: string[];
  translations: string[];
  /** 16 kHz mono, as it came. */
  audio: Int16Array;
  /** Of the phrase table, where the service says that it was that. */
  engine: string | null;
  firstOriginalUs: number | null;
  firstResultUs: number | null;
  firstAudioUs: number | null;
  spokenUs: number;
  violations: string[];
  /** The service's last word where it was a refusal. */
  refusal: { code: number; reason: string } | null;
}

export interface TranslateClient {
  /** TTS on or off, in the version's own spelling. */
  setTts(isOn: boolean): void;
  ping(value: string): void;
  readonly done: Promise<TranslateOutcome>;
}

/** After the speech: silence goes on until nothing has come for so long, longer while a sentence or its voice is awaited. */
const QUIET_US = 2_500_000;
const PATIENCE_US = 12_000_000;

/**
 * An app's side of simultaneous translation: settings, speech at its own pace, then silence until all has come back. Notes what the
 * messages have against the document. Rejects with TalkError 'engine/unreachable', 'cancelled'.
 */
export function startTranslation(options: TranslateClientOptions): TranslateClient {
  const { clock, version, onMessage } = options;
  const rules = new SliceRules();
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const outcome: TranslateOutcome = {
    originals: [],
    translations: [],
    audio: new Int16Array(0),
    engine: null,
    firstOriginalUs: null,
    firstResultUs: null,
    firstAudioUs: null,
    spokenUs: 0,
    violations: rules.violations,
    refusal: null,
  };
  const audio: Uint8Array[] = [];
  let lastUs = clock.nowUs();
  /** V1: sentences with words whose translation has not come. */
  let awaited = 0;
  let sendText: (message: object) => void = () => {};

  const onText = (text: string): void => {
    lastUs = clock.nowUs();
    onMessage('down', { kind: 'text', text });
    const message = parsed(text);
    if (message === null) return void rules.violations.push(`not JSON: ${text.slice(0, 100)}`);
    if ('pong' in message) return;
    const code = message.code ?? 0;
    if (code !== 0) {
      outcome.refusal = { code: Number(code), reason: typeof message.msg === 'string' ? message.msg : '' };
      return;
    }
    const hasOriginal = message.original_detail !== undefined;
    const translation = message.translation;
    if (!hasOriginal && translation === undefined)
      return void rules.violations.push(`neither original nor translation: ${text.slice(0, 100)}`);
    if (version === 1 && hasOriginal && translation !== undefined)
      rules.violations.push('V1 tells original and translation in one message');
    if (typeof message.engine === 'string') outcome.engine = message.engine;
    const slice = hasOriginal ? rules.read(message.original_detail) : null;
    if (slice !== null && slice.text !== '') outcome.firstOriginalUs ??= clock.nowUs();
    if (slice?.type === 2 && slice.text !== '') {
      outcome.originals.push(slice.text);
      if (version === 1) awaited += 1;
    }
    if (typeof translation === 'string' && translation !== '') {
      outcome.firstResultUs ??= clock.nowUs();
      if (version === 2 && slice?.type !== 2) return;
      outcome.translations.push(translation);
      awaited = Math.max(0, awaited - 1);
    }
  };

  async function run(): Promise<TranslateOutcome> {
    const socket = await openClientSocket(
      `${options.baseUrl}${version === 1 ? '/ws-voice-translate' : '/v2/ws-voice-translate'}`,
      {
        onText,
        onAudio(bytes) {
          lastUs = clock.nowUs();
          outcome.firstAudioUs ??= lastUs;
          if (bytes.length % 2 === 1) rules.violations.push(`audio of ${bytes.length} bytes`);
          audio.push(new Uint8Array(bytes));
          onMessage('down', { kind: 'audio', audioMs: bytes.length / 32 });
        },
        onClosed(code, reason) {
          onMessage('down', { kind: 'close', text: `${code} ${reason}`.trim() });
          ended.abort();
        },
      },
      options.signal,
    );
    try {
      sendText = (message) => {
        const text = JSON.stringify(message);
        onMessage('up', { kind: 'text', text });
        socket.sendText(text);
      };
      sendText({
        is_tts_stream: options.isTtsStream,
        ...(version === 1 ? { disable_tts: !options.isTtsOn } : { enable_tts: options.isTtsOn }),
        lang_source: options.source,
        lang_target: options.target,
        request_id: randomUUID(),
        token: options.token,
      });
      await runMicrophone({
        clock,
        pcm: options.pcm,
        sampleRate: 16_000,
        pace: options.pace ?? 1,
        signal,
        send(bytes) {
          onMessage('up', { kind: 'audio', audioMs: bytes.length / 32 });
          socket.sendAudio(bytes);
        },
        onSpoken() {
          lastUs = clock.nowUs();
          outcome.spokenUs = lastUs;
        },
        isSilenceWanted: () => clock.nowUs() - lastUs < (rules.isOpen || awaited > 0 ? PATIENCE_US : QUIET_US),
      });
    } catch (error) {
      if (options.signal.aborted) throw new TalkError('cancelled');
      if (!ended.signal.aborted) throw error;
    } finally {
      socket.close();
    }
    outcome.audio = samplesOf(audio);
    return outcome;
  }

  return {
    setTts: (isOn) => sendText(version === 1 ? { disable_tts: !isOn } : { enable_tts: isOn }),
    ping: (value) => sendText({ ping: value }),
    done: run(),
  };
}

/** Messages may end in the middle of a sample. */
export function samplesOf(parts: readonly Uint8Array[]): Int16Array {
  const whole = Buffer.concat(parts);
  const samples = new Int16Array(whole.length >> 1);
  for (let index = 0; index < samples.length; index++) samples[index] = whole.readInt16LE(index * 2);
  return samples;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}
