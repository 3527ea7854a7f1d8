import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { createFramer, type Framer } from '../../audio/framing.ts';

/** A capture that is further behind than this has lost its samples, as a DMA ring overwrites them. */
const MAX_BEHIND_US = 1_000_000;

export interface MicrophoneDeps {
  clock: Clock;
  frameMs: 20 | 40 | 60;
  /** Takes the samples of one frame, 16 kHz mono, at the end of the frame, `untilUs`. */
  onFrame: (pcm: Int16Array, untilUs: MonoUs) => void;
  /** Its clock is so much faster than it says: frames come sooner, 0. */
  fastPpm?: number;
  /** Frames come from `hear`, at the pace of a real microphone, instead of by the clock. */
  isLive?: boolean;
}

interface Utterance {
  pcm: Int16Array;
  offset: number;
  resolve: () => void;
  reject: (error: TalkError) => void;
}

/**
 * The board's microphone in continuous mode: a frame of samples every frame interval on absolute deadlines, silence when
 * nobody speaks. What is spoken starts at a frame boundary, one utterance after the other. A live one passes on what a real microphone
 * hears instead of the silence.
 */
export class Microphone {
  readonly #deps: MicrophoneDeps;
  readonly #queue: Utterance[] = [];
  readonly #live: Framer;
  #isOpen = false;
  #cancelTick: (() => void) | null = null;

  constructor(deps: MicrophoneDeps) {
    this.#deps = deps;
    this.#live = createFramer(deps.frameMs * 16);
  }

  open(): void {
    this.#isOpen = true;
    if (this.#deps.isLive !== true && this.#cancelTick === null) this.#tickAt(this.#deps.clock.nowUs() + this.#frameUs);
  }

  /** Samples of a real microphone, any number. */
  hear(pcm: Int16Array): void {
    if (!this.#isOpen) return;
    for (const frame of this.#live.push(pcm)) this.#capture(frame, this.#deps.clock.nowUs());
  }

  /** Resolves when the frame with the last sample has gone out; rejects with TalkError 'disconnected' when the microphone closes first. */
  speak(pcm: Int16Array): Promise<void> {
    return new Promise((resolve, reject) => this.#queue.push({ pcm, offset: 0, resolve, reject }));
  }

  close(): void {
    this.#isOpen = false;
    this.#live.flush();
    this.#cancelTick?.();
    this.#cancelTick = null;
    for (const utterance of this.#queue.splice(0)) utterance.reject(new TalkError('disconnected'));
  }

  /** With fractions: a frame's time rounded would be a clock of its own. */
  get #frameUs(): number {
    return (this.#deps.frameMs * 1000) / (1 + (this.#deps.fastPpm ?? 0) / 1e6);
  }

  #tickAt(atUs: number): void {
    const { clock, frameMs } = this.#deps;
    const roundUs = Math.round(atUs) as MonoUs;
    this.#cancelTick = clock.at(roundUs, () => {
      const nowUs = clock.nowUs();
      let deadlineUs = nowUs - atUs > MAX_BEHIND_US ? nowUs : atUs;
      // All that the ring holds, as firmware reads it: one frame a turn of a busy loop would never catch up.
      const due = 1 + Math.floor((nowUs - deadlineUs) / this.#frameUs);
      this.#tickAt(deadlineUs + due * this.#frameUs);
      for (let i = 0; i < due && this.#isOpen; i++, deadlineUs += this.#frameUs)
        this.#capture(new Int16Array(frameMs * 16), Math.round(deadlineUs) as MonoUs);
    });
  }

  #capture(frame: Int16Array, untilUs: MonoUs): void {
    const utterance = this.#queue[0];
    if (utterance !== undefined) {
      frame.fill(0);
      const part = utterance.pcm.subarray(utterance.offset, utterance.offset + frame.length);
      frame.set(part);
      utterance.offset += part.length;
    }
    this.#deps.onFrame(frame, untilUs);
    if (utterance !== undefined && utterance.offset >= utterance.pcm.length) {
      this.#queue.shift();
      utterance.resolve();
    }
  }
}
