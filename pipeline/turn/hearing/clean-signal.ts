import type { NoiseStream, NoiseSuppressor } from '../../engines/noise/engine.ts';

/** A suppressor's output with its place in media time: a sample stands where the one it was made of stood. */
export class CleanSignal {
  readonly engine: NoiseSuppressor;
  readonly #stream: NoiseStream;
  /** Where the next input sample and the next output sample belong; undefined before the first. */
  #inUs: number | undefined;
  #outUs = 0;

  constructor(engine: NoiseSuppressor, stream: NoiseStream) {
    this.engine = engine;
    this.#stream = stream;
  }

  get id(): string {
    return this.engine.id;
  }

  /** 16 kHz mono that begins at `mediaUs`; what came before a gap is given out first. */
  async process(pcm: Int16Array, mediaUs: number): Promise<{ pcm: Int16Array; mediaUs: number }[]> {
    const pieces: { pcm: Int16Array; mediaUs: number }[] = [];
    if (this.#inUs !== undefined && mediaUs > this.#inUs + 1) {
      const rest = await this.flush();
      if (rest) pieces.push(rest);
    }
    if (this.#inUs === undefined) this.#outUs = mediaUs;
    this.#inUs = mediaUs + (pcm.length / 16) * 1000;
    const piece = this.#place(await this.#stream.process(pcm));
    if (piece) pieces.push(piece);
    return pieces;
  }

  /** What the stream still holds; what follows begins anew. */
  async flush(): Promise<{ pcm: Int16Array; mediaUs: number } | undefined> {
    if (this.#inUs === undefined) return undefined;
    this.#inUs = undefined;
    return this.#place(await this.#stream.flush());
  }

  close(): void {
    this.#stream.close();
  }

  #place(pcm: Int16Array): { pcm: Int16Array; mediaUs: number } | undefined {
    if (pcm.length === 0) return undefined;
    const mediaUs = this.#outUs;
    this.#outUs += (pcm.length / 16) * 1000;
    return { pcm, mediaUs };
  }
}
