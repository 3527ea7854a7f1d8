import type { MonoUs } from '../../preload/contract/time.ts';
import { createFramer } from '../audio/framing.ts';
import type { Pacer } from '../audio/pacer.ts';
import { createResampler, type Resampler } from '../audio/resample.ts';
import { Channel } from '../channel.ts';
import type { TtsEngine, TtsEvent } from '../engines/tts/engine.ts';
import type { Chunk } from './aggregate.ts';
import { raced, type StageScope, staged } from './stage.ts';
import type { Telling } from './telling.ts';
import type { Turn } from './turn.ts';
import { VoicedSpan } from './voiced.ts';

const REQUESTS_IN_FLIGHT = 2;
const SILENCE_LIMIT_US = 15_000_000;
/** Pieces of audio a sentence may have waiting before its provider is not read any further. */
const PIECES_WAITING = 64;

export interface SpeakOptions {
  turn: Turn;
  engine: TtsEngine;
  language: string;
  pacer: Pacer;
  frameMs: number;
  telling: Telling;
  scope: StageScope;
  /** In order with the audio: the sentence's first frame is handed over next and plays at `playUs`. */
  onSentence(chunk: Chunk, playUs: MonoUs): void;
  /** The first audible sample of the reply lies `leadUs` into it. */
  onLeadKnown(leadUs: number): void;
}

interface Sentence {
  chunk: Chunk;
  audio: Channel<Extract<TtsEvent, { kind: 'audio' }>>;
}

/** Synthesises the chunks, at most two at a time and in order, and queues their frames. Ends when all are queued. */
export async function speak(chunks: AsyncIterable<Chunk>, options: SpeakOptions): Promise<void> {
  const { turn, telling, scope, pacer } = options;
  const turnId = turn.id;
  const sentences = new Channel<Sentence>();
  const inFlight = new Set<Promise<void>>();

  async function synthesizeAll(): Promise<void> {
    for await (const chunk of staged(chunks, scope)) {
      if (chunk.sentence === 1) telling.event({ kind: 'llm.first-chunk', turnId, text: chunk.spoken });
      while (inFlight.size >= REQUESTS_IN_FLIGHT) await raced(Promise.race(inFlight), scope);
      const sentence: Sentence = { chunk, audio: new Channel() };
      const job = synthesize(sentence, options).finally(() => inFlight.delete(job));
      inFlight.add(job);
      sentences.push(sentence);
    }
    sentences.end();
  }

  async function queueAll(): Promise<void> {
    let startUs = 0;
    for await (const sentence of staged(sentences, scope)) startUs += await queue(sentence, startUs);
  }

  async function queue({ chunk, audio }: Sentence, startUs: number): Promise<number> {
    const span = new VoicedSpan();
    const framer = createFramer(options.frameMs * 16);
    let frameCount = 0;
    let firstAudioUs: number | undefined;
    let isLeadTold = false;
    const tellLead = (leadUs: number) => {
      isLeadTold = true;
      telling.event({ kind: 'tts.first-audio', turnId, sentence: chunk.sentence, leadSilenceUs: leadUs }, firstAudioUs);
      if (chunk.sentence === 1) options.onLeadKnown(leadUs);
    };
    const put = async (pcm: Int16Array, isEnd: boolean) => {
      span.push(pcm);
      if (span.leadUs !== undefined && !isLeadTold) tellLead(span.leadUs);
      const frames = framer.push(pcm);
      const rest = isEnd ? framer.flush() : undefined;
      for (const frame of rest ? [...frames, rest] : frames) {
        await raced(pacer.ready(), scope);
        if (frameCount === 0) {
          turn.ledger.begin(chunk, startUs);
          pacer.mark(turn.epoch, (playUs) => options.onSentence(chunk, playUs));
        }
        turn.ledger.extend({ durationUs: span.durationUs, voicedFromUs: span.leadUs ?? 0, voicedToUs: span.lastUs });
        pacer.push(turn.epoch, frame);
        frameCount += 1;
      }
    };
    let resampler: Resampler | undefined;
    let sampleRate = 16_000;
    for await (const piece of staged(audio, scope)) {
      firstAudioUs ??= scope.clock.nowUs();
      if (piece.sampleRate !== sampleRate) {
        if (resampler) await put(resampler.flush(), false);
        sampleRate = piece.sampleRate;
        resampler = sampleRate === 16_000 ? undefined : createResampler({ from: sampleRate, to: 16_000 });
      }
      await put(resampler ? resampler.process(piece.pcm) : piece.pcm, false);
    }
    await put(resampler ? resampler.flush() : new Int16Array(0), true);
    // All silence: the whole of it is lead.
    if (firstAudioUs !== undefined && !isLeadTold) tellLead(span.durationUs);
    return frameCount * options.frameMs * 1000;
  }

  const synthesis = synthesizeAll();
  try {
    await Promise.all([synthesis, queueAll()]);
  } catch (error) {
    sentences.fail(error);
    throw error;
  }
}

/** One request to the synthesiser, into the sentence's channel; its failure goes there too. */
async function synthesize({ chunk, audio }: Sentence, options: SpeakOptions): Promise<void> {
  const { turn, engine, telling, scope, language } = options;
  const sentence = chunk.sentence;
  const turnId = turn.id;
  let durationUs = 0;
  let isFirst = true;
  telling.event({ kind: 'tts.request', turnId, engine: engine.id, voice: '', sentence, text: chunk.spoken });
  if (sentence === 1) {
    turn.instants.ttsRequestUs ??= scope.clock.nowUs();
    // The first caption goes out before the bot starts speaking, the later ones with their audio.
    telling.message({ kind: 'bot-sentence', text: chunk.spoken });
    turn.told.voice = true;
    telling.message({ kind: 'bot-voice-started' });
  }
  try {
    for await (const event of staged(engine.synthesize({ text: chunk.spoken, language }, scope.signal), scope, SILENCE_LIMIT_US)) {
      if (event.kind === 'headers') {
        telling.event({ kind: 'tts.headers', turnId, sentence });
        turn.instants.ttsHeadersUs ??= scope.clock.nowUs();
        continue;
      }
      if (event.pcm.length === 0) continue;
      if (isFirst && sentence === 1) turn.instants.ttsAudioUs = scope.clock.nowUs();
      isFirst = false;
      durationUs += (event.pcm.length / event.sampleRate) * 1_000_000;
      audio.push(event);
      await raced(audio.drainedBelow(PIECES_WAITING), scope);
    }
    telling.event({ kind: 'tts.done', turnId, sentence, durationUs: Math.round(durationUs) });
    audio.end();
  } catch (error) {
    audio.fail(error);
  }
}
