import type { EmbeddedEngine } from '../embedded.ts';
import type { SttEngine, SttResult } from './engine.ts';

/** How long an answer of the open recogniser waits for the matcher's. */
const PATIENCE_MS = 1000;

/**
 * Enrolled phrases first, open recognition for everything else: a bench mostly hears its own test phrases, which the phrase
 * matcher knows better and sooner than an open vocabulary does, and it rejects what it does not know. Both listen; an accepted
 * phrase is the answer at once, otherwise what the open recogniser heard. Either may fail while the other answers: the open one
 * has only so many decoders, and a bench more boards.
 */
export function phrasesFirst(phrases: SttEngine, open: SttEngine & Partial<EmbeddedEngine>): SttEngine {
  return {
    id: `${phrases.id}+${open.id}`,
    languages: open.languages,
    async open(options) {
      const { onPartial: _, ...quiet } = options;
      const [opened, matching] = await Promise.allSettled([open.open(options), phrases.open(quiet)]);
      const openStream = opened.status === 'fulfilled' ? opened.value : null;
      const phraseStream = matching.status === 'fulfilled' ? matching.value : null;
      if (opened.status === 'rejected' && phraseStream === null) throw opened.reason;
      return {
        write(pcm) {
          openStream?.write(pcm);
          phraseStream?.write(pcm);
        },
        async finish() {
          const heard = opened.status === 'fulfilled' ? opened.value.finish() : Promise.reject(opened.reason);
          if (phraseStream === null) return heard;
          const matched = phraseStream.finish().then(
            (result) => (result.text === '' ? heard : result),
            () => heard,
          );
          // Phrases that are still being learnt do not hold the answer up. Those that are known are worth a moment: on a busy machine the
          // matcher may be the later of the two. If neither answers, the open one says why.
          const patienceMs = phraseStream.isLearning?.() ? 0 : PATIENCE_MS;
          return Promise.any([matched, after(patienceMs, heard)]).catch(() => heard);
        },
        close() {
          openStream?.close();
          phraseStream?.close();
        },
      };
    },
  };
}

/** The answer, so much later. */
async function after(ms: number, answer: Promise<SttResult>): Promise<SttResult> {
  const result = await answer;
  if (ms > 0) await new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
  return result;
}
