import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { ConversationMessage } from '../../conversation.ts';
import { faceOf } from './faces.ts';

/** Between the start and the stop that make a board empty its queue: less, and both may come in one pass of its loop. */
const FLUSH_US = 120_000;

export interface BoardSpeechDeps {
  clock: Clock;
  settings: () => { startLeadMs: number; stopTailMs: number };
  /** The board listens while it speaks, and so does not empty its queue when it is interrupted. */
  isFlushNeeded: () => boolean;
  language: 'zh' | 'en';
  send: (message: Record<string, unknown>) => void;
}

/**
 * What is told to a board of a reply, in the order its firmware needs (reference/voice.md §4.3, §4.4): stt, llm, `tts start` when the
 * first synthesis begins, each sentence with its audio, `tts stop` when it has been heard. A board drops all audio but that between its
 * change to Speaking and its change back, so `mayPlay` says from when on there may be any.
 */
export class BoardSpeech {
  readonly #deps: BoardSpeechDeps;
  #startedUs: MonoUs | null = null;
  #cancelStop: (() => void) | null = null;
  #cancelFlush: (() => void) | null = null;
  /** The first sentence's text, until its audio comes. */
  #caption: string | null = null;
  #hasEmotion = false;
  #stops = 0;

  constructor(deps: BoardSpeechDeps) {
    this.#deps = deps;
  }

  /** Whether the board was told to speak and not yet to stop. */
  get isSpeaking(): boolean {
    return this.#startedUs !== null;
  }

  /** How often the board was told to stop. */
  get stops(): number {
    return this.#stops;
  }

  mayPlay(): boolean {
    if (this.#startedUs === null || this.#cancelFlush !== null) return false;
    return this.#deps.clock.nowUs() - this.#startedUs >= this.#deps.settings().startLeadMs * 1000;
  }

  tell(message: ConversationMessage): void {
    switch (message.kind) {
      case 'user-turn':
        this.#hasEmotion = false;
        this.#deps.send({ type: 'stt', text: message.text });
        return;
      case 'emotion':
        this.#emotion(message.emotion);
        return;
      case 'bot-sentence':
        if (this.#caption !== null) this.#showCaption();
        if (this.isSpeaking && this.#cancelStop === null) this.#sentence(message.text);
        else this.#caption = message.text;
        return;
      case 'bot-voice-started':
        this.#start();
        return;
      case 'bot-started-speaking':
        this.#showCaption();
        return;
      case 'bot-stopped-speaking':
        if (message.wasInterrupted) this.interrupted();
        else this.#stopIn(this.#deps.settings().stopTailMs * 1000);
        return;
      case 'bot-voice-stopped':
        // Of a reply that was never heard: the board waits for it in Speaking all the same.
        this.#caption = null;
        if (this.isSpeaking && this.#cancelStop === null) this.#stop();
        return;
      case 'metrics':
        // The turn has ended; a reply without a voice has nothing that shows its last sentence.
        this.#showCaption();
        this.#hasEmotion = false;
        return;
      case 'error':
        if (message.isBlocking === true) this.#alert();
        return;
      // A board has no words for these: it shows what it does itself.
      case 'user-started-speaking':
      case 'user-stopped-speaking':
      case 'user-transcript':
      case 'bot-thinking-started':
      case 'bot-thinking-stopped':
      case 'bot-text':
      case 'idle':
      case 'intent':
    }
  }

  /** Stops at once. Told also to a board that was not speaking: after its button it waits for it, and else takes no notice. */
  interrupted(): void {
    const wasSpeaking = this.isSpeaking;
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    this.#caption = null;
    this.#stop();
    if (wasSpeaking && this.#deps.isFlushNeeded()) this.#flush();
  }

  close(): void {
    if (this.isSpeaking) this.#stop();
    this.#cancelStop?.();
    this.#cancelFlush?.();
  }

  #start(): void {
    const wasStopping = this.#cancelStop !== null;
    this.#cancelStop?.();
    this.#cancelStop = null;
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    if (!this.#hasEmotion) this.#emotion('neutral');
    // A board in Speaking takes no notice of another start.
    if (this.isSpeaking && wasStopping) return;
    this.#startedUs ??= this.#deps.clock.nowUs();
    this.#deps.send({ type: 'tts', state: 'start' });
  }

  #stopIn(us: number): void {
    this.#cancelStop?.();
    this.#cancelStop = this.#after(us, () => this.#stop());
  }

  #stop(): void {
    this.#cancelStop?.();
    this.#cancelStop = null;
    this.#startedUs = null;
    this.#stops += 1;
    this.#deps.send({ type: 'tts', state: 'stop' });
  }

  /** Its audio starts with an empty queue: a board resets its decoder when it changes to Speaking. */
  #flush(): void {
    this.#deps.send({ type: 'tts', state: 'start' });
    this.#cancelFlush = this.#after(FLUSH_US, () => {
      this.#cancelFlush = null;
      this.#deps.send({ type: 'tts', state: 'stop' });
    });
  }

  #showCaption(): void {
    const text = this.#caption;
    this.#caption = null;
    if (text !== null) this.#sentence(text);
  }

  #sentence(text: string): void {
    this.#deps.send({ type: 'tts', state: 'sentence_start', text });
  }

  #emotion(name: string): void {
    this.#hasEmotion = true;
    this.#deps.send({ type: 'llm', ...faceOf(name) });
  }

  #alert(): void {
    const isChinese = this.#deps.language === 'zh';
    this.#deps.send({
      type: 'alert',
      status: isChinese ? '错误' : 'Error',
      message: isChinese ? '回答失败，请再试一次' : 'No answer this time, please try again',
      emotion: 'sad',
    });
  }

  #after(us: number, callback: () => void): () => void {
    const { clock } = this.#deps;
    return clock.at((clock.nowUs() + us) as MonoUs, callback);
  }
}
