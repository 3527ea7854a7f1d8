import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Observer } from '../../observer.ts';
import type { SpeechFailure } from '../../speech/failure.ts';
import { recordedText } from './recorded-text.ts';

/** Gateway of every event here; in a session a stream stands as a conversation of this "product". */
export const GATEWAY = 'speech';

type Unplaced<Event> = Event extends PipelineEvent ? Omit<Event, 'atUs' | 'conversationId'> : never;

export interface StreamFacts {
  service: 'translate-v1' | 'translate-v2' | 'asr';
  language: string;
  sampleRate: number;
  query: Record<string, string>;
  engines: { vad: string; stt: string; llm: string; tts: string };
  settings: Record<string, unknown>;
}

/** What is recorded of one stream: its messages, its audio both ways, what was recognised. */
export class StreamRecord {
  readonly conversationId: string;
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #tracks = { uplink: { index: 0, mediaUs: 0 }, downlink: { index: 0, mediaUs: 0 } };
  #facts: StreamFacts | null = null;

  constructor(deps: { clock: Clock; observer: Observer }, conversationId: string) {
    this.conversationId = conversationId;
    this.#clock = deps.clock;
    this.#observer = deps.observer;
  }

  /** Who it is has been seen: from here on it is a conversation of the session. */
  opened(facts: StreamFacts): void {
    this.#facts = facts;
    const { service, language, query, engines, settings } = facts;
    const format = { codec: 'pcm' as const, frameMs: 40 };
    this.event({
      kind: 'conversation.opened',
      gateway: GATEWAY,
      productId: GATEWAY,
      deviceName: service,
      language,
      uplink: { ...format, sampleRate: facts.sampleRate },
      downlink: { ...format, sampleRate: 16_000 },
      query,
      engines,
      settings,
    });
  }

  event(event: Unplaced<PipelineEvent>): void {
    this.#observer.event({ ...event, atUs: this.#clock.nowUs(), conversationId: this.conversationId } as PipelineEvent);
  }

  message(
    direction: 'up' | 'down',
    name: string,
    text: string,
    more: { isUnknown?: boolean; note?: string; bytes?: Uint8Array } = {},
  ): void {
    const recorded = recordedText(text);
    const notes = [more.note, recorded.note].filter((note) => note !== undefined);
    this.event({
      kind: 'wire.message',
      gateway: GATEWAY,
      channel: 'websocket',
      direction,
      name,
      text: recorded.text,
      ...(notes.length > 0 && { note: notes.join('; ') }),
      ...(more.isUnknown === true && { isUnknown: true }),
      ...(more.bytes !== undefined && { bytes: new Uint8Array(more.bytes) }),
    });
  }

  failure({ stage, error }: SpeechFailure, productCode: number): void {
    this.event({ kind: 'engine.error', stage, error, productCode });
  }

  audio(track: 'uplink' | 'downlink', bytes: Uint8Array): void {
    if (this.#facts === null || bytes.length === 0) return;
    const sampleRate = track === 'uplink' ? this.#facts.sampleRate : 16_000;
    const place = this.#tracks[track];
    const durationUs = Math.round((bytes.length / 2 / sampleRate) * 1_000_000);
    this.#observer.packet({
      conversationId: this.conversationId,
      track,
      index: place.index++,
      atUs: this.#clock.nowUs(),
      mediaUs: place.mediaUs,
      durationUs,
      codec: 'pcm',
      sampleRate,
      bytes: new Uint8Array(bytes),
    });
    place.mediaUs += durationUs;
  }

  closed(reason: string, code: number): void {
    this.message('up', 'close', '', { note: `code ${code}: ${reason}` });
    if (this.#facts === null) return;
    this.#facts = null;
    this.event({ kind: 'conversation.closed', reason, code });
  }
}
