import { availableParallelism } from 'node:os';
import { createFrameThreads, type FrameThreads } from '../threads/frame-threads.ts';
import type { StreamEncoder } from './encode-ahead.ts';
import { type OpusEncoderOptions, requireOpus } from './opus.ts';

/** One processor is the event loop's. A thread encodes for more boards than one core's loop can serve, so few are enough anywhere. */
const MOST_THREADS = 3;
/** Orders of one stream that may wait: more than any pacer has encoded ahead. */
const QUEUE_LIMIT = 16;
/** A thread that has not answered for so long is started again. */
const TIMEOUT_MS = 5000;

/**
 * Opus encoders of all conversations, on threads of their own. Encoding is the largest part of what a conversation costs; on the event
 * loop it held up everybody's frames from some twenty boards on.
 */
export interface EncoderThreads {
  /** Throws TalkError 'engine/unavailable' where Opus cannot run here. */
  open(options: OpusEncoderOptions): StreamEncoder;
  /** Starts the threads and has each encode something. Never rejects: a stream says what is wrong when it is used. */
  warmUp(): Promise<void>;
  /** Safe twice. */
  close(): Promise<void>;
}

export function createEncoderThreads(options: { threads?: number; workerUrl?: URL } = {}): EncoderThreads {
  const count = options.threads ?? Math.min(MOST_THREADS, Math.max(1, availableParallelism() - 1));
  const threads: FrameThreads<Uint8Array[], OpusEncoderOptions> = createFrameThreads({
    url: options.workerUrl ?? new URL('./opus-encoder.worker.ts', import.meta.url),
    stage: 'codec',
    engine: 'opus',
    threads: count,
    timeoutMs: TIMEOUT_MS,
    queueLimit: QUEUE_LIMIT,
  });
  function open(setup: OpusEncoderOptions): StreamEncoder {
    requireOpus();
    const stream = threads.open(setup);
    return { encode: (frames) => stream.process(joined(frames)), restart: () => stream.reset(), close: () => stream.close() };
  }
  return {
    open,
    async warmUp() {
      // Streams that are open together lie on different threads.
      const streams = Array.from({ length: count }, () =>
        open({ sampleRate: 16_000, channels: 1, bitrate: 24_000, frameMs: 60, isCbr: true }),
      );
      await Promise.allSettled(streams.map((stream) => stream.encode([new Int16Array(960)])));
      for (const stream of streams) stream.close();
    },
    close: () => threads.close(),
  };
}

/** Frames travel as one, and are cut there. */
function joined(frames: readonly Int16Array[]): Int16Array {
  const [first = new Int16Array(0)] = frames;
  if (frames.length === 1) return first;
  const all = new Int16Array(first.length * frames.length);
  for (const [index, frame] of frames.entries()) all.set(frame, index * first.length);
  return all;
}
