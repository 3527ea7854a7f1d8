/** The end of what is being said, 16 kHz, for a model that listens. */
export class RecentAudio {
  readonly #mostSamples: number;
  #parts: Int16Array[] = [];
  #samples = 0;

  /** `mostMs` of it are kept; 0: nobody listens. */
  constructor(mostMs: number) {
    this.#mostSamples = mostMs * 16;
  }

  clear(): void {
    this.#parts = [];
    this.#samples = 0;
  }

  push(pcm: Int16Array): void {
    if (this.#mostSamples === 0) return;
    this.#parts.push(pcm);
    this.#samples += pcm.length;
    while (this.#samples - (this.#parts[0]?.length ?? 0) >= this.#mostSamples) this.#samples -= this.#parts.shift()?.length ?? 0;
  }

  get all(): Int16Array {
    const all = new Int16Array(this.#samples);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all.subarray(Math.max(0, all.length - this.#mostSamples));
  }
}
