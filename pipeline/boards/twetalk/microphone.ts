import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/** A capture that is further behind than this has lost its samples, as a DMA ring overwrites them. */
const MAX_BEHIND_US = 1_000_000;

export interface MicrophoneDeps {
  clock: Clock;
  frameMs: 20 | 40 | 60;
  /** Takes the samples of one frame, 16 kHz mono, at the end of the frame. */
  onFrame: (pcm: Int16Array) => void;
}

interface Utterance {
  pcm: Int16Array;
  offset: number;
  resolve: () => void;
  reject: (error: TalkError) => void;
}

/**
 * The board's microphone in continuous mode: a frame of samples every frame interval on absolute deadlines, silence when
 * nobody speaks. What is spoken starts at a frame boundary, one utterance after the other.
 */
export class Microphone {
  readonly #deps: MicrophoneDeps;
  readonly #queue: Utterance[] = [];
  #cancelTick: (() => void) | null = null;

  constructor(deps: MicrophoneDeps) {
    this.#deps = deps;
  }

  open(): void {
    if (this.#cancelTick === null) this.#tickAt(this.#after(this.#deps.clock.nowUs()));
  }

  /** Resolves when the frame with the last sample has gone out; rejects with TalkError 'disconnected' when the microphone closes first. */
  speak(pcm: Int16Array): Promise<void> {
    return new Promise((resolve, reject) => this.#queue.push({ pcm, offset: 0, resolve, reject }));
  }

  close(): void {
    this.#cancelTick?.();
    this.#cancelTick = null;
    for (const utterance of this.#queue.splice(0)) utterance.reject(new TalkError('disconnected'));
  }

  #after(us: MonoUs): MonoUs {
    return (us + this.#deps.frameMs * 1000) as MonoUs;
  }

  #tickAt(atUs: MonoUs): void {
    this.#cancelTick = this.#deps.clock.at(atUs, () => {
      const nowUs = this.#deps.clock.nowUs();
      const deadlineUs = nowUs - atUs > MAX_BEHIND_US ? nowUs : atUs;
      this.#tickAt(this.#after(deadlineUs));
      this.#capture();
    });
  }

  #capture(): void {
    const frame = new Int16Array(this.#deps.frameMs * 16);
    const utterance = this.#queue[0];
    if (utterance !== undefined) {
      const part = utterance.pcm.subarray(utterance.offset, utterance.offset + frame.length);
      frame.set(part);
      utterance.offset += part.length;
    }
    this.#deps.onFrame(frame);
    if (utterance !== undefined && utterance.offset >= utterance.pcm.length) {
      this.#queue.shift();
      utterance.resolve();
    }
  }
}
