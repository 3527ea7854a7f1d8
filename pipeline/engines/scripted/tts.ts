import { z } from 'zod';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { sleepUntil } from '../../clock.ts';
import type { TtsEngine, TtsEvent } from '../tts/engine.ts';
import { failingRequests, failureOfRequest, scriptedError } from './failures.ts';
import { scriptedSound } from './sound.ts';

const SAMPLE_RATE = 16_000;
const PIECE_MS = 100;
const NEVER_US = 3_600_000_000;

/** The stated delays of a scripted synthesiser. */
export const scriptedTtsConfig = z.strictObject({
  /** From the request to the response headers, and to the first audio, ms. */
  headersMs: z.number().min(0).max(60_000).default(0),
  firstAudioMs: z.number().min(0).max(60_000).default(60),
  /** Speech made of a character, ms. */
  msPerCharacter: z.number().min(1).max(2000).default(60),
  leadSilenceMs: z.number().min(0).max(5000).default(0),
  /** How much faster than real time audio is made. */
  speed: z.number().min(0.1).max(1000).default(10),
  /** Whether it tells where each character lies. */
  hasWords: z.boolean().default(false),
  /** A failing request is cut after so much audio, ms. */
  failAfterMs: z.number().min(0).max(60_000).default(0),
  fail: failingRequests,
});
export type ScriptedTtsConfig = z.output<typeof scriptedTtsConfig>;

/** Hums as long as the text is, after exactly the stated delays. */
export function createScriptedTts(clock: Clock, config: ScriptedTtsConfig): TtsEngine {
  const service = { stage: 'tts', engine: 'scripted' } as const;
  const { headersMs, firstAudioMs, msPerCharacter, leadSilenceMs, speed, hasWords, failAfterMs } = config;
  let requests = 0;

  async function* synthesize(text: string, signal: AbortSignal): AsyncIterable<TtsEvent> {
    requests += 1;
    const failure = failureOfRequest(config.fail, requests);
    const startedUs = clock.nowUs();
    const after = (ms: number) => sleepUntil(clock, Math.round(startedUs + ms * 1000) as MonoUs, signal);
    const fail = async () => {
      if (failure === 'silent') await after(NEVER_US / 1000);
      else if (failure !== undefined) throw scriptedError(failure, service);
    };
    await after(headersMs);
    if (failAfterMs === 0) await fail();
    yield { kind: 'headers' };
    await after(firstAudioMs);
    if (hasWords) {
      const startMs = (index: number) => leadSilenceMs + index * msPerCharacter;
      const words = Array.from({ length: text.length }, (_, index) => ({
        from: index,
        to: index + 1,
        startMs: startMs(index),
        endMs: startMs(index + 1),
      }));
      yield { kind: 'words', words };
    }
    const sound = soundOf(text);
    const pieceSamples = (PIECE_MS * SAMPLE_RATE) / 1000;
    for (let from = 0; from < sound.length; from += pieceSamples) {
      const madeMs = (from * 1000) / SAMPLE_RATE;
      await after(firstAudioMs + madeMs / speed);
      if (madeMs >= failAfterMs) await fail();
      yield { kind: 'audio', pcm: sound.slice(from, from + pieceSamples), sampleRate: SAMPLE_RATE };
    }
  }

  function soundOf(text: string): Int16Array {
    const silent = Math.round((leadSilenceMs * SAMPLE_RATE) / 1000);
    const voiced = scriptedSound(text.length * msPerCharacter, SAMPLE_RATE);
    const sound = new Int16Array(silent + voiced.length);
    sound.set(voiced, silent);
    return sound;
  }

  return {
    id: 'scripted',
    languages: ['zh', 'en'],
    voices: () => [{ id: 'scripted', language: 'zh', label: 'Scripted' }],
    async *synthesize(request, signal) {
      try {
        yield* synthesize(request.text, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}
