import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { EngineCreation } from '../kind.ts';
import type { ServiceName } from '../service/failure.ts';
import { bodyOf, jsonOf, request as post, reasonIn } from '../service/request.ts';
import { warmConnection } from '../service/warm-connection.ts';
import type { TtsEngine, TtsEvent, TtsRequest } from './engine.ts';
import { PcmBytes } from './pcm.ts';
import { StreamedWav } from './streamed-wav.ts';

/**
 * TRTC's custom TTS protocol (seed 002; reference/providers.md §5.6): one POST a sentence, audio in a chunked answer. Tencent wants both
 * the content type and chunked transfer and refuses an answer without either; `isStrict` does the same, so that what works here works
 * there. audio/L16 is read as little endian, as everybody sends it.
 */
export function createCustomTts({ id, config }: EngineCreation): Pick<TtsEngine, 'synthesize' | 'warm'> {
  const service: ServiceName = { stage: 'tts', engine: id };
  const url = new URL(String(config.apiUrl));
  const sampleRate = Number(config.sampleRate);

  return {
    async *synthesize(request, signal): AsyncIterable<TtsEvent> {
      const response = await post({
        service,
        url,
        signal,
        headers: {
          'content-type': 'application/json;charset=UTF-8',
          ...request.headers,
          ...(request.requestId !== undefined && { 'X-Request-Id': request.requestId }),
          ...(config.apiKey ? { authorization: `Bearer ${String(config.apiKey)}` } : {}),
        },
        json: bodyFor(request),
      });
      const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
      if (type === 'application/json') {
        const said = JSON.stringify(await jsonOf(response, service, signal));
        throw new TalkError('engine/failed', { ...service, reason: (reasonIn(said) ?? said).slice(0, 300) });
      }
      if (config.isStrict === true && response.headers.get('transfer-encoding') !== 'chunked')
        throw new TalkError('engine/failed', { ...service, reason: 'the answer is not chunked (Transfer-Encoding), which TRTC refuses' });
      yield { kind: 'headers' };
      if (type === 'audio/wav' || type === 'audio/x-wav' || type === 'audio/wave') yield* fromWav(response, signal);
      else if (type === 'audio/l16' || type === 'audio/pcm' || (config.isStrict !== true && type === 'application/octet-stream')) {
        const pcm = new PcmBytes();
        for await (const bytes of bodyOf(response, service, signal)) yield { kind: 'audio', pcm: pcm.push(bytes), sampleRate };
      } else
        throw new TalkError('engine/failed', { ...service, reason: `content type ${type || 'missing'}: audio/L16 or audio/wav is needed` });
    },
    warm: () => void warmConnection(service, url),
  };

  /** Speed and the like have no place in the protocol. */
  function bodyFor({ text }: TtsRequest): Record<string, unknown> {
    return { Text: text, Format: config.format, SampleRate: sampleRate, Channel: 1 };
  }

  async function* fromWav(response: Response, signal: AbortSignal): AsyncIterable<TtsEvent> {
    const wav = new StreamedWav();
    for await (const bytes of bodyOf(response, service, signal)) {
      const pcm = wav.push(bytes);
      if (pcm.length > 0) yield { kind: 'audio', pcm, sampleRate: wav.sampleRate };
    }
  }
}
