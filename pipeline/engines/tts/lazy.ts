import type { Closable, EngineCreation } from '../kind.ts';
import { madeOnce } from '../made-once.ts';
import { patiently } from '../service/patience.ts';
import type { TtsEngine, TtsVoice } from './engine.ts';

type Made = Pick<TtsEngine, 'synthesize' | 'warm'> & Closable;

/** A synthesiser whose code is loaded with its first request, and which gives up in time. */
export function lazyTts(
  creation: EngineCreation,
  about: { languages: readonly string[]; voices: readonly TtsVoice[] },
  load: () => Promise<(creation: EngineCreation) => Made>,
): TtsEngine & Closable {
  const { id, clock } = creation;
  const service = { stage: 'tts', engine: id } as const;
  const made = madeOnce(async () => (await load())(creation));
  return {
    id,
    languages: about.languages,
    voices: () => about.voices,
    synthesize(request, signal) {
      return patiently({ service, clock }, signal, async function* (inner) {
        yield* (await made()).synthesize(request, inner);
      });
    },
    warm(request) {
      made().then(
        ({ warm }) => warm?.(request),
        () => undefined, // told by the request
      );
    },
    async close() {
      await (await made.present)?.close?.();
    },
  };
}
