import { TalkError } from '../../../preload/contract/errors.ts';
import { createResampler } from '../../audio/resample.ts';
import { createWorkerCalls } from '../../threads/worker-calls.ts';
import { orAborted } from '../abort.ts';
import type { EmbeddedEngine } from '../embedded.ts';
import type { TtsEngine } from '../tts/engine.ts';
import type { SttEngine } from './engine.ts';
import type { PhraseReply, PhraseRequest } from './phrase.worker.ts';
import type { Phrase } from './phrases.ts';
import { createUtteranceBuffer } from './utterance.ts';

/**
 * Recognises the phrases it was told, and nothing else: it compares an utterance with examples of each phrase, spoken by
 * the embedded voices, and answers with an empty text when none is near. Not dictation. Knows a voice it has an example
 * of well and another voice hardly: `enrol` adds recordings of the real speaker.
 */
export interface PhraseStt extends SttEngine, EmbeddedEngine {
  /** Adds a recording (16 kHz) of somebody saying the phrase. */
  enrol(phrase: Phrase, pcm: Int16Array): Promise<void>;
  /** Resolves when all current phrases of the language can be recognised. */
  prepare(language: string): Promise<void>;
}

/** A voice that speaks the examples. */
export interface PhraseVoice {
  tts: TtsEngine & Pick<EmbeddedEngine, 'isAvailable'>;
  language: Phrase['language'];
  voice: string;
}

export interface PhraseSttOptions {
  /** The phrases to know now; asked again for each utterance. */
  phrases: () => readonly Phrase[];
  voices: readonly PhraseVoice[];
  workerUrl?: URL;
}

export function createPhraseStt(options: PhraseSttOptions): PhraseStt {
  const calls = createWorkerCalls<PhraseRequest, PhraseReply>({
    url: options.workerUrl ?? new URL('./phrase.worker.ts', import.meta.url),
    stage: 'stt',
    engine: 'phrase',
    timeoutMs: 10_000,
    queueLimit: 4096,
  });
  const closing = new AbortController();
  /** Enrolments by language and text, under way or done. */
  const enrolments = new Map<string, Promise<void>>();
  const recorded = new Set<string>();

  function textsOf(language: string): Set<string> {
    return new Set(options.phrases().flatMap((phrase) => (phrase.language === language ? [phrase.text] : [])));
  }

  async function enrolByVoice(language: string, text: string): Promise<void> {
    for (const { tts, voice } of options.voices.filter((candidate) => candidate.language === language)) {
      if (!(await tts.isAvailable()).ok) continue;
      const pcm = await speak(tts, { text, language, voice }, closing.signal);
      await calls.call({ kind: 'enrol', language, text, pcm }, { signal: closing.signal });
    }
  }

  async function prepare(language: string): Promise<void> {
    // One after the other: enrolling must not take the voices away from a conversation.
    for (const text of textsOf(language)) {
      const key = `${language} ${text}`;
      let enrolment = enrolments.get(key);
      if (!enrolment) {
        enrolment = enrolByVoice(language, text);
        enrolments.set(key, enrolment);
        enrolment.catch(() => enrolments.delete(key)); // tried again with the next utterance
      }
      await enrolment;
    }
  }

  return {
    id: 'phrase',
    languages: ['zh', 'en'],
    prepare,
    async open({ language, signal }) {
      signal.throwIfAborted();
      if (closing.signal.aborted) throw new TalkError('engine/failed', { stage: 'stt', engine: 'phrase', reason: 'closed' });
      const utterance = createUtteranceBuffer();
      const prepared = prepare(language);
      let isPrepared = false;
      prepared.then(
        () => {
          isPrepared = true;
        },
        () => {}, // finish() tells
      );
      return {
        write: (pcm) => utterance.write(pcm),
        async finish() {
          await orAborted(prepared, signal);
          const match = await calls.call({ kind: 'match', language, pcm: utterance.take(), among: textsOf(language) }, { signal });
          return match?.isAccepted ? { text: match.text, score: match.score } : { text: '', score: match?.score ?? 0 };
        },
        isLearning: () => !isPrepared,
        close: () => utterance.clear(),
      };
    },
    async enrol({ language, text }, pcm) {
      recorded.add(language);
      await calls.call({ kind: 'enrol', language, text, pcm }, { signal: closing.signal });
    },
    async isAvailable() {
      for (const { tts } of options.voices) if ((await tts.isAvailable()).ok) return { ok: true };
      return recorded.size > 0 ? { ok: true } : { ok: false, missing: 'a voice to learn phrases from' };
    },
    async close() {
      closing.abort(new TalkError('engine/failed', { stage: 'stt', engine: 'phrase', reason: 'closed' }));
      await calls.close();
    },
  };
}

async function speak(tts: TtsEngine, request: { text: string; language: string; voice: string }, signal: AbortSignal): Promise<Int16Array> {
  const parts = createUtteranceBuffer();
  let resampler: ReturnType<typeof createResampler> | undefined;
  for await (const event of tts.synthesize(request, signal)) {
    if (event.kind !== 'audio') continue;
    resampler ??= createResampler({ from: event.sampleRate, to: 16_000 });
    parts.write(resampler.process(event.pcm));
  }
  if (resampler) parts.write(resampler.flush());
  return parts.take();
}
