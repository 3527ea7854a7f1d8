import { randomBytes } from 'node:crypto';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { encodeWav } from '../../audio/wav.ts';
import type { EngineCreation } from '../kind.ts';
import type { ServiceName } from '../service/failure.ts';
import { socketUrl } from '../service/service-url.ts';
import { openSocket } from '../service/socket.ts';
import type { SttEngine, SttOptions } from './engine.ts';
import { bytesOf, type Heard, openSocketStream } from './socket-stream.ts';

const PATH = '/stt/speech/universal/v2';
const tags: Readonly<Record<string, string>> = { zh: 'zh-CN', en: 'en-US', yue: 'zh-HK', ja: 'ja-JP', ko: 'ko-KR' };

/**
 * Azure Speech (reference/providers.md §3.4; the documents call it "azure-亚马逊", with Azure's keys), spoken by ourselves: Microsoft's
 * library opens a lost connection anew up to ten times, which hears a turn again. Its own client proves our fake of the service
 * (test/conformance/azure-speech.test.ts).
 */
export function createAzureStt({ id, config, clock }: EngineCreation): Pick<SttEngine, 'open'> {
  const service: ServiceName = { stage: 'stt', engine: id };

  return {
    open(options) {
      const requestId = randomBytes(16).toString('hex');
      let isFirst = true;
      return openSocketStream(
        {
          connect: (signal) =>
            openSocket({
              service,
              url: address(options),
              headers: { 'Ocp-Apim-Subscription-Key': String(config.apiKey), 'X-ConnectionId': randomBytes(16).toString('hex') },
              signal,
            }),
          opening: [
            textMessage('speech.config', requestId, { context: { system: { name: 'talkbench', version: '1' }, os: {} } }),
            textMessage('speech.context', requestId, contextFor(options)),
          ],
          audio(pcm) {
            // The stream begins with a WAV header of no length, which says the format.
            const head = isFirst ? encodeWav({ sampleRate: 16_000, channels: [new Int16Array(0)] }) : new Uint8Array(0);
            isFirst = false;
            return audioMessage(requestId, Buffer.concat([head, bytesOf(pcm)]));
          },
          ending: [audioMessage(requestId, new Uint8Array(0))],
          read: (message) => read(message, service),
          isCloseDone: false,
        },
        { service, clock, options },
      );
    },
  };

  function address({ language, languages = [] }: SttOptions): URL {
    const region = String(config.region);
    const domain = region.startsWith('china') ? 'azure.cn' : 'microsoft.com';
    const url = socketUrl(String(config.apiUrl || `wss://${region}.stt.speech.${domain}`));
    if (!url.pathname.endsWith(PATH)) url.pathname = `${url.pathname.replace(/\/+$/u, '')}${PATH}`;
    const first = String(config.language || tags[languages[0] ?? language] || language);
    url.searchParams.set('language', first);
    url.searchParams.set('format', 'simple');
    if (config.endpointId) url.searchParams.set('cid', String(config.endpointId));
    if (languages.length > 1) url.searchParams.set('lidEnabled', 'true');
    return url;
  }
}

/**
 * As Microsoft's own client says it: that the speech goes on over its pauses (this address does not say so, and the other modes end with
 * the first sentence), candidates of the language, words to expect.
 */
function contextFor({ languages = [], hotWords = [] }: SttOptions): Record<string, unknown> {
  return {
    phraseDetection: { mode: 'Conversation' },
    ...(languages.length > 1 && {
      languageId: {
        mode: 'DetectAtAudioStart',
        priority: 'PrioritizeLatency',
        languages: languages.map((one) => tags[one] ?? one),
        onSuccess: { action: 'Recognize' },
        onUnknown: { action: 'None' },
      },
      phraseOutput: { interimResults: { resultType: 'Auto' }, phraseResults: { resultType: 'Always' } },
    }),
    ...(hotWords.length > 0 && { dgi: { groups: [{ type: 'Generic', items: hotWords.map((text) => ({ text })) }], bias: 1 } }),
  };
}

const headersOf = (path: string, requestId: string, type: string) =>
  `Path: ${path}\r\nX-RequestId: ${requestId}\r\nX-Timestamp: ${new Date().toISOString()}\r\nContent-Type: ${type}\r\n`;

function textMessage(path: string, requestId: string, body: unknown): string {
  return `${headersOf(path, requestId, 'application/json')}\r\n${JSON.stringify(body)}`;
}

/** In a binary message the length of the headers comes first, in two bytes. */
function audioMessage(requestId: string, body: Uint8Array): Uint8Array {
  const head = Buffer.from(headersOf('audio', requestId, 'audio/x-wav'));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(head.length);
  return Buffer.concat([length, head, body]);
}

interface Body {
  Text?: unknown;
  DisplayText?: unknown;
  NBest?: { Display?: unknown }[];
  RecognitionStatus?: unknown;
  PrimaryLanguage?: { Language?: unknown };
}

function read(message: string | Uint8Array, service: ServiceName): Heard {
  if (typeof message !== 'string') return {};
  const at = message.indexOf('\r\n\r\n');
  const path = /^path:\s*(\S+)/imu.exec(at < 0 ? message : message.slice(0, at))?.[1]?.toLowerCase();
  const body = parse(at < 0 ? '' : message.slice(at + 4));
  if (path === 'turn.end') return { isDone: true };
  if (path === 'speech.hypothesis' || path === 'speech.fragment') return typeof body.Text === 'string' ? { partial: body.Text } : {};
  if (path !== 'speech.phrase') return {};
  const spoken = body.PrimaryLanguage?.Language;
  const language = Object.keys(tags).find((tag) => tags[tag] === spoken);
  switch (body.RecognitionStatus) {
    case 'Success': {
      const text = body.DisplayText ?? body.NBest?.[0]?.Display;
      return { settled: typeof text === 'string' ? text : '', ...(language !== undefined && { language }) };
    }
    case 'Error':
    case 'TooManyRequests':
    case 'BadRequest':
    case 'Forbidden':
      throw failureOf(body.RecognitionStatus, service);
    default:
      return { settled: '' }; // nothing in it: NoMatch, a timeout of silence, the end
  }
}

function failureOf(status: 'Error' | 'TooManyRequests' | 'BadRequest' | 'Forbidden', service: ServiceName): TalkError {
  if (status === 'TooManyRequests') return new TalkError('engine/rate-limited', { ...service }, { retryable: true });
  if (status === 'Forbidden') return new TalkError('engine/unauthorized', { ...service, reason: status });
  return new TalkError('engine/failed', { ...service, reason: `RecognitionStatus ${status}` }, { retryable: status === 'Error' });
}

function parse(text: string): Body {
  try {
    return (JSON.parse(text) ?? {}) as Body;
  } catch {
    return {};
  }
}
