import type { Clock } from '../../../preload/contract/time.ts';
import { createFramer } from '../../audio/framing.ts';
import { PcmPacer } from './pcm-pacer.ts';

/** 40 ms at 16 kHz: the document's packets. */
const FRAME_MS = 40;
const FRAME_SAMPLES = 640;
/** Sentences that wait for the voice; what is said is long past when more do. */
const MOST_WAITING = 20;

export interface SpeechOutOptions {
  clock: Clock;
  leadMs: number;
  /** The whole of a sentence is made before any of it is sent. */
  isWholeSentences: boolean;
  send(pcm: Int16Array): void;
  isClogged(): boolean;
  /** A sentence's audio, 16 kHz, as it is made. */
  voice(text: string, signal: AbortSignal): AsyncIterable<Int16Array>;
  onError(error: unknown): void;
  onDropped(): void;
}

/** Translations spoken one after the other, in packets of 40 ms at the pace they are played. */
export class SpeechOut {
  readonly #options: SpeechOutOptions;
  readonly #pacer: PcmPacer;
  #waiting: string[] = [];
  #aborting = new AbortController();
  #isSpeaking = false;

  constructor(options: SpeechOutOptions) {
    this.#options = options;
    this.#pacer = new PcmPacer({
      clock: options.clock,
      frameUs: FRAME_MS * 1000,
      leadUs: options.leadMs * 1000,
      send: (frame) => options.send(frame),
      isClogged: () => options.isClogged(),
    });
  }

  say(text: string): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#waiting.shift();
      this.#options.onDropped();
    }
    this.#waiting.push(text);
    if (!this.#isSpeaking) void this.#speak();
  }

  /** Silent at once: what is made and what waits is gone. */
  silence(): void {
    this.#waiting = [];
    this.#aborting.abort();
    this.#aborting = new AbortController();
    this.#pacer.clear();
  }

  async #speak(): Promise<void> {
    this.#isSpeaking = true;
    for (let text = this.#waiting.shift(); text !== undefined; text = this.#waiting.shift()) {
      const { signal } = this.#aborting;
      try {
        await this.#sentence(text, signal);
      } catch (error) {
        if (!signal.aborted) this.#options.onError(error);
      }
    }
    this.#isSpeaking = false;
  }

  async #sentence(text: string, signal: AbortSignal): Promise<void> {
    const framer = createFramer(FRAME_SAMPLES);
    const frames: Int16Array[] = [];
    for await (const pcm of this.#options.voice(text, signal)) {
      if (signal.aborted) return;
      const made = framer.push(pcm);
      if (this.#options.isWholeSentences) frames.push(...made);
      else for (const frame of made) this.#pacer.push(frame);
      await this.#pacer.ready();
    }
    const last = framer.flush();
    for (const frame of last === undefined ? frames : [...frames, last]) {
      if (signal.aborted) return;
      this.#pacer.push(frame);
    }
    await this.#pacer.ready();
  }
}
