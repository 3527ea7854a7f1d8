import type { EngineCreation } from '../kind.ts';
import type { ServiceName } from '../service/failure.ts';
import { bodyOf, request as post, requireAudio } from '../service/request.ts';
import { warmConnection } from '../service/warm-connection.ts';
import type { TtsEngine, TtsEvent } from './engine.ts';
import { PcmBytes } from './pcm.ts';

const SAMPLE_RATE = 16_000;

/** ElevenLabs' streaming HTTP interface (reference/providers.md §5.5); raw PCM. A voice turn's sentences come whole, so its WebSocket has nothing to add. */
export function createElevenlabsTts({ id, config }: EngineCreation): Pick<TtsEngine, 'synthesize' | 'warm'> {
  const service: ServiceName = { stage: 'tts', engine: id };
  const base = String(config.apiUrl).replace(/\/+$/u, '');

  return {
    async *synthesize({ text, language, voice, speed = 1 }, signal): AsyncIterable<TtsEvent> {
      const url = new URL(`${base}/v1/text-to-speech/${encodeURIComponent(voice || String(config.voice))}/stream`);
      url.searchParams.set('output_format', `pcm_${SAMPLE_RATE}`);
      const response = await post({
        service,
        url,
        signal,
        headers: { 'xi-api-key': String(config.apiKey) },
        json: {
          text,
          model_id: config.model,
          // Multilingual v2 refuses to be told the language.
          ...(!String(config.model).includes('multilingual_v2') && { language_code: language }),
          ...(speed !== 1 && { voice_settings: { speed: Math.min(1.2, Math.max(0.7, speed)) } }),
        },
      });
      await requireAudio(response, service, signal);
      yield { kind: 'headers' };
      const pcm = new PcmBytes();
      for await (const bytes of bodyOf(response, service, signal)) yield { kind: 'audio', pcm: pcm.push(bytes), sampleRate: SAMPLE_RATE };
    },
    warm: () => void warmConnection(service, new URL(base)),
  };
}
