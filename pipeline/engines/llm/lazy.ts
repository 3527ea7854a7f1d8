import type { EngineCreation } from '../kind.ts';
import { madeOnce } from '../made-once.ts';
import { patiently } from '../service/patience.ts';
import type { LlmEngine } from './engine.ts';

/** An engine on a service whose code and libraries are loaded with its first request, and which gives up in time. */
export function lazyLlm(creation: EngineCreation, load: () => Promise<(creation: EngineCreation) => LlmEngine>): LlmEngine {
  const { id, clock } = creation;
  const service = { stage: 'llm', engine: id } as const;
  const made = madeOnce(async () => (await load())(creation));
  return {
    id,
    respond(request, signal) {
      return patiently({ service, clock }, signal, async function* (inner) {
        yield* (await made()).respond(request, inner);
      });
    },
    warm() {
      made().then(
        ({ warm }) => warm?.(),
        () => undefined, // told by the request
      );
    },
  };
}
