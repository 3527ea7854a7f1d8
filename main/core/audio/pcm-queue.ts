/** Samples on their way to a speaker, up to a limit. */
export interface PcmQueue {
  readonly length: number;
  /** Returns how many did not fit: the newest. */
  push(pcm: Int16Array): number;
  /** Exactly so many, filled up with silence. */
  take(samples: number): Int16Array;
  clear(): void;
}

export function createPcmQueue(limitSamples: number): PcmQueue {
  let parts: Int16Array[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(pcm) {
      const part = pcm.slice(0, Math.max(0, limitSamples - length));
      if (part.length > 0) parts.push(part);
      length += part.length;
      return pcm.length - part.length;
    },
    take(samples) {
      const taken = new Int16Array(samples);
      let at = 0;
      for (let part = parts[0]; part !== undefined && at < samples; part = parts[0]) {
        const piece = part.subarray(0, samples - at);
        taken.set(piece, at);
        at += piece.length;
        if (piece.length === part.length) parts.shift();
        else parts[0] = part.subarray(piece.length);
      }
      length -= at;
      return taken;
    },
    clear() {
      parts = [];
      length = 0;
    },
  };
}
