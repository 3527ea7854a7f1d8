/** Cuts a stream of samples of any lengths into frames of one length; what is over waits for more. */
export interface Framer {
  /** Frames completed by `pcm`; each is the caller's own. */
  push(pcm: Int16Array): Int16Array[];
  /** The rest, filled up with silence; undefined when nothing is over. */
  flush(): Int16Array | undefined;
  /** Samples waiting, fewer than a frame. */
  readonly pending: number;
}

export function createFramer(frameSamples: number): Framer {
  if (!Number.isInteger(frameSamples) || frameSamples < 1) throw new RangeError(`not a frame length: ${frameSamples}`);
  let frame = new Int16Array(frameSamples);
  let filled = 0;
  return {
    get pending() {
      return filled;
    },
    push(pcm) {
      const frames: Int16Array[] = [];
      for (let at = 0; at < pcm.length; ) {
        const part = pcm.subarray(at, at + frameSamples - filled);
        frame.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled === frameSamples) {
          frames.push(frame);
          frame = new Int16Array(frameSamples);
          filled = 0;
        }
      }
      return frames;
    },
    flush() {
      if (filled === 0) return undefined;
      const last = frame;
      frame = new Int16Array(frameSamples);
      filled = 0;
      return last;
    },
  };
}
