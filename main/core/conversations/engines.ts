import type { Engines } from '../../../pipeline/conversation.ts';
import type { EngineCatalogue } from '../../../pipeline/engines/catalogue.ts';
import type { CompletenessModel } from '../../../pipeline/engines/completeness/engine.ts';
import type { LlmEngine } from '../../../pipeline/engines/llm/engine.ts';
import type { ProfileEngines } from '../../../pipeline/engines/profiles.ts';
import type { SttEngine } from '../../../pipeline/engines/stt/engine.ts';
import type { TtsEngine } from '../../../pipeline/engines/tts/engine.ts';
import type { VadEngine } from '../../../pipeline/engines/vad/engine.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { EngineChoice } from '../../../preload/contract/pipeline.ts';
import type { Settings } from '../../../preload/contract/settings.ts';

export type Language = 'zh' | 'en';
type Choice = Pick<Settings['engines'], 'vad' | 'stt' | 'llm' | 'tts'> & Partial<Pick<Settings['engines'], 'turnEnd'>>;

export interface ChosenEngines {
  /** The engines that a conversation's settings name, as they are now. Never waits and never throws: one that cannot run says so when it is used. */
  for(language: Language, settings: Choice): Engines;
  /** Finds out which of them can run, ahead of the conversation that names them. */
  prepare(settings: Choice): Promise<void>;
  /** The embedded ones and the profiles. */
  list(): Promise<EngineChoice[]>;
}

/**
 * Engines by their names: profiles, and the embedded ones, of which it takes a moment to find out whether they can run here. A
 * gateway with a board on the line cannot wait for that, so what is not known yet is found out when it is used.
 */
export function createChosenEngines(deps: {
  catalogue: EngineCatalogue;
  scripted: LlmEngine;
  profiles: ProfileEngines;
  /** For the list. */
  profileChoices: () => readonly EngineChoice[];
  /** Listens whether the user has ended; says so when it is asked and its model is not here. */
  smartTurn?: CompletenessModel;
}): ChosenEngines {
  const { catalogue, scripted, profiles, smartTurn } = deps;
  const known = new Map<string, unknown>();

  /** What was found, or what finds it when used. One that was not found is looked for again: it may have been installed since. */
  function embedded<Engine>(key: string, find: () => Promise<Engine>, later: (found: Promise<Engine>) => Engine): Engine {
    const before = known.get(key);
    if (before !== undefined) return before as Engine;
    const finding = find();
    const engine = later(finding);
    known.set(key, engine);
    finding.then(
      (found) => known.set(key, found),
      () => known.delete(key),
    );
    return engine;
  }

  function vadOf(id: string): VadEngine {
    return embedded(
      `vad ${id}`,
      () => catalogue.vad(id),
      (found) => ({ id, open: async () => (await found).open() }),
    );
  }

  function sttOf(id: string, language: Language): SttEngine {
    return embedded(
      `stt ${id} ${language}`,
      () => catalogue.stt(id, language),
      (found) => ({ id, languages: [language], open: async (options) => (await found).open(options) }),
    );
  }

  function ttsOf(id: string, language: Language): TtsEngine {
    return embedded(
      `tts ${id} ${language}`,
      () => catalogue.tts(id, language),
      (found) => ({
        id,
        languages: [language],
        voices: () => [],
        async *synthesize(request, signal) {
          yield* (await found).synthesize(request, signal);
        },
      }),
    );
  }

  function llmOf(id: string): LlmEngine {
    if (id === scripted.id) return scripted;
    throw new TalkError('engine/unavailable', { stage: 'llm', engine: id, missing: id });
  }

  /** Where they are known: by the documents, or because the engine has listed them. */
  function voicesOf(id: string): Pick<EngineChoice, 'voices'> {
    const voices = orFailing(
      () => profiles.tts(id)?.voices() ?? [],
      () => [],
    );
    return voices.length > 0 ? { voices: [...voices] } : {};
  }

  return {
    for: (language, settings) => ({
      vad: vadOf(settings.vad),
      ...(catalogue.noise && { noise: catalogue.noise }),
      ...(settings.turnEnd === 'smart-turn' && smartTurn && { completeness: smartTurn }),
      stt: orFailing(
        () => profiles.stt(settings.stt) ?? sttOf(settings.stt, language),
        (error) => ({ id: settings.stt, languages: [language], open: () => Promise.reject(error) }),
      ),
      llm: orFailing(
        () => profiles.llm(settings.llm) ?? llmOf(settings.llm),
        (error) => ({ id: settings.llm, respond: () => failing(error) }),
      ),
      tts: orFailing(
        () => profiles.tts(settings.tts) ?? ttsOf(settings.tts, language),
        (error) => ({ id: settings.tts, languages: [language], voices: () => [], synthesize: () => failing(error) }),
      ),
    }),
    async prepare(settings) {
      await Promise.allSettled([
        catalogue.vad(settings.vad).then((found) => known.set(`vad ${settings.vad}`, found)),
        ...(['zh', 'en'] as const).flatMap((language) => [
          catalogue.stt(settings.stt, language).then((found) => known.set(`stt ${settings.stt} ${language}`, found)),
          catalogue.tts(settings.tts, language).then((found) => known.set(`tts ${settings.tts} ${language}`, found)),
        ]),
      ]);
    },
    list: async () => [
      ...(await catalogue.list()),
      { id: scripted.id, stage: 'llm', isAvailable: true, languages: ['zh', 'en'] },
      ...deps.profileChoices().map((choice) => ({ ...choice, ...(choice.stage === 'tts' && voicesOf(choice.id)) })),
    ],
  };
}

/** `make`'s engine, or one that says why there is none when it is used. */
function orFailing<Engine>(make: () => Engine, fails: (error: unknown) => Engine): Engine {
  try {
    return make();
  } catch (error) {
    return fails(error);
  }
}

/** Fails when it is first asked for something. */
function failing(error: unknown): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}
