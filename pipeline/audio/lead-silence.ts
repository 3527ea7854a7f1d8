const WINDOW_SAMPLES = 160;
/** −40 dBFS: what counts as audible (reference/voice.md §1.2). */
const AUDIBLE_RMS = 327;

/**
 * Takes the silence before the first sound off a stream of 16 kHz mono audio, except its last `keepMs`: synthesisers begin
 * with 150 to 250 ms of it, which the listener waits for. Audio without any sound is silence to its end, and only so much of it
 * is kept.
 */
export class LeadSilence {
  readonly #keepSamples: number;
  #waiting: Int16Array = new Int16Array(0);
  #isOver: boolean;
  #removedSamples = 0;

  /** `keepMs` below 0 takes nothing off. */
  constructor(keepMs: number) {
    this.#keepSamples = Math.max(0, keepMs) * 16;
    this.#isOver = keepMs < 0;
  }

  /** What was taken off so far. */
  get removedUs(): number {
    return (this.#removedSamples / 16) * 1000;
  }

  push(pcm: Int16Array): Int16Array {
    if (this.#isOver) return pcm;
    const all = new Int16Array(this.#waiting.length + pcm.length);
    all.set(this.#waiting);
    all.set(pcm, this.#waiting.length);
    // Whole windows of what is new; what waited was silent.
    const from = this.#waiting.length - (this.#waiting.length % WINDOW_SAMPLES);
    for (let at = from; at + WINDOW_SAMPLES <= all.length; at += WINDOW_SAMPLES) {
      if (!isAudible(all, at)) continue;
      this.#isOver = true;
      this.#waiting = new Int16Array(0);
      return this.#without(all, Math.max(0, at - this.#keepSamples));
    }
    // Windows must stay aligned: only whole ones are forgotten.
    const spare = all.length - this.#keepSamples - WINDOW_SAMPLES;
    this.#waiting = this.#without(all, Math.max(0, spare - (spare % WINDOW_SAMPLES)));
    return new Int16Array(0);
  }

  /** There is no more. */
  flush(): Int16Array {
    if (this.#isOver) return new Int16Array(0);
    this.#isOver = true;
    return this.#without(this.#waiting, Math.max(0, this.#waiting.length - this.#keepSamples));
  }

  #without(pcm: Int16Array, count: number): Int16Array {
    this.#removedSamples += count;
    return pcm.subarray(count);
  }
}

function isAudible(pcm: Int16Array, at: number): boolean {
  let squares = 0;
  for (let index = at; index < at + WINDOW_SAMPLES; index += 1) squares += (pcm[index] ?? 0) ** 2;
  return Math.sqrt(squares / WINDOW_SAMPLES) >= AUDIBLE_RMS;
}
