import type { EmbeddedEngine } from '../embedded.ts';
import type { SttEngine } from './engine.ts';

/**
 * Enrolled phrases first, open recognition for everything else: a bench mostly hears its own test phrases, which the phrase
 * matcher knows better and sooner than an open vocabulary does, and it rejects what it does not know. Both listen; an accepted
 * phrase is the answer at once, otherwise what the open recogniser heard.
 */
export function phrasesFirst(phrases: SttEngine, open: SttEngine & Partial<EmbeddedEngine>): SttEngine {
  return {
    id: `${phrases.id}+${open.id}`,
    languages: open.languages,
    async open(options) {
      const openStream = await open.open(options);
      const { onPartial: _, ...quiet } = options;
      // The matcher failing costs nothing: the open recogniser is there.
      const phraseStream = await phrases.open(quiet).catch(() => null);
      return {
        write(pcm) {
          openStream.write(pcm);
          phraseStream?.write(pcm);
        },
        async finish() {
          const heard = openStream.finish();
          if (phraseStream === null) return heard;
          // Phrases that are still being learnt do not hold the answer up.
          const matched = phraseStream.finish().then(
            (result) => (result.text === '' ? heard : result),
            () => heard,
          );
          return Promise.race([matched, heard]);
        },
        close() {
          openStream.close();
          phraseStream?.close();
        },
      };
    },
  };
}
