import type { MonoUs } from '../../preload/contract/time.ts';
import { createFramer } from '../audio/framing.ts';
import { LeadSilence } from '../audio/lead-silence.ts';
import type { Pacer } from '../audio/pacer.ts';
import { createResampler, type Resampler } from '../audio/resample.ts';
import { Channel } from '../channel.ts';
import type { Chunk } from './aggregate.ts';
import { raced, staged } from './stage.ts';
import { type SentenceAudio, type SynthesisOptions, synthesize } from './synthesize.ts';
import { VoicedSpan } from './voiced.ts';

const REQUESTS_IN_FLIGHT = 2;

export interface SpeakOptions extends SynthesisOptions {
  pacer: Pacer;
  frameMs: number;
  /** In order with the audio: the sentence's first frame is handed over next and plays at `playUs`. */
  onSentence(chunk: Chunk, playUs: MonoUs): void;
  /** The reply's first audible sample lies `leadUs` after its first frame; not told of a reply without any sound. */
  onLeadKnown(leadUs: number): void;
}

interface Sentence {
  chunk: Chunk;
  audio: Channel<SentenceAudio>;
}

/** Synthesises the chunks, at most two at a time and in order, and queues their frames. Ends when all are queued. */
export async function speak(chunks: AsyncIterable<Chunk>, options: SpeakOptions): Promise<void> {
  const { turn, telling, scope } = options;
  const turnId = turn.id;
  const sentences = new Channel<Sentence>();
  const inFlight = new Set<Promise<void>>();
  async function synthesizeAll(): Promise<void> {
    for await (const chunk of staged(chunks, scope)) {
      if (turn.firstSentence === undefined && !chunk.isFiller) {
        turn.firstSentence = chunk.sentence;
        telling.event({ kind: 'llm.first-chunk', turnId, text: chunk.spoken });
      }
      while (inFlight.size >= REQUESTS_IN_FLIGHT) await raced(Promise.race(inFlight), scope);
      const sentence: Sentence = { chunk, audio: new Channel() };
      const job = synthesize(chunk, sentence.audio, options).finally(() => inFlight.delete(job));
      inFlight.add(job);
      sentences.push(sentence);
      if (chunk.sentence === 1) {
        // After the request, which need not wait for them. The first caption goes out before the bot starts speaking, the later ones with
        // their audio.
        telling.message({ kind: 'bot-sentence', text: chunk.spoken });
        turn.told.voice = true;
        telling.message({ kind: 'bot-voice-started' });
      }
    }
    sentences.end();
  }

  async function queueAll(): Promise<void> {
    let startUs = 0;
    // Where the reply itself begins: what bridges the wait for a tool is none of it.
    let replyUs: number | undefined;
    let isLeadKnown = false;
    for await (const { chunk, audio } of staged(sentences, scope)) {
      const onSound = (leadUs: number) => {
        if (chunk.isFiller || isLeadKnown) return;
        isLeadKnown = true;
        options.onLeadKnown(startUs + leadUs - (replyUs ?? startUs));
      };
      const queuedUs = await queue(chunk, audio, startUs, onSound, options);
      if (queuedUs > 0 && !chunk.isFiller) replyUs ??= startUs;
      startUs += queuedUs;
    }
  }

  const synthesis = synthesizeAll();
  try {
    await Promise.all([synthesis, queueAll()]);
  } catch (error) {
    sentences.fail(error);
    throw error;
  }
}

/** Queues one sentence's frames as its audio comes; gives their duration. It begins `startUs` into the reply, its sound `leadUs` later. */
async function queue(
  chunk: Chunk,
  audio: Channel<SentenceAudio>,
  startUs: number,
  onSound: (leadUs: number) => void,
  options: SpeakOptions,
): Promise<number> {
  const { turn, telling, scope, pacer } = options;
  const { ledger } = turn;
  const lead = new LeadSilence(turn.configuration.settings.voice.leadSilenceMs);
  const span = new VoicedSpan();
  const framer = createFramer(options.frameMs * 16);
  let frameCount = 0;
  let firstAudioUs: number | undefined;
  let isLeadTold = false;
  let resampler: Resampler | undefined;
  let sampleRate = 16_000;

  function begin(): void {
    ledger.begin(chunk, startUs);
    pacer.mark(turn.epoch, (playUs) => options.onSentence(chunk, playUs));
  }

  function tellLead(leadUs: number): void {
    isLeadTold = true;
    telling.event({ kind: 'tts.first-audio', turnId: turn.id, sentence: chunk.sentence, leadSilenceUs: leadUs }, firstAudioUs);
  }

  async function put(made: Int16Array, isEnd = false): Promise<void> {
    const pcm = isEnd ? lead.flush() : lead.push(made);
    span.push(pcm);
    if (span.leadUs !== undefined && !isLeadTold) {
      tellLead(span.leadUs);
      onSound(span.leadUs);
    }
    const frames = framer.push(pcm);
    const rest = isEnd ? framer.flush() : undefined;
    if (rest) frames.push(rest);
    for (const frame of frames) {
      if (pacer.isFull) await raced(pacer.ready(), scope);
      if (frameCount === 0) begin();
      ledger.extend({ durationUs: span.durationUs, voicedFromUs: span.leadUs ?? 0, voicedToUs: span.lastUs });
      pacer.push(turn.epoch, frame);
      frameCount += 1;
    }
  }

  // Words may come before there is a row for them, and their times are those of the audio before its lead was taken off.
  const words: Extract<SentenceAudio, { kind: 'words' }>['words'][number][] = [];
  function noteWords(): void {
    if (frameCount === 0 || words.length === 0) return;
    const at = (ms: number) => Math.max(0, ms * 1000 - lead.removedUs);
    ledger.words(words.splice(0).map(({ from, to, startMs, endMs }) => ({ from, to, startUs: at(startMs), endUs: at(endMs) })));
  }

  for await (const piece of staged(audio, scope)) {
    if (piece.kind === 'words') {
      for (const word of piece.words) words.push(word);
    } else {
      firstAudioUs ??= scope.clock.nowUs();
      if (piece.sampleRate !== sampleRate) {
        if (resampler) await put(resampler.flush());
        sampleRate = piece.sampleRate;
        resampler = sampleRate === 16_000 ? undefined : createResampler({ from: sampleRate, to: 16_000 });
      }
      await put(resampler ? resampler.process(piece.pcm) : piece.pcm);
    }
    noteWords();
  }
  if (resampler) await put(resampler.flush());
  await put(new Int16Array(0), true);
  noteWords();
  if (frameCount > 0) ledger.complete();
  // All silence: the whole of it is lead.
  if (firstAudioUs !== undefined && !isLeadTold) tellLead(span.durationUs);
  return frameCount * options.frameMs * 1000;
}
