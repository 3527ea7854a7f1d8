import { createResampler } from '../../../pipeline/audio/resample.ts';
import type { TtsEngine } from '../../../pipeline/engines/tts/engine.ts';
import type { Language } from './engines.ts';

const SAMPLE_RATE = 16_000;

/** Text to 16 kHz mono speech in one piece, for what virtual boards say. */
export function createSynthesis(
  engineFor: (language: Language) => TtsEngine,
): (text: string, language: Language, signal: AbortSignal) => Promise<Int16Array> {
  return async (text, language, signal) => {
    const parts: Int16Array[] = [];
    let resampler: ReturnType<typeof createResampler> | null = null;
    for await (const event of engineFor(language).synthesize({ text, language }, signal)) {
      if (event.kind !== 'audio') continue;
      resampler ??= createResampler({ from: event.sampleRate, to: SAMPLE_RATE });
      parts.push(resampler.process(event.pcm));
    }
    signal.throwIfAborted();
    if (resampler !== null) parts.push(resampler.flush());
    return joined(parts);
  };
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
