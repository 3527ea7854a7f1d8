import type { Closable, EngineCreation } from '../kind.ts';
import { madeOnce } from '../made-once.ts';
import type { SttEngine } from './engine.ts';

type Made = Pick<SttEngine, 'open' | 'warm'> & Closable;

/** A recogniser whose code and libraries are loaded with its first utterance. */
export function lazyStt(
  creation: EngineCreation,
  languages: readonly string[],
  load: () => Promise<(creation: EngineCreation) => Made>,
): SttEngine & Closable {
  const made = madeOnce(async () => (await load())(creation));
  return {
    id: creation.id,
    languages,
    async open(options) {
      options.signal.throwIfAborted();
      return (await made()).open(options);
    },
    warm() {
      made().then(
        ({ warm }) => warm?.(),
        () => undefined, // told by the stream
      );
    },
    async close() {
      await (await made.present)?.close?.();
    },
  };
}
