import { TalkError } from '../../preload/contract/errors.ts';
import type { ConversationSettings } from '../../preload/contract/settings.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import type { Channel } from '../channel.ts';
import { sleepUntil } from '../clock.ts';
import type { TtsEvent, TtsRequest } from '../engines/tts/engine.ts';
import type { Chunk } from './aggregate.ts';
import { retryDelayMs, tellFailure } from './failures.ts';
import { type Caller, type RequestTag, tagRequest } from './request-headers.ts';
import { asTalkError, type Deadline, raced, requested, type StageScope } from './stage.ts';
import type { Telling } from './telling.ts';
import type { Turn } from './turn.ts';

const FIRST_AUDIO_LIMIT_US = 8_000_000;
/** Between two pieces of audio. */
const SILENCE_LIMIT_US = 15_000_000;
/** A request that failed before its first audio is tried once more. */
const MOST_TRIES = 2;
/** A rate limit that lasts longer is not waited for: the listener hears nothing meanwhile. */
const LONGEST_WAIT_MS = 3000;
/** Pieces of audio a sentence may have waiting before its provider is not read any further. */
const PIECES_WAITING = 64;

/** What a sentence's synthesis gives, in order. */
export type SentenceAudio = Exclude<TtsEvent, { kind: 'headers' }>;

export interface SynthesisOptions {
  turn: Turn;
  language: string;
  caller: Caller;
  telling: Telling;
  scope: StageScope;
}

/** Synthesises one chunk into `audio`; its failure goes there too. Never rejects. */
export async function synthesize(chunk: Chunk, audio: Channel<SentenceAudio>, options: SynthesisOptions): Promise<void> {
  const { turn, telling, scope } = options;
  const { tts } = turn.configuration.engines;
  const tag = tagRequest(options.caller);
  const progress = { hasAudio: false };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await tryOnce(chunk, audio, options, tag, attempt, progress);
      if (!progress.hasAudio) {
        // The rest of the reply may be within the voice's reach.
        turn.hasSilentSentence ||= !chunk.isFiller;
        const { value } = new TalkError('engine/failed', { stage: 'tts', engine: tts.id, reason: 'no audio' });
        tellFailure(telling, { stage: 'tts', error: value, turnId: turn.id, requestId: tag.requestId, isBlocking: false });
      }
      audio.end();
      return;
    } catch (error) {
      const { value } = asTalkError(error, 'tts', tts.id);
      const mayRetry = !scope.signal.aborted && !progress.hasAudio && !chunk.isFiller && attempt < MOST_TRIES;
      const delayMs = mayRetry ? retryDelayMs(value, LONGEST_WAIT_MS) : undefined;
      if (delayMs === undefined && chunk.isFiller && !scope.signal.aborted) {
        // The reply itself is still to come, and does without what would have bridged the wait for it.
        tellFailure(telling, { stage: 'tts', error: value, turnId: turn.id, requestId: tag.requestId, isBlocking: false });
        audio.end();
        return;
      }
      if (delayMs === undefined) {
        if (!scope.signal.aborted) turn.failedRequests.tts = tag.requestId;
        audio.fail(error);
        return;
      }
      tellFailure(telling, { stage: 'tts', error: value, turnId: turn.id, requestId: tag.requestId, isBlocking: false });
      const untilUs = (scope.clock.nowUs() + delayMs * 1000) as MonoUs;
      if (delayMs > 0) await sleepUntil(scope.clock, untilUs, scope.signal).catch(() => undefined);
    }
  }
}

async function tryOnce(
  chunk: Chunk,
  audio: Channel<SentenceAudio>,
  { turn, telling, scope, language }: SynthesisOptions,
  tag: RequestTag,
  attempt: number,
  progress: { hasAudio: boolean },
): Promise<void> {
  const { sentence } = chunk;
  const { instants, id: turnId, configuration } = turn;
  const { clock, signal } = scope;
  const engine = configuration.engines.tts;
  const { voice } = configuration.settings;
  const beganUs = clock.nowUs();
  let durationUs = 0;
  const deadline = (): Deadline =>
    progress.hasAudio
      ? { atUs: clock.nowUs() + SILENCE_LIMIT_US, timeoutMs: SILENCE_LIMIT_US / 1000 }
      : { atUs: beganUs + FIRST_AUDIO_LIMIT_US, timeoutMs: FIRST_AUDIO_LIMIT_US / 1000 };

  signal.throwIfAborted();
  telling.event({
    kind: 'tts.request',
    turnId,
    engine: engine.id,
    voice: voice.voice,
    sentence,
    text: chunk.spoken,
    requestId: tag.requestId,
    attempt,
    ...(chunk.isFiller && { isFiller: true }),
  });
  const isFirst = sentence === turn.firstSentence;
  if (isFirst) {
    instants.ttsRequestUs = beganUs;
    delete instants.ttsHeadersUs;
  }
  const request: TtsRequest = { text: chunk.spoken, language, ...voiceOf(voice), ...tag };
  for await (const event of requested((own) => engine.synthesize(request, own), scope, deadline)) {
    if (event.kind === 'headers') {
      telling.event({ kind: 'tts.headers', turnId, sentence });
      if (isFirst) instants.ttsHeadersUs ??= clock.nowUs();
      continue;
    }
    if (event.kind === 'audio') {
      if (event.pcm.length === 0) continue;
      if (!progress.hasAudio && isFirst) instants.ttsAudioUs = clock.nowUs();
      progress.hasAudio = true;
      const pieceUs = (event.pcm.length / event.sampleRate) * 1_000_000;
      durationUs += pieceUs;
      audio.push(event);
      telling.event({ kind: 'tts.audio', turnId, sentence, durationUs: Math.round(pieceUs) });
    } else {
      audio.push(event);
    }
    await raced(audio.drainedBelow(PIECES_WAITING), scope);
  }
  telling.event({ kind: 'tts.done', turnId, sentence, durationUs: Math.round(durationUs) });
}

/** Only what differs from the voice's own: an engine without a setting must not be asked for it. */
export function voiceOf({ voice, speed, volume, pitch, emotion }: ConversationSettings['voice']): Partial<TtsRequest> {
  return {
    ...(voice !== '' && { voice }),
    ...(speed !== 1 && { speed }),
    ...(volume !== 1 && { volume }),
    ...(pitch !== 0 && { pitch }),
    ...(emotion !== '' && { emotion }),
  };
}
