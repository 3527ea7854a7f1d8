import { randomUUID } from 'node:crypto';
import { isTalkError, TalkError } from '../../../preload/contract/talk-error.ts';
import type { Closable, EngineCreation } from '../kind.ts';
import { cutFailure, type ServiceName } from '../service/failure.ts';
import { socketUrl } from '../service/service-url.ts';
import { openSocket, type ServiceSocket } from '../service/socket.ts';
import { type Spare, SpareSocket } from '../service/spare-socket.ts';
import { signedQuery } from '../service/tencent-signature.ts';
import type { TtsEngine, TtsEvent, TtsRequest } from './engine.ts';
import { PcmBytes } from './pcm.ts';

const SAMPLE_RATE = 16_000;
/** What the signature is made over, wherever the connection goes. */
const SIGNED = 'GETtts.cloud.tencent.com/stream_wsv2';

type Voiced = Omit<TtsRequest, 'text'>;

interface Session {
  sessionId: string;
  request: Voiced;
}

/**
 * Tencent Cloud's streaming synthesis, stream_wsv2 (reference/providers.md §5.1): the request is signed in the address, the text goes
 * in after `ready`, PCM comes out between the texts of its subtitles. A connection says one thing; one is opened ahead while the user speaks.
 */
export function createTencentTts({ id, config, clock }: EngineCreation): Pick<TtsEngine, 'synthesize' | 'warm'> & Closable {
  const service: ServiceName = { stage: 'tts', engine: id };
  const spare = new SpareSocket<Session>(clock, open);

  return {
    async *synthesize(request, signal): AsyncIterable<TtsEvent> {
      const ahead = spare.take(keyOf(request));
      if (ahead !== null) {
        const progress = { hasAudio: false };
        try {
          const socket = await takenOver(ahead, signal);
          yield* say(request, ahead.terms.sessionId, socket, signal, progress);
          return;
        } catch (error) {
          // A spare one may have been closed meanwhile; what was heard is not said again.
          const isGone = isTalkError(error, 'engine/cut') || isTalkError(error, 'engine/unreachable');
          if (signal.aborted || progress.hasAudio || !isGone) throw error;
        }
      }
      const session = sessionFor(request);
      yield* say(request, session.sessionId, await open(session, signal), signal, { hasAudio: false });
    },
    warm: (request) => spare.prepare(keyOf(request), () => sessionFor(request)),
    async close() {
      spare.close();
    },
  };

  function sessionFor(request: Voiced): Session {
    return { sessionId: randomUUID(), request };
  }

  function open({ sessionId, request }: Session, signal: AbortSignal): Promise<ServiceSocket> {
    const url = socketUrl(String(config.apiUrl), '/stream_wsv2');
    url.search = signedQuery(SIGNED, parameters(request, sessionId), String(config.secretKey), 'Signature');
    return openSocket({ service, url, signal });
  }

  /** What the address says of the voice: the connection is of use for nothing else. */
  function keyOf({ voice, speed, volume, emotion }: Voiced): string {
    return JSON.stringify([voice || config.voice, speed ?? 1, volume ?? 1, emotion ?? '']);
  }

  async function* say(
    { text }: TtsRequest,
    sessionId: string,
    socket: ServiceSocket,
    signal: AbortSignal,
    progress: { hasAudio: boolean },
  ): AsyncIterable<TtsEvent> {
    try {
      const pcm = new PcmBytes();
      for await (const message of socket.messages) {
        if (typeof message !== 'string') {
          const samples = pcm.push(message);
          progress.hasAudio ||= samples.length > 0;
          if (samples.length > 0) yield { kind: 'audio', pcm: samples, sampleRate: SAMPLE_RATE };
          continue;
        }
        const answer = parse(message);
        if (typeof answer.code === 'number' && answer.code !== 0) throw failureOf(answer, service);
        if (answer.ready === 1) {
          yield { kind: 'headers' };
          const tell = (action: string, data: string) =>
            socket.send(JSON.stringify({ session_id: sessionId, message_id: randomUUID(), action, data }));
          tell('ACTION_SYNTHESIS', text);
          tell('ACTION_COMPLETE', '');
        }
        const words = wordsIn(answer, text);
        if (words.length > 0) yield { kind: 'words', words };
        if (answer.final === 1) return;
      }
      if (!signal.aborted)
        throw cutFailure(service, new Error(`closed before the audio was complete ${socket.closed?.reason ?? ''}`.trim()));
    } finally {
      socket.close();
    }
  }

  function parameters({ voice, speed = 1, volume = 1, emotion }: Voiced, sessionId: string): Record<string, string | number> {
    const nowS = Math.floor(clock.wallMs() / 1000);
    return {
      Action: 'TextToStreamAudioWSv2',
      AppId: Number(config.appId),
      SecretId: String(config.secretId),
      Timestamp: nowS,
      Expired: nowS + 86_400,
      SessionId: sessionId,
      ModelType: 1,
      VoiceType: Number(voice || config.voice),
      ...(config.fastVoiceType ? { FastVoiceType: String(config.fastVoiceType) } : {}),
      Codec: 'pcm',
      SampleRate: SAMPLE_RATE,
      Speed: tencentSpeed(speed),
      Volume: Math.max(-10, Math.min(10, volume <= 1 ? (volume - 1) * 10 : ((volume - 1) / 3) * 10)),
      EnableSubtitle: 'True',
      ...(emotion && { EmotionCategory: emotion }),
    };
  }
}

