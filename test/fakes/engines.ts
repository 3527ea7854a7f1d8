import { sleepUntil } from '../../pipeline/clock.ts';
import type { LlmEngine, LlmEvent, LlmRequest, LlmToolCall } from '../../pipeline/engines/llm/engine.ts';
import type { SttEngine, SttOptions, SttResult, SttStream } from '../../pipeline/engines/stt/engine.ts';
import type { TtsEngine, TtsEvent, TtsRequest } from '../../pipeline/engines/tts/engine.ts';
import type { VadEngine, VadStream } from '../../pipeline/engines/vad/engine.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';

/** A sample every fake takes for speech; `speech` makes audio of it. */
const LOUD = 6000;

/** 16 kHz mono that the fake VAD takes for speech and the energy measures call audible. */
export function speechPcm(durationMs: number, sampleRate = 16_000, level = LOUD): Int16Array {
  return Int16Array.from({ length: (durationMs * sampleRate) / 1000 }, (_, index) => (index % 2 === 0 ? level : -level));
}

export function silencePcm(durationMs: number, sampleRate = 16_000): Int16Array {
  return new Int16Array((durationMs * sampleRate) / 1000);
}

/**
 * Hears by loudness, plus a tail: like real detectors it goes on saying "speech" for `tailMs` after the sound has ended.
 * Strict about the frame length and about overlapping calls.
 */
export class FakeVad implements VadEngine {
  readonly id = 'fake-vad';
  readonly tailMs: number;
  isOpen = false;
  /** Set to make the next frame fail. */
  fault: Error | undefined;

  constructor(options: { tailMs?: number } = {}) {
    this.tailMs = options.tailMs ?? 0;
  }

  open(): Promise<VadStream> {
    this.isOpen = true;
    let isBusy = false;
    let sinceSoundMs = Number.POSITIVE_INFINITY;
    const stream: VadStream = {
      frameSamples: 512,
      process: async (frame) => {
        if (!this.isOpen) throw new Error('the VAD stream is closed');
        if (isBusy) throw new Error('VAD calls overlap');
        if (frame.length !== 512) throw new Error(`a VAD frame is 512 samples, not ${frame.length}`);
        if (this.fault) throw this.fault;
        isBusy = true;
        await Promise.resolve();
        isBusy = false;
        const loud = frame.reduce((count, sample) => count + (Math.abs(sample) > 1000 ? 1 : 0), 0);
        sinceSoundMs = loud >= 160 ? 0 : sinceSoundMs + 32;
        return sinceSoundMs <= this.tailMs ? 0.95 : 0.02;
      },
      reset: () => {
        sinceSoundMs = Number.POSITIVE_INFINITY;
      },
      close: () => {
        this.isOpen = false;
      },
    };
    return Promise.resolve(stream);
  }
}

export interface FakeUtterance {
  text: string;
  /** From `finish` to the result. */
  finalMs?: number;
  /** Partial transcripts by how much audio has been written. */
  partials?: readonly { atMs: number; text: string }[];
  emotion?: string;
  language?: string;
  error?: Error;
  /** Never resolves, whatever the signal says. */
  isHung?: boolean;
}

/** Recognises the scripted utterances one after the other; without one, nothing. Strict about use after close. */
export class FakeStt implements SttEngine {
  readonly id = 'fake-stt';
  readonly languages = ['zh', 'en'];
  readonly #clock: Clock;
  readonly #utterances: FakeUtterance[];
  /** Audio received by each stream, ms. */
  readonly heardMs: number[] = [];
  openStreams = 0;
  /** What each stream was asked for. */
  readonly requests: Omit<SttOptions, 'onPartial' | 'signal'>[] = [];

  constructor(clock: Clock, utterances: readonly FakeUtterance[] = []) {
    this.#clock = clock;
    this.#utterances = [...utterances];
  }

  add(utterance: FakeUtterance): void {
    this.#utterances.push(utterance);
  }

  open(options: SttOptions): Promise<SttStream> {
    const utterance = this.#utterances.shift() ?? { text: '' };
    const partials = [...(utterance.partials ?? [])];
    const { onPartial: _, signal: __, ...request } = options;
    this.requests.push(request);
    const index = this.heardMs.push(0) - 1;
    this.openStreams += 1;
    let state: 'open' | 'finishing' | 'closed' = 'open';
    let samples = 0;
    const stream: SttStream = {
      write: (pcm) => {
        if (state !== 'open') throw new Error(`write on a stream that is ${state}`);
        samples += pcm.length;
        this.heardMs[index] = samples / 16;
        while (partials[0] && partials[0].atMs <= samples / 16) options.onPartial?.(partials.shift()?.text ?? '');
      },
      finish: async (): Promise<SttResult> => {
        if (state !== 'open') throw new Error(`finish on a stream that is ${state}`);
        state = 'finishing';
        if (utterance.isHung) return new Promise(() => undefined);
        await sleepUntil(this.#clock, (this.#clock.nowUs() + (utterance.finalMs ?? 20) * 1000) as MonoUs, options.signal);
        if (utterance.error) throw utterance.error;
        const { text, emotion, language } = utterance;
        return { text, ...(emotion !== undefined && { emotion }), ...(language !== undefined && { language }) };
      },
      close: () => {
        if (state !== 'closed') this.openStreams -= 1;
        state = 'closed';
      },
    };
    return Promise.resolve(stream);
  }
}

export interface FakeReply {
  /** Thought before anything is said, at the tokens' pace and before them. */
  reasoning?: readonly string[];
  tokens?: readonly string[];
  toolCalls?: readonly LlmToolCall[];
  /** To the first token. */
  ttftMs?: number;
  tokensPerSecond?: number;
  /** Thrown after the tokens. */
  error?: Error;
  /** After the tokens it hangs, deaf to the abort. */
  isHung?: boolean;
}

/** Answers the scripted replies one after the other, and keeps the requests. */
export class FakeLlm implements LlmEngine {
  readonly id = 'fake-llm';
  readonly requests: LlmRequest[] = [];
  readonly #clock: Clock;
  readonly #replies: FakeReply[];

