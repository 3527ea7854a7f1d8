import type { VadEngine, VadStream } from './engine.ts';

/** Failures in a row after which a stream goes on with the other detector. */
const PATIENCE = 3;

/**
 * The first detector, and the second where it cannot be opened or keeps failing. Each failure is still the caller's to tell; from
 * then on the stream works. A second detector with frames of another length hears the same samples: the likeliest of its frames
 * counts.
 */
export function withFallback(first: VadEngine, second: VadEngine): VadEngine {
  return {
    id: first.id,
    async open() {
      let stream: VadStream;
      try {
        stream = await first.open();
      } catch {
        return second.open();
      }
      const { frameSamples } = stream;
      let failures = 0;
      let isFirst = true;
      let isClosed = false;
      return {
        frameSamples,
        async process(frame) {
          try {
            const probability = await stream.process(frame);
            failures = 0;
            return probability;
          } catch (error) {
            failures += 1;
            if (isFirst && failures >= PATIENCE && !isClosed) {
              isFirst = false;
              stream.close();
              stream = reframed(await second.open(), frameSamples);
              if (isClosed) stream.close();
            }
            throw error;
          }
        },
        reset: () => stream.reset(),
        close() {
          isClosed = true;
          stream.close();
        },
      };
    },
  };
}

function reframed(stream: VadStream, frameSamples: number): VadStream {
  let pending = new Int16Array(0);
  let last = 0;
  return {
    ...stream,
    frameSamples,
    async process(frame) {
      const joined = new Int16Array(pending.length + frame.length);
      joined.set(pending);
      joined.set(frame, pending.length);
      let at = 0;
      let likeliest: number | undefined;
      for (; at + stream.frameSamples <= joined.length; at += stream.frameSamples) {
        const probability = await stream.process(joined.slice(at, at + stream.frameSamples));
        likeliest = Math.max(likeliest ?? 0, probability);
      }
      pending = joined.slice(at);
      last = likeliest ?? last;
      return last;
    },
    reset() {
      pending = new Int16Array(0);
      last = 0;
      stream.reset();
    },
  };
}