/** The connection, which ends with the request from now on. */
async function takenOver({ opening, leave }: Spare<Session>, signal: AbortSignal): Promise<ServiceSocket> {
  const stop = () => leave.abort(signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return opening;
}

/** Times as fast, of Tencent's −2 … 6; in between on a line. */
const speeds: readonly (readonly [number, number])[] = [
  [0.6, -2],
  [0.8, -1],
  [1, 0],
  [1.2, 1],
  [1.5, 2],
  [2.5, 6],
];

function tencentSpeed(factor: number): number {
  const upper = speeds.findIndex(([times]) => times >= factor);
  if (upper === 0) return -2;
  const [above, below] = [speeds[upper], speeds[upper - 1]];
  if (above === undefined || below === undefined) return 6;
  const part = (factor - below[0]) / (above[0] - below[0]);
  return Math.round((below[1] + part * (above[1] - below[1])) * 100) / 100;
}

interface Answer {
  code?: unknown;
  message?: unknown;
  ready?: unknown;
  final?: unknown;
  result?: { subtitles?: unknown };
}

function parse(message: string): Answer {
  try {
    return (JSON.parse(message) ?? {}) as Answer;
  } catch {
    return {};
  }
}

/** Not all of its codes are published: what says that it is about the key is taken for that. */
function failureOf({ code, message }: Answer, service: ServiceName): TalkError {
  const reason = `${String(code)} ${typeof message === 'string' ? message.slice(0, 200) : ''}`.trim();
  if (code === 10_003 || /鉴权|auth|signature|secret/iu.test(reason)) return new TalkError('engine/unauthorized', { ...service, reason });
  if (/concurren|并发|rate|频率|limit exceed/iu.test(reason))
    return new TalkError('engine/rate-limited', { ...service, reason }, { retryable: true });
  return new TalkError('engine/failed', { ...service, reason });
}

/** `BeginIndex` and `EndIndex` count the text's characters. */
function wordsIn(answer: Answer, text: string): { from: number; to: number; startMs: number; endMs: number }[] {
  const { subtitles } = answer.result ?? {};
  if (!Array.isArray(subtitles)) return [];
  return subtitles.flatMap((subtitle: unknown) => {
    const { BeginIndex: from, EndIndex: to, BeginTime: startMs, EndTime: endMs } = (subtitle ?? {}) as Record<string, unknown>;
    if (typeof from !== 'number' || typeof to !== 'number' || typeof startMs !== 'number' || typeof endMs !== 'number') return [];
    return from >= 0 && to > from && to <= text.length ? [{ from, to, startMs, endMs }] : [];
  });
}
