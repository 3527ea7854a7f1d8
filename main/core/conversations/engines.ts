import type { Engines } from '../../../pipeline/conversation.ts';
import type { EngineCatalogue } from '../../../pipeline/engines/catalogue.ts';
import type { LlmEngine } from '../../../pipeline/engines/llm/engine.ts';
import type { EngineChoice } from '../../../preload/contract/pipeline.ts';
import type { Settings } from '../../../preload/contract/settings.ts';

export type Language = 'zh' | 'en';

export interface ChosenEngines {
  /** The engines of a conversation in that language, as the settings stand. */
  for(language: Language): Engines;
  /** Looks again, after the settings changed. */
  choose(settings: Settings['engines']): Promise<void>;
  list(): Promise<EngineChoice[]>;
}

/**
 * Chooses engines ahead of the conversations that use them, because a gateway that has a board on the line cannot wait. One
 * that cannot run here is chosen all the same and says so when it is used: a board is told, the rest of the bench works.
 */
export async function chooseEngines(deps: {
  catalogue: EngineCatalogue;
  llm: LlmEngine;
  settings: Settings['engines'];
}): Promise<ChosenEngines> {
  const { catalogue, llm } = deps;

  async function enginesFor(language: Language, settings: Settings['engines']): Promise<Engines> {
    const [vad, stt, tts] = await Promise.all([
      catalogue.vad(settings.vad).catch((error: unknown) => ({ id: settings.vad, open: () => Promise.reject(error) })),
      catalogue
        .stt(settings.stt, language)
        .catch((error: unknown) => ({ id: settings.stt, languages: [language], open: () => Promise.reject(error) })),
      catalogue.tts(settings.tts, language).catch((error: unknown) => ({
        id: settings.tts,
        languages: [language],
        voices: () => [],
        synthesize: () => failing(error),
      })),
    ]);
    return { vad, stt, llm, tts };
  }

  let chosen: Record<Language, Engines>;
  async function choose(settings: Settings['engines']): Promise<void> {
    const [zh, en] = await Promise.all([enginesFor('zh', settings), enginesFor('en', settings)]);
    chosen = { zh, en };
  }
  await choose(deps.settings);

  return {
    for: (language) => chosen[language],
    choose,
    list: async () => [...(await catalogue.list()), { id: llm.id, stage: 'llm', isAvailable: true, languages: ['zh', 'en'] }],
  };
}

/** Fails when it is first asked for something. */
function failing(error: unknown): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}
