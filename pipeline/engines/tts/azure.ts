import type { EngineCreation } from '../kind.ts';
import type { ServiceName } from '../service/failure.ts';
import { bodyOf, request as post, requireAudio } from '../service/request.ts';
import { serviceUrl } from '../service/service-url.ts';
import { warmConnection } from '../service/warm-connection.ts';
import type { TtsEngine, TtsEvent, TtsRequest } from './engine.ts';
import { PcmBytes } from './pcm.ts';

const PATH = '/cognitiveservices/v1';

/** Azure Speech over its REST interface (reference/providers.md §5.3): SSML in, raw 16 kHz PCM out. */
export function createAzureTts({ id, config }: EngineCreation): Pick<TtsEngine, 'synthesize' | 'warm'> {
  const service: ServiceName = { stage: 'tts', engine: id };
  const region = String(config.region);
  const domain = region.startsWith('china') ? 'azure.cn' : 'microsoft.com';
  const url = serviceUrl(String(config.apiUrl || `https://${region}.tts.speech.${domain}`), [PATH]);

  return {
    async *synthesize(request, signal): AsyncIterable<TtsEvent> {
      const response = await post({
        service,
        url,
        signal,
        headers: {
          'Ocp-Apim-Subscription-Key': String(config.apiKey),
          'Content-Type': 'application/ssml+xml',
          'X-Microsoft-OutputFormat': 'raw-16khz-16bit-mono-pcm',
          'User-Agent': 'talkbench',
        },
        body: ssml(request, { voice: String(config.voice), language: String(config.language || 'zh-CN') }),
      });
      await requireAudio(response, service, signal);
      yield { kind: 'headers' };
      const pcm = new PcmBytes();
      for await (const bytes of bodyOf(response, service, signal)) yield { kind: 'audio', pcm: pcm.push(bytes), sampleRate: 16_000 };
    },
    warm: () => void warmConnection(service, url),
  };
}

function ssml({ text, voice, speed = 1, volume = 1, pitch = 0 }: TtsRequest, defaults: { voice: string; language: string }): string {
  const rate = Math.min(2, Math.max(0.5, speed));
  const prosody = [
    ...(rate === 1 ? [] : [`rate="${rate}"`]),
    ...(volume === 1 ? [] : [`volume="${percent(Math.min(2, volume))}"`]),
    ...(pitch === 0 ? [] : [`pitch="${pitch > 0 ? '+' : ''}${Math.round(pitch)}st"`]),
  ].join(' ');
  const words = prosody === '' ? escapeXml(text) : `<prosody ${prosody}>${escapeXml(text)}</prosody>`;
  return (
    `<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="${escapeXml(defaults.language)}">` +
    `<voice name="${escapeXml(voice || defaults.voice)}">${words}</voice></speak>`
  );
}

/** Relative, as SSML has it: 1.5 is +50%. */
function percent(factor: number): string {
  const change = Math.round((factor - 1) * 100);
  return `${change >= 0 ? '+' : ''}${change}%`;
}

const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;' };

/** XML 1.0 has no place for most control characters, escaped or not. */
function escapeXml(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t\n\r]/gu, '').replaceAll(/[<>&"']/gu, (found) => entities[found] ?? '');
}
