const WINDOW_MS = 10;
/** −40 dBFS: what counts as audible (reference/voice.md §1.2). */
const AUDIBLE_RMS = 327;

/** Where a stream of 16 kHz mono audio is audible, to 10 ms. */
export class VoicedSpan {
  static readonly #windowSamples = 160;
  #squares = 0;
  #filled = 0;
  #windows = 0;
  #first: number | undefined;
  #last = 0;
  #samples = 0;

  push(pcm: Int16Array): void {
    this.#samples += pcm.length;
    for (const sample of pcm) {
      this.#squares += sample * sample;
      this.#filled += 1;
      if (this.#filled === VoicedSpan.#windowSamples) this.#closeWindow();
    }
  }

  /** Time before the first audible window; undefined while everything was silent. */
  get leadUs(): number | undefined {
    return this.#first === undefined ? undefined : this.#first * WINDOW_MS * 1000;
  }

  /** End of the last audible window; 0 while everything was silent. */
  get lastUs(): number {
    return this.#last * WINDOW_MS * 1000;
  }

  get durationUs(): number {
    return (this.#samples / 16) * 1000;
  }

  #closeWindow(): void {
    const isAudible = Math.sqrt(this.#squares / this.#filled) >= AUDIBLE_RMS;
    if (isAudible) {
      this.#first ??= this.#windows;
      this.#last = this.#windows + 1;
    }
    this.#windows += 1;
    this.#squares = 0;
    this.#filled = 0;
  }
}
