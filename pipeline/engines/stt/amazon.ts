import {
  StartStreamTranscriptionCommand,
  type StartStreamTranscriptionCommandInput,
  TranscribeStreamingClient,
} from '@aws-sdk/client-transcribe-streaming';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { Channel } from '../../channel.ts';
import { orAborted } from '../abort.ts';
import type { EngineCreation } from '../kind.ts';
import { causeOf, connectionFailure, cutFailure, type ServiceName } from '../service/failure.ts';
import { inTime } from '../service/in-time.ts';
import type { SttEngine, SttOptions, SttStream } from './engine.ts';
import { bytesOf } from './socket-stream.ts';
import { Transcript } from './transcript.ts';

const tags: Readonly<Record<string, string>> = { zh: 'zh-CN', en: 'en-US', yue: 'zh-HK', ja: 'ja-JP', ko: 'ko-KR' };
/** 200 ms: the service wants 50 to 200 ms at a time. */
const PIECE_SAMPLES = 3200;
const CONNECT_MS = 10_000;
const FINAL_MS = 10_000;

const nothing = () => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/**
 * Amazon Transcribe over its own library (reference/providers.md §3.2). The documents publish no configuration keys for it: ours are
 * region, accessKeyId, secretAccessKey, sessionToken and language.
 */
export function createAmazonStt({ id, config, clock }: EngineCreation): Pick<SttEngine, 'open'> {
  const service: ServiceName = { stage: 'stt', engine: id };
  const endpoint = config.apiUrl ? String(config.apiUrl) : undefined;
  const client = new TranscribeStreamingClient({
    region: String(config.region),
    credentials: {
      accessKeyId: String(config.accessKeyId),
      secretAccessKey: String(config.secretAccessKey),
      ...(config.sessionToken ? { sessionToken: String(config.sessionToken) } : {}),
    },
    logger: silent, // what it says stands in the errors
    maxAttempts: 1, // a turn must not be heard twice
    ...(endpoint !== undefined && { endpoint }),
  });
  return { open: (options) => open(client, { service, clock, options, language: String(config.language || '') }) };
}

async function open(
  client: TranscribeStreamingClient,
  deps: { service: ServiceName; clock: Clock; options: SttOptions; language: string },
): Promise<SttStream> {
  const { service, clock, options } = deps;
  const { signal, onPartial } = options;
  const leave = new AbortController();
  const audio = new Channel<Uint8Array>();
  const transcript = new Transcript();
  let spoken: string | undefined;
  let heardUs = clock.nowUs();
  let isEnding = false;

  async function* messages() {
    for await (const AudioChunk of audio) yield { AudioEvent: { AudioChunk } };
  }

  const failure = (error: unknown) => failureOf(error, service, signal);
  const abortSignal = AbortSignal.any([signal, leave.signal]);
  const asked = client.send(new StartStreamTranscriptionCommand({ ...question(options, deps.language), AudioStream: messages() }), {
    abortSignal,
  });
  const reading = asked.then(read).catch((error: unknown) => {
    throw failure(error);
  });
  reading.catch(() => undefined); // told by `finish`

  async function read({ TranscriptResultStream: results = [] as never }: Awaited<typeof asked>): Promise<void> {
    for await (const { TranscriptEvent: event } of results) {
      heardUs = clock.nowUs();
      for (const result of event?.Transcript?.Results ?? []) {
        const text = result.Alternatives?.[0]?.Transcript ?? '';
        spoken = result.LanguageCode ?? spoken;
        if (result.IsPartial === true) transcript.suppose(text);
        else transcript.settle(text);
        if (!isEnding && text !== '') onPartial?.(transcript.text);
      }
    }
    // The library ends without a word when it is aborted, and when the service does.
    signal.throwIfAborted();
    if (!isEnding || !transcript.isSettled) throw cutFailure(service, new Error('the stream ended before the transcript was complete'));
  }

  function close(): void {
    audio.end();
    leave.abort();
  }

  return {
    write(pcm) {
      for (let at = 0; at < pcm.length; at += PIECE_SAMPLES) audio.push(bytesOf(pcm.subarray(at, at + PIECE_SAMPLES)));
    },
    async finish() {
      isEnding = true;
      audio.end();
      const endedUs = clock.nowUs();
      try {
        const limit = { clock, service, limitMs: Math.max(CONNECT_MS, FINAL_MS), sinceUs: () => Math.max(endedUs, heardUs) };
        await orAborted(inTime(reading, limit), signal);
        const language = Object.keys(tags).find((tag) => tags[tag] === spoken);
        return { text: transcript.text, ...(language !== undefined && { language }) };
      } finally {
        close();
      }
    },
    close,
  };
}

function question({ language, languages = [] }: SttOptions, chosen: string): Omit<StartStreamTranscriptionCommandInput, 'AudioStream'> {
  const several = languages.length > 1 && chosen === '';
  return {
    ...(several
      ? { IdentifyLanguage: true, LanguageOptions: languages.map((one) => tags[one] ?? one).join(',') }
      : { LanguageCode: (chosen || tags[language] || language) as 'zh-CN' }),
    MediaEncoding: 'pcm',
    MediaSampleRateHertz: 16_000,
    EnablePartialResultsStabilization: true,
    PartialResultsStability: 'high',
  };
}

const unauthorized = /UnrecognizedClient|InvalidSignature|AccessDenied|ExpiredToken|IncompleteSignature|InvalidClientTokenId/u;

function failureOf(error: unknown, service: ServiceName, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof TalkError) return error;
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const reason = `${name}: ${message}`.slice(0, 300);
  if (unauthorized.test(name)) return new TalkError('engine/unauthorized', { ...service, reason: name });
  if (/LimitExceeded|Throttling|TooManyRequests/u.test(name))
    return new TalkError('engine/rate-limited', { ...service }, { retryable: true });
  const cause = causeOf(error);
  if (/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH/u.test(cause)) return connectionFailure(service, 'Amazon Transcribe', error);
  if (/Exception$/u.test(name))
    return new TalkError('engine/failed', { ...service, reason }, { retryable: /Internal|Unavailable/u.test(name) });
  return cutFailure(service, error);
}
