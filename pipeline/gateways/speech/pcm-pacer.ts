import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/** How much may wait before producers are asked to. */
const QUEUE_LIMIT_FRAMES = 250;

export interface PcmPacerOptions {
  clock: Clock;
  frameUs: number;
  /** How far ahead of the moment it plays a frame is handed over. */
  leadUs: number;
  send(frame: Int16Array): void;
  /** The socket holds more than it should: it is tried again half a frame later. */
  isClogged(): boolean;
}

/** Frames of PCM to a socket at absolute deadlines. Interruptions are not its business: `clear` drops what waits, that is all. */
export class PcmPacer {
  readonly #options: PcmPacerOptions;
  #frames: Int16Array[] = [];
  readonly #waiting: (() => void)[] = [];
  /** When the next frame plays, if the far end plays what it gets at once. */
  #playUs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(options: PcmPacerOptions) {
    this.#options = options;
  }

  push(frame: Int16Array): void {
    this.#frames.push(frame);
    this.#schedule();
  }

  /** Resolves when there is room, or everything was dropped. */
  ready(): Promise<void> {
    if (this.#frames.length < QUEUE_LIMIT_FRAMES) return Promise.resolve();
    return new Promise((wake) => this.#waiting.push(wake));
  }

  clear(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#frames = [];
    this.#wake();
  }

  #schedule(): void {
    if (this.#cancelTimer !== undefined || this.#frames.length === 0) return;
    const { clock, leadUs } = this.#options;
    this.#playUs = Math.max(this.#playUs, clock.nowUs());
    this.#at(this.#playUs - leadUs);
  }

  #at(us: number): void {
    const { clock } = this.#options;
    this.#cancelTimer = clock.at(Math.ceil(Math.max(us, clock.nowUs())) as MonoUs, () => {
      this.#cancelTimer = undefined;
      this.#step();
    });
  }

  #step(): void {
    const { clock, frameUs, leadUs, send, isClogged } = this.#options;
    while (this.#frames[0] !== undefined && this.#playUs - leadUs <= clock.nowUs()) {
      if (isClogged()) {
        this.#at(clock.nowUs() + frameUs / 2);
        return;
      }
      const frame = this.#frames.shift();
      if (frame === undefined) return;
      this.#playUs += frameUs;
      send(frame);
    }
    if (this.#frames.length < QUEUE_LIMIT_FRAMES) this.#wake();
    this.#schedule();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
