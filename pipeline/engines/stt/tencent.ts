import { randomInt, randomUUID } from 'node:crypto';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { EngineCreation } from '../kind.ts';
import type { ServiceName } from '../service/failure.ts';
import { socketUrl } from '../service/service-url.ts';
import { openSocket } from '../service/socket.ts';
import { signedQuery } from '../service/tencent-signature.ts';
import type { SttEngine, SttOptions } from './engine.ts';
import { bytesOf, type Dialogue, type Heard, openSocketStream } from './socket-stream.ts';

/** What the signature is made over, wherever the connection goes. */
const SIGNED_HOST = 'asr.cloud.tencent.com';
const PCM = 1; // the service's default is Speex
/** Engines that tell languages apart by themselves, and what they can. */
const engineFor: Readonly<Record<string, string>> = { zh: '16k_zh', en: '16k_en', yue: '16k_yue', ja: '16k_ja', ko: '16k_ko' };

/** Tencent Cloud's real-time recognition, v2 (reference/providers.md §3.1): a signed address, a fresh voice id for every utterance. */
export function createTencentStt({ id, config, clock }: EngineCreation): Pick<SttEngine, 'open'> {
  const service: ServiceName = { stage: 'stt', engine: id };

  return {
    open: (options) =>
      openSocketStream(
        {
          connect: (signal) => openSocket({ service, url: address(options), signal }),
          audio: bytesOf,
          ending: [JSON.stringify({ type: 'end' })],
          read: (message) => read(message, service),
          isCloseDone: false,
        } satisfies Dialogue,
        { service, clock, options },
      ),
  };

  function address({ language, languages = [], hotWords = [], isEmotionWanted = false }: SttOptions): URL {
    const url = socketUrl(String(config.apiUrl), '/asr/v2');
    url.pathname = `${url.pathname.replace(/\/+$/u, '')}/${String(config.appId)}`;
    const nowS = Math.floor(clock.wallMs() / 1000);
    url.search = signedQuery(
      `${SIGNED_HOST}/asr/v2/${String(config.appId)}`,
      {
        secretid: String(config.secretId),
        timestamp: nowS,
        expired: nowS + 86_400,
        nonce: randomInt(1_000_000_000),
        engine_model_type: String(config.engineType || modelFor(language, languages)),
        voice_id: randomUUID(),
        voice_format: PCM,
        needvad: 0, // whoever asks has cut the utterance already
        filter_empty_result: 1,
        convert_num_mode: 1,
        word_info: 0,
        ...(hotWords.length > 0 && { hotword_list: hotWords.map((word) => `${word.replaceAll(/[|,]/gu, ' ')}|10`).join(',') }),
        ...(isEmotionWanted && { emotion_recognition: 1 }),
      },
      String(config.secretKey),
      'signature',
    );
    return url;
  }
}

function modelFor(language: string, languages: readonly string[]): string {
  if (languages.length <= 1) return engineFor[language] ?? '16k_zh';
  return languages.every((one) => one === 'zh' || one === 'en') ? '16k_zh_en' : '16k_multi_lang';
}

function read(message: string | Uint8Array, service: ServiceName): Heard {
  const answer = parse(message);
  const code = Number(answer.code ?? 0);
  if (code !== 0) throw failureOf(code, typeof answer.message === 'string' ? answer.message : '', service);
  if (answer.final === 1) return { isDone: true };
  const { slice_type: slice, voice_text_str: text, emotion_type: emotion } = answer.result ?? {};
  if (typeof text !== 'string') return {};
  return { ...(slice === 2 ? { settled: text } : { partial: text }), ...(typeof emotion === 'string' && { emotion }) };
}

function failureOf(code: number, message: string, service: ServiceName): TalkError {
  const reason = `${code} ${message.slice(0, 200)}`.trim();
  if (code === 4002 || code === 4003 || code === 4005) return new TalkError('engine/unauthorized', { ...service, reason });
  if (code === 4004 || code === 4006) return new TalkError('engine/rate-limited', { ...service, reason }, { retryable: true });
  if (code === 4008) return new TalkError('engine/timeout', { ...service, timeoutMs: 15_000, reason }, { retryable: true });
  return new TalkError('engine/failed', { ...service, reason }, { retryable: code >= 5000 && code < 6000 });
}

function parse(message: string | Uint8Array): {
  code?: unknown;
  message?: unknown;
  final?: unknown;
  result?: { slice_type?: unknown; voice_text_str?: unknown; emotion_type?: unknown } | null;
} {
  try {
    return (JSON.parse(typeof message === 'string' ? message : Buffer.from(message).toString('utf8')) ?? {}) as ReturnType<typeof parse>;
  } catch {
    return {};
  }
}
