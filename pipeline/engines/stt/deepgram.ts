import type { EngineCreation } from '../kind.ts';
import { type ServiceName, statusFailure } from '../service/failure.ts';
import { socketUrl } from '../service/service-url.ts';
import { openSocket } from '../service/socket.ts';
import type { SttEngine, SttOptions } from './engine.ts';
import { bytesOf, type Heard, openSocketStream } from './socket-stream.ts';

const PATH = '/v1/listen';
const tags: Readonly<Record<string, string>> = { zh: 'zh-CN', en: 'en', yue: 'zh-HK', ja: 'ja', ko: 'ko' };

/** Whose `multi` knows our languages (Chinese since October 2026) and takes hints; Nova-2's is English and Spanish. */
const MULTILINGUAL_MODEL = 'nova-3';

/**
 * Deepgram's live transcription (reference/providers.md §3.3). Its parts are final one after the other; after Finalize the last one says
 * so. An empty message would end the stream, so none is sent.
 */
export function createDeepgramStt({ id, config, clock }: EngineCreation): Pick<SttEngine, 'open'> {
  const service: ServiceName = { stage: 'stt', engine: id };

  return {
    open: (options) =>
      openSocketStream(
        {
          connect: (signal) =>
            openSocket({ service, url: address(options), headers: { authorization: `Token ${String(config.apiKey)}` }, signal }),
          audio: bytesOf,
          ending: [JSON.stringify({ type: 'Finalize' }), JSON.stringify({ type: 'CloseStream' })],
          read: (message) => read(message, service),
          isCloseDone: true,
        },
        { service, clock, options },
      ),
  };

  function address({ language, languages = [], hotWords = [] }: SttOptions): URL {
    const url = socketUrl(String(config.apiUrl));
    if (!url.pathname.endsWith(PATH)) url.pathname = `${url.pathname.replace(/\/+$/u, '')}${PATH}`;
    const model = String(config.model);
    const candidates = model === MULTILINGUAL_MODEL && languages.length > 1 ? languages : [];
    const parameters: [string, string][] = [
      ['model', model],
      ['language', candidates.length > 0 ? 'multi' : String(config.language || tags[language] || language)],
      ...candidates.map((one): [string, string] => ['language_hint', tags[one] ?? one]),
      ['encoding', 'linear16'],
      ['sample_rate', '16000'],
      ['channels', '1'],
      ['interim_results', 'true'],
      ['punctuate', 'true'],
      ['endpointing', 'false'], // whoever asks decides when the utterance ends
      ...hotWords.map((word): [string, string] => [model.startsWith('nova-3') ? 'keyterm' : 'keywords', word]),
    ];
    for (const [name, value] of parameters) url.searchParams.append(name, value);
    return url;
  }
}

interface Message {
  type?: unknown;
  is_final?: unknown;
  from_finalize?: unknown;
  channel?: { alternatives?: { transcript?: unknown; languages?: unknown }[] } | null;
  description?: unknown;
  message?: unknown;
}

function read(message: string | Uint8Array, service: ServiceName): Heard {
  const said = parse(message);
  if (said.type === 'Error')
    throw statusFailure(service, 500, [said.description, said.message].filter((part) => typeof part === 'string').join(': '));
  if (said.type === 'Metadata') return { isDone: true };
  if (said.type !== 'Results') return {};
  const alternative = said.channel?.alternatives?.[0];
  const text = typeof alternative?.transcript === 'string' ? alternative.transcript : '';
  const language: unknown = Array.isArray(alternative?.languages) ? alternative.languages[0] : undefined;
  return {
    ...(said.is_final === true ? { settled: text } : { partial: text }),
    ...(typeof language === 'string' && { language }),
    ...(said.from_finalize === true && { isDone: true }),
  };
}

function parse(message: string | Uint8Array): Message {
  try {
    return (JSON.parse(typeof message === 'string' ? message : Buffer.from(message).toString('utf8')) ?? {}) as Message;
  } catch {
    return {};
  }
}
