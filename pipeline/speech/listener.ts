import type { Clock } from '../../preload/contract/time.ts';
import { createFramer } from '../audio/framing.ts';
import type { SttEngine } from '../engines/stt/engine.ts';
import type { VadEngine, VadStream } from '../engines/vad/engine.ts';
import { Recogniser } from '../turn/hearing/recogniser.ts';
import { type DetectorSettings, SpeechDetector } from '../turn/speech-detector.ts';
import { asTalkError } from '../turn/stage.ts';
import type { SpeechFailure } from './failure.ts';
import { SliceOrder } from './slice-order.ts';

/** Audio that waits to be listened to; above it the oldest is dropped and counted. */
const BACKLOG_SAMPLES = 160_000;

/** What is told of a stream, in the order of its sentences: each begins (0), changes (1) and ends (2) before the next begins. */
export interface SliceListener {
  begun(slice: { index: number; startMs: number }): void;
  changed(slice: { index: number; startMs: number; text: string }): void;
  ended(slice: { index: number; startMs: number; endMs: number; text: string }): void;
  failed(failure: SpeechFailure): void;
  dropped(pieces: number): void;
}

export interface ListenOptions {
  clock: Clock;
  vad: VadEngine;
  stt: SttEngine;
  language: string;
  hotWords?: readonly string[];
  detector: DetectorSettings & { silenceMs: number };
  /** The client has cut the sentence itself: everything until `finish` is one, as long as sentences may be. */
  isWhole?: boolean;
  /** Sentences in which nothing was recognised are not told at all. */
  isEmptySkipped?: boolean;
  listener: SliceListener;
}

export interface Listening {
  /** 16 kHz mono, any length. Never blocks, never throws. */
  write(pcm: Int16Array): void;
  /** No more audio: resolves when the last sentence has been told. */
  finish(): Promise<void>;
  close(): void;
}

/** A stream of audio to numbered sentences: voice activity cuts them, the recogniser reads them. */
export function listenForSlices(options: ListenOptions): Listening {
  const { clock, vad, stt, listener } = options;
  const aborting = new AbortController();
  const order = new SliceOrder(listener, options.isEmptySkipped === true);
  const framer = createFramer(512);
  const backlog: Int16Array[] = [];
  let backlogSamples = 0;
  let mediaUs = 0;
  let wholeSinceUs = 0;
  let isWorking = false;
  let worked: Promise<void> = Promise.resolve();
  let stream: VadStream | null = null;
  let sentence: ReturnType<typeof begin> | null = null;
  let isClosed = false;

  const detector = new SpeechDetector({
    settings: () => options.detector,
    silenceMs: () => options.detector.silenceMs,
    listener: {
      onset: () => {},
      falseOnset: () => {},
      started(startUs, preroll) {
        sentence = begin(startUs);
        sentence.write(preroll);
      },
      continued: (pcm) => sentence?.write(pcm),
      ended: (lastUs) => end(lastUs),
    },
  });

  function begin(startUs: number) {
    const slice = order.begin(Math.round(startUs / 1000));
    const recogniser = new Recogniser({
      engine: stt,
      request: {
        language: options.language,
        ...(options.hotWords && { hotWords: options.hotWords }),
        onPartial: (text) => slice.changed(text),
      },
      scope: { clock, signal: aborting.signal, stage: 'stt', engine: stt.id, onLeak: () => {} },
    });
    return { slice, recogniser, write: (pcm: Int16Array) => recogniser.write(pcm) };
  }

  function end(lastUs: number): void {
    const ended = sentence;
    if (ended === null) return;
    sentence = null;
    const endMs = Math.round(lastUs / 1000);
    ended.recogniser
      .finish()
      .then(
        ({ text }) => ended.slice.ended(endMs, text),
        (error: unknown) => {
          if (isClosed) return;
          ended.slice.failed(endMs, { stage: 'stt', engine: stt.id, error: asTalkError(error, 'stt', stt.id).value });
        },
      )
      .finally(() => ended.recogniser.close());
  }

  async function work(): Promise<void> {
    for (let piece = backlog.shift(); piece !== undefined && !isClosed; piece = backlog.shift()) {
      backlogSamples -= piece.length;
      if (options.isWhole === true) hearWhole(piece);
      else for (const frame of framer.push(piece)) await hear(frame);
    }
    // Here and not when the promise has settled: what comes in between must start it again.
    isWorking = false;
  }

  function hearWhole(piece: Int16Array): void {
    if (sentence === null) wholeSinceUs = mediaUs;
    sentence ??= begin(mediaUs);
    sentence.write(piece);
    mediaUs += (piece.length / 16) * 1000;
    // A recogniser keeps what it has heard: without an end there would be none to that.
    if (mediaUs - wholeSinceUs >= options.detector.longestMs * 1000) end(mediaUs);
  }

  async function hear(frame: Int16Array): Promise<void> {
    const atUs = mediaUs;
    mediaUs += (frame.length / 16) * 1000;
    let probability = 0;
    try {
      stream ??= await vad.open();
      if (isClosed) return stream.close();
      probability = await stream.process(frame);
    } catch (error) {
      if (isClosed) return;
      listener.failed({ stage: 'vad', engine: vad.id, error: asTalkError(error, 'vad', vad.id).value });
    }
    if (!isClosed) detector.push(frame, atUs, probability);
  }

  function run(): Promise<void> {
    if (!isWorking) {
      isWorking = true;
      worked = work();
    }
    return worked;
  }

  return {
    write(pcm) {
      if (isClosed || pcm.length === 0) return;
      backlog.push(pcm);
      backlogSamples += pcm.length;
      let dropped = 0;
      while (backlogSamples > BACKLOG_SAMPLES && backlog.length > 1) {
        backlogSamples -= backlog.shift()?.length ?? 0;
        dropped += 1;
      }
      if (dropped > 0) listener.dropped(dropped);
      void run();
    },
    async finish() {
      await run();
      if (isClosed) return;
      const rest = framer.flush();
      if (rest !== undefined) await hear(rest);
      if (options.isWhole === true) end(mediaUs);
      else detector.end('released');
      await order.allTold();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      backlog.length = 0;
      sentence?.recogniser.close();
      aborting.abort();
      order.close();
      stream?.close();
    },
  };
}
