import { TalkError } from '../../preload/contract/errors.ts';
import type { EngineChoice } from '../../preload/contract/pipeline.ts';
import { createOpusDecoder, createOpusEncoder } from '../audio/opus.ts';
import type { StartNodeProcess } from '../node-process.ts';
import type { EmbeddedEngine } from './embedded.ts';
import type { NoiseSuppressor } from './noise/engine.ts';
import { createRnnoise } from './noise/rnnoise.ts';
import type { SttEngine } from './stt/engine.ts';
import { createPhraseStt, type PhraseStt } from './stt/phrase.ts';
import { builtInPhrases, type Phrase } from './stt/phrases.ts';
import { phrasesFirst } from './stt/phrases-first.ts';
import { createPocketsphinxStt } from './stt/pocketsphinx.ts';
import type { TtsEngine } from './tts/engine.ts';
import { createEspeakTts } from './tts/espeak.ts';
import { createFliteTts } from './tts/flite.ts';
import type { VadEngine } from './vad/engine.ts';
import { withFallback } from './vad/fallback.ts';
import { createFvad } from './vad/fvad.ts';
import { createSileroVad } from './vad/silero.ts';

/**
 * The engines that run on this machine without a key. 'auto' takes the first that is available for the language, in the
 * order they stand here. Nothing heavy is loaded before an engine is used; `close` ends every worker and process.
 */
export interface EngineCatalogue {
  list(): Promise<EngineChoice[]>;
  /** Throw TalkError 'engine/unavailable' when the named one, or any for 'auto', cannot run here. */
  vad(id: string): Promise<VadEngine>;
  /** Without a language the result chooses by each utterance's own. */
  stt(id: string, language?: string): Promise<SttEngine>;
  tts(id: string, language?: string): Promise<TtsEngine>;
  /** Loads, once, what the first conversation would otherwise wait for. Never rejects: an engine that cannot run says so when it is used. */
  warmUp(): Promise<void>;
  /** Enrolment of recordings, and preparing phrases ahead of the first utterance. */
  readonly phraseStt: PhraseStt;
  /** Takes noise off the microphone; says so when it is used and cannot run here. */
  readonly noise?: NoiseSuppressor;
  close(): Promise<void>;
}

export interface CatalogueOptions {
  log: { warn(facts: object, message: string): void };
  /** Phrases besides the built-in ones; asked for each utterance. */
  phrases: () => readonly Phrase[];
  /** Where a bundler put the worker and process entry points; beside their engines by default. */
  /** How the process of an engine that has one is started. */
  startProcess?: StartNodeProcess;
  entryPoints?: { flite?: URL; espeak?: URL; phrase?: URL; pocketsphinx?: URL };
}

type Embedded<Engine> = Engine & EmbeddedEngine;

