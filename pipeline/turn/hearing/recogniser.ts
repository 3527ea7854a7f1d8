import type { SttEngine, SttOptions, SttResult, SttStream } from '../../engines/stt/engine.ts';
import { raced, type StageScope } from '../stage.ts';

const FINAL_LIMIT_US = 8_000_000;

export interface RecogniserOptions {
  engine: SttEngine;
  request: Omit<SttOptions, 'signal'>;
  scope: StageScope;
}

/** One recognition stream; audio that comes before the engine has opened it is kept. */
export class Recogniser {
  readonly #opening: Promise<SttStream>;
  readonly #scope: StageScope;
  #early: Int16Array[] = [];
  #stream: SttStream | undefined;
  #isClosed = false;
  #fault: { error: unknown } | undefined;

  constructor({ engine, request, scope }: RecogniserOptions) {
    this.#scope = scope;
    this.#opening = engine.open({ ...request, signal: scope.signal }).then((stream) => {
      if (this.#isClosed) stream.close();
      this.#stream = stream;
      for (const pcm of this.#early.splice(0)) this.write(pcm);
      return stream;
    });
    // Told when the utterance is finished.
    this.#opening.catch(() => undefined);
  }

  write(pcm: Int16Array): void {
    if (this.#isClosed || pcm.length === 0) return;
    if (!this.#stream) {
      this.#early.push(pcm);
      return;
    }
    try {
      this.#stream.write(pcm);
    } catch (error) {
      this.#fault ??= { error };
    }
  }

  /** Rejects with what the engine failed with, TalkError 'engine/timeout' after 8 s, or the signal's reason. */
  async finish(): Promise<SttResult> {
    const stream = await raced(this.#opening, this.#scope, FINAL_LIMIT_US);
    if (this.#fault) throw this.#fault.error;
    return raced(stream.finish(), this.#scope, FINAL_LIMIT_US);
  }

  close(): void {
    this.#isClosed = true;
    this.#early = [];
    this.#stream?.close();
  }
}
