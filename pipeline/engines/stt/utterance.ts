/** Collects the samples of one utterance, up to a limit: what follows is not kept. */
export interface UtteranceBuffer {
  write(pcm: Int16Array): void;
  /** Everything so far in one piece; afterwards it is empty. */
  take(): Int16Array;
  clear(): void;
}

/** 30 s at 16 kHz: longer than any phrase, short enough to hold for fifty boards. */
const DEFAULT_LIMIT_SAMPLES = 30 * 16_000;

export function createUtteranceBuffer(limitSamples = DEFAULT_LIMIT_SAMPLES): UtteranceBuffer {
  let parts: Int16Array[] = [];
  let length = 0;
  return {
    write(pcm) {
      const part = pcm.slice(0, limitSamples - length); // the caller may reuse its buffer
      parts.push(part);
      length += part.length;
    },
    take() {
      const whole = new Int16Array(length);
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.length;
      }
      this.clear();
      return whole;
    },
    clear() {
      parts = [];
      length = 0;
    },
  };
}
