import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { EngineCreation } from '../kind.ts';
import { serverEvents } from '../service/events.ts';
import { cutFailure, type ServiceName } from '../service/failure.ts';
import { minimaxFailure } from '../service/minimax-status.ts';
import { jsonOf, request as post } from '../service/request.ts';
import { serviceUrl } from '../service/service-url.ts';
import { warmConnection } from '../service/warm-connection.ts';
import type { TtsEngine, TtsEvent, TtsRequest } from './engine.ts';
import { PcmBytes } from './pcm.ts';

const SAMPLE_RATE = 16_000;

/** MiniMax t2a_v2 (reference/providers.md §5.2): hexadecimal PCM in server-sent events; the last one may repeat all of it. */
export function createMinimaxTts({ id, config }: EngineCreation): Pick<TtsEngine, 'synthesize' | 'warm'> {
  const service: ServiceName = { stage: 'tts', engine: id };
  const url = serviceUrl(String(config.apiUrl), ['/t2a_v2']);
  if (config.groupId) url.searchParams.set('GroupId', String(config.groupId));

  return {
    async *synthesize(request, signal): AsyncIterable<TtsEvent> {
      const headers = { authorization: `Bearer ${String(config.apiKey)}` };
      const response = await post({ service, url, signal, headers, json: bodyFor(request) });
      if (!(response.headers.get('content-type') ?? '').includes('text/event-stream')) {
        const answer = await jsonOf(response, service, signal);
        throw minimaxFailure(answer, service) ?? new TalkError('engine/failed', { ...service, reason: 'the answer is no stream' });
      }
      yield { kind: 'headers' };
      const pcm = new PcmBytes();
      let hasAudio = false;
      for await (const { data } of serverEvents(response, service, signal)) {
        const event = parse(data);
        const failure = minimaxFailure(event, service);
        if (failure !== null) throw failure;
        const { audio = '', status } = event.data ?? {};
        // The final event repeats everything, unless the service honours exclude_aggregated_audio.
        if (audio !== '' && !(status === 2 && hasAudio)) {
          hasAudio = true;
          yield { kind: 'audio', pcm: pcm.push(Buffer.from(audio, 'hex')), sampleRate: SAMPLE_RATE };
        }
        if (status === 2) return;
      }
      if (!signal.aborted) throw cutFailure(service, new Error('the stream ended before its final event'));
    },
    warm: () => void warmConnection(service, url),
  };

  function bodyFor({ text, voice, speed = 1, volume = 1, pitch = 0, emotion }: TtsRequest): Record<string, unknown> {
    return {
      model: config.model,
      text,
      stream: true,
      stream_options: { exclude_aggregated_audio: true },
      voice_setting: {
        voice_id: voice || config.voice,
        speed: Math.min(2, Math.max(0.5, speed)),
        vol: Math.min(10, Math.max(0.01, volume)),
        pitch: Math.round(pitch),
        ...(emotion && { emotion }),
      },
      audio_setting: { sample_rate: SAMPLE_RATE, format: 'pcm', channel: 1 },
      output_format: 'hex',
    };
  }
}

function parse(data: string): { data?: { audio?: string; status?: number } | null } {
  try {
    return (JSON.parse(data) ?? {}) as { data?: { audio?: string; status?: number } };
  } catch {
    return {};
  }
}
