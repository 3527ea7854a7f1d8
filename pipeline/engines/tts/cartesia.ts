import { randomUUID } from 'node:crypto';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Closable, EngineCreation } from '../kind.ts';
import { type ServiceName, statusFailure } from '../service/failure.ts';
import { socketUrl } from '../service/service-url.ts';
import { SharedSocket } from '../service/shared-socket.ts';
import { openSocket } from '../service/socket.ts';
import type { TtsEngine, TtsEvent, TtsRequest } from './engine.ts';
import { PcmBytes } from './pcm.ts';

const SAMPLE_RATE = 16_000;

/**
 * Cartesia over its WebSocket (reference/providers.md §5.4), one for all sentences: each is a context of its own. With word timings where
 * the service gives them.
 */
export function createCartesiaTts({ id, config, clock }: EngineCreation): Pick<TtsEngine, 'synthesize' | 'warm'> & Closable {
  const service: ServiceName = { stage: 'tts', engine: id };
  const url = socketUrl(String(config.apiUrl), '/tts/websocket');
  url.searchParams.set('cartesia_version', String(config.version));

  const connection = new SharedSocket<CartesiaEvent>({
    ...{ service, clock, read: parse },
    open: (signal) => openSocket({ service, url, headers: { 'X-API-Key': String(config.apiKey) }, signal }),
    requestOf: (event) => event.context_id,
    isLast: ({ type }) => type === 'done' || type === 'error',
    cancelled: (context) => JSON.stringify({ context_id: context, cancel: true }),
  });

  return {
    async *synthesize(request, signal): AsyncIterable<TtsEvent> {
      const context = randomUUID();
      const pcm = new PcmBytes();
      const words = new WordPlaces(request.text);
      let isFirst = true;
      for await (const event of connection.ask(context, JSON.stringify(messageFor(request, context)), signal)) {
        if (event.type === 'error') throw failureIn(event, service);
        if (isFirst) yield { kind: 'headers' };
        isFirst = false;
        if (event.type === 'chunk' && typeof event.data === 'string') {
          const samples = pcm.push(Buffer.from(event.data, 'base64'));
          if (samples.length > 0) yield { kind: 'audio', pcm: samples, sampleRate: SAMPLE_RATE };
        } else if (event.type === 'timestamps') {
          const placed = words.place(event.word_timestamps);
          if (placed.length > 0) yield { kind: 'words', words: placed };
        }
      }
    },
    warm: () => connection.warm(),
    async close() {
      connection.close();
    },
  };

  function messageFor({ text, language, voice, speed = 1, volume = 1 }: TtsRequest, context: string): Record<string, unknown> {
    const generation = {
      ...(speed !== 1 && { speed: Math.min(2, Math.max(0.6, speed)) }),
      ...(volume !== 1 && { volume: Math.min(2, Math.max(0.5, volume)) }),
    };
    return {
      model_id: config.model,
      transcript: text,
      voice: { mode: 'id', id: voice || config.voice },
      language,
      context_id: context,
      continue: false,
      output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: SAMPLE_RATE },
      add_timestamps: true,
      ...(Object.keys(generation).length > 0 && { generation_config: generation }),
    };
  }
}

interface CartesiaEvent {
  type?: string;
  context_id?: string;
  data?: unknown;
  word_timestamps?: { words?: unknown; start?: unknown; end?: unknown };
  status_code?: unknown;
  error_code?: unknown;
  title?: unknown;
  message?: unknown;
  error?: unknown;
}

function parse(message: string | Uint8Array): CartesiaEvent {
  try {
    return (JSON.parse(typeof message === 'string' ? message : Buffer.from(message).toString('utf8')) ?? {}) as CartesiaEvent;
  } catch {
    return {};
  }
}

function failureIn(event: CartesiaEvent, service: ServiceName): TalkError {
  const said = [event.title, event.message ?? event.error].filter((part): part is string => typeof part === 'string').join(': ');
  if (event.error_code === 'concurrency_limited') return new TalkError('engine/rate-limited', { ...service }, { retryable: true });
  return statusFailure(service, Number(event.status_code) || 500, said);
}

/** Finds the words of the timings in the text, in order: the service spells them as it heard them, mostly the same. */
class WordPlaces {
  readonly #text: string;
  #from = 0;

  constructor(text: string) {
    this.#text = text.toLowerCase();
  }

  place(timings: CartesiaEvent['word_timestamps']): { from: number; to: number; startMs: number; endMs: number }[] {
    const { words, start, end } = timings ?? {};
    if (!Array.isArray(words) || !Array.isArray(start) || !Array.isArray(end)) return [];
    return words.flatMap((word: unknown, index) => {
      const [startS, endS]: [unknown, unknown] = [start[index], end[index]];
      if (typeof word !== 'string' || typeof startS !== 'number' || typeof endS !== 'number') return [];
      const from = this.#text.indexOf(word.toLowerCase(), this.#from);
      if (from < 0) return [];
      this.#from = from + word.length;
      return [{ from, to: this.#from, startMs: startS * 1000, endMs: endS * 1000 }];
    });
  }
}