  constructor(clock: Clock, replies: readonly FakeReply[] = []) {
    this.#clock = clock;
    this.#replies = [...replies];
  }

  add(reply: FakeReply): void {
    this.#replies.push(reply);
  }

  async *respond(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmEvent> {
    assertAnswered(request);
    this.requests.push(structuredClone(request));
    const reply = this.#replies.shift() ?? { tokens: [] };
    const thoughts = reply.reasoning ?? [];
    const tokens = reply.tokens ?? [];
    const startUs = this.#clock.nowUs() + (reply.ttftMs ?? 100) * 1000;
    const stepUs = 1_000_000 / (reply.tokensPerSecond ?? 100);
    yield { kind: 'headers' };
    for (const [index, text] of [...thoughts, ...tokens].entries()) {
      await sleepUntil(this.#clock, Math.round(startUs + index * stepUs) as MonoUs, signal);
      yield { kind: index < thoughts.length ? 'reasoning' : 'text', text };
    }
    if (reply.isHung) await new Promise(() => undefined);
    if (reply.error) throw reply.error;
    if (tokens.length === 0) await sleepUntil(this.#clock, startUs as MonoUs, signal);
    for (const call of reply.toolCalls ?? []) yield { kind: 'tool-call', call };
    yield { kind: 'done', finish: reply.toolCalls?.length ? 'tool-calls' : 'stop', outputTokens: tokens.length };
  }
}

/** What every real provider refuses: a tool call without exactly one answer right behind it. */
function assertAnswered(request: LlmRequest): void {
  const { messages } = request;
  for (const [index, message] of messages.entries()) {
    const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
    const answers = messages.slice(index + 1, index + 1 + calls.length).map((answer) => (answer.role === 'tool' ? answer.toolCallId : ''));
    const isAnswered = calls.every(({ id }) => answers.filter((answer) => answer === id).length === 1);
    if (!isAnswered) throw new Error(`tool calls without answers: ${JSON.stringify(messages)}`);
  }
}

export interface FakeTtsOptions {
  ttfbMs?: number;
  /** Speech made per character. */
  msPerCharacter?: number;
  leadSilenceMs?: number;
  /** How much faster than real time audio is made. */
  speed?: number;
  sampleRate?: number;
  /** Tells where each character lies, as words of their own, before the audio. */
  hasWords?: boolean;
  /** Sample value of a text's sound: tells the packets of one text from another's. */
  level?: (text: string) => number;
  /** Requests (from 1) that fail. */
  failing?: ReadonlyMap<number, Error>;
  /** Requests that end without any audio. */
  silent?: ReadonlySet<number>;
  /** Requests that hang after their first piece, deaf to the abort. */
  hanging?: ReadonlySet<number>;
}

/** Makes loud audio of a length proportional to the text, in pieces of 100 ms. */
export class FakeTts implements TtsEngine {
  readonly id = 'fake-tts';
  readonly languages = ['zh', 'en'];
  readonly requests: TtsRequest[] = [];
  inFlight = 0;
  mostInFlight = 0;
  readonly #clock: Clock;
  readonly #options: Required<FakeTtsOptions>;

  constructor(clock: Clock, options: FakeTtsOptions = {}) {
    this.#clock = clock;
    this.#options = {
      ttfbMs: 100,
      msPerCharacter: 100,
      leadSilenceMs: 0,
      speed: 10,
      sampleRate: 16_000,
      hasWords: false,
      level: () => LOUD,
      failing: new Map(),
      silent: new Set(),
      hanging: new Set(),
      ...options,
    };
  }

  voices() {
    return [{ id: 'fake', language: 'zh', label: 'Fake' }];
  }

  async *synthesize(request: TtsRequest, signal: AbortSignal): AsyncIterable<TtsEvent> {
    const { ttfbMs, msPerCharacter, leadSilenceMs, speed, sampleRate, hasWords, level, failing, silent, hanging } = this.#options;
    const number = this.requests.push(request);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      let atUs = this.#clock.nowUs() + ttfbMs * 500;
      await sleepUntil(this.#clock, atUs as MonoUs, signal);
      const error = failing.get(number);
      if (error) throw error;
      yield { kind: 'headers' };
      if (silent.has(number)) return;
      atUs += ttfbMs * 500;
      if (hasWords) {
        const startMs = (index: number) => leadSilenceMs + index * msPerCharacter;
        const words = Array.from(request.text).map((_, index) => ({
          from: index,
          to: index + 1,
          startMs: startMs(index),
          endMs: startMs(index + 1),
        }));
        yield { kind: 'words', words };
      }
      const pieceMs = 100;
      const total = leadSilenceMs + request.text.length * msPerCharacter;
      for (let fromMs = 0; fromMs < total; fromMs += pieceMs) {
        await sleepUntil(this.#clock, Math.round(atUs) as MonoUs, signal);
        const silentMs = Math.min(pieceMs, Math.max(0, leadSilenceMs - fromMs));
        const loudMs = Math.min(pieceMs, total - fromMs) - silentMs;
        const pcm = Int16Array.from([
          ...silencePcm(silentMs, sampleRate),
          ...speechPcm(Math.max(0, loudMs), sampleRate, level(request.text)),
        ]);
        yield { kind: 'audio', pcm, sampleRate };
        if (hanging.has(number)) await new Promise(() => undefined);
        atUs += (pieceMs * 1000) / speed;
      }
    } finally {
      this.inFlight -= 1;
    }
  }
}