export function createEngineCatalogue(options: CatalogueOptions): EngineCatalogue {
  const { entryPoints = {}, startProcess } = options;
  const flite = createFliteTts(entryPoints.flite ? { workerUrl: entryPoints.flite } : {});
  const espeak = createEspeakTts({
    ...(entryPoints.espeak && { processUrl: entryPoints.espeak }),
    ...(startProcess && { startProcess }),
  });
  const phraseStt = createPhraseStt({
    phrases: () => [...builtInPhrases, ...options.phrases()],
    voices: [
      ...['slt', 'rms', 'awb', 'kal'].map((voice) => ({ tts: flite, language: 'en' as const, voice })),
      ...['cmn', 'cmn+f3'].map((voice) => ({ tts: espeak, language: 'zh' as const, voice })),
    ],
    ...(entryPoints.phrase ? { workerUrl: entryPoints.phrase } : {}),
  });
  const [silero, fvad] = [createSileroVad(), createFvad()];
  const vads: Embedded<VadEngine>[] = [silero, fvad];
  const noise = createRnnoise();
  const stts: Embedded<SttEngine>[] = [
    createPocketsphinxStt(entryPoints.pocketsphinx ? { workerUrl: entryPoints.pocketsphinx } : {}),
    phraseStt,
  ];
  const ttses: Embedded<TtsEngine>[] = [flite, espeak];

  /** The engine asked for, or the first available of `among`; falls back aloud. */
  async function pick<Engine extends Embedded<{ id: string }>>(stage: string, among: readonly Engine[], id: string): Promise<Engine> {
    const wanted = id === 'auto' ? among : among.filter((engine) => engine.id === id);
    const missing: string[] = [];
    for (const engine of wanted) {
      const availability = await engine.isAvailable();
      if (availability.ok) return engine;
      missing.push(availability.missing);
      if (engine === wanted[0]) options.log.warn({ stage, engine: engine.id, missing: availability.missing }, 'engine unavailable');
    }
    throw new TalkError('engine/unavailable', { stage, engine: id, missing: missing.join(', ') || id });
  }

  function speaking<Engine extends { languages: readonly string[] }>(engines: readonly Engine[], language: string): Engine[] {
    return engines.filter((engine) => engine.languages.includes(language));
  }

  async function tts(id: string, language?: string): Promise<TtsEngine> {
    if (id !== 'auto' || language !== undefined) return pick('tts', language === undefined ? ttses : speaking(ttses, language), id);
    return {
      id: 'auto',
      languages: [...new Set(ttses.flatMap((engine) => engine.languages))],
      voices: () => ttses.flatMap((engine) => engine.voices()),
      async *synthesize(request, signal) {
        const withVoice = ttses.filter((engine) => engine.voices().some((voice) => voice.id === request.voice));
        const candidates = speaking(withVoice.length > 0 ? withVoice : ttses, request.language);
        const engine = await pick('tts', candidates.length > 0 ? candidates : ttses, 'auto');
        yield* engine.synthesize(request, signal);
      },
    };
  }

  async function stt(id: string, language?: string): Promise<SttEngine> {
    if (id === 'auto' && language !== undefined) {
      const engine = await pick('stt', speaking(stts, language), id);
      const isPhraseUsable = engine.id !== phraseStt.id && phraseStt.languages.includes(language) && (await phraseStt.isAvailable()).ok;
      return isPhraseUsable ? phrasesFirst(phraseStt, engine) : engine;
    }
    if (id !== 'auto') return pick('stt', language === undefined ? stts : speaking(stts, language), id);
    return {
      id: 'auto',
      languages: [...new Set(stts.flatMap((engine) => engine.languages))],
      async open(request) {
        const engine = await stt('auto', request.language);
        return engine.open(request);
      },
    };
  }

  let warming: Promise<void> | null = null;
  async function warmAll(): Promise<void> {
    const vad = async () => {
      const stream = await (await pick('vad', vads, 'auto')).open();
      await stream.process(new Int16Array(stream.frameSamples));
      stream.close();
    };
    // Its library is loaded with the first packet, in the middle of everybody's audio.
    const codec = async () => {
      const encoder = createOpusEncoder({ sampleRate: 16_000, channels: 1, bitrate: 24_000, frameMs: 60, isCbr: true });
      createOpusDecoder({ sampleRate: 16_000, channels: 1 }).decode(encoder.encode(new Int16Array(encoder.frameSamples)));
    };
    // Learning the phrases also starts the voices.
    await Promise.allSettled([codec(), vad(), phraseStt.prepare('en'), phraseStt.prepare('zh')]);
  }

  return {
    phraseStt,
    async list() {
      const choices: EngineChoice[] = [];
      const stages = [
        { stage: 'vad', engines: vads },
        { stage: 'stt', engines: stts },
        { stage: 'tts', engines: ttses },
      ] as const;
      for (const { stage, engines } of stages) {
        for (const engine of engines) {
          const availability = await engine.isAvailable();
          choices.push({
            id: engine.id,
            stage,
            isAvailable: availability.ok,
            languages: 'languages' in engine ? [...engine.languages] : [],
            ...(availability.ok ? {} : { missing: availability.missing }),
            ...('voices' in engine && { voices: [...engine.voices()] }),
          });
        }
      }
      return choices;
    },
    warmUp() {
      warming ??= warmAll();
      return warming;
    },
    async vad(id) {
      const vad = await pick('vad', vads, id);
      return id === 'auto' && vad === silero ? withFallback(silero, fvad) : vad;
    },
    noise,
    stt,
    tts,
    async close() {
      await phraseStt.close(); // first: it speaks through the others
      await Promise.all([...vads, ...stts, ...ttses, noise].map((engine) => engine.close()));
    },
  };
}
