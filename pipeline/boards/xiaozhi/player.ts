import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/** What waits to be decoded; what comes on top of it is dropped without a word (reference/voice.md §4.4, 4). */
export const QUEUE_PACKETS = 40;
/** One hundredth of full scale, −40 dBFS. */
const AUDIBLE_SAMPLE = 328;

export interface PlayerDeps {
  clock: Clock;
  /** 16 kHz mono; throws on what cannot be decoded. */
  decode: (packet: Uint8Array) => Int16Array;
  onPlayed: (pcm: Int16Array, atUs: MonoUs) => void;
  /** The first audible sample since the queue was reset left the speaker. */
  onAudible: (atUs: MonoUs) => void;
  onUndecodable: () => void;
}

/** A board's decoder, its queue and its speaker: packets leave the queue at the pace of their samples. */
export class Player {
  readonly #deps: PlayerDeps;
  readonly #queue: Uint8Array[] = [];
  readonly #drained: (() => void)[] = [];
  #cancelNext: (() => void) | null = null;
  #wasAudible = false;

  constructor(deps: PlayerDeps) {
    this.#deps = deps;
  }

  get isPlaying(): boolean {
    return this.#cancelNext !== null;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** False when the queue was full and the packet is lost. */
  push(packet: Uint8Array): boolean {
    if (this.#queue.length >= QUEUE_PACKETS) return false;
    this.#queue.push(packet);
    if (this.#cancelNext === null) this.#playAt(this.#deps.clock.nowUs());
    return true;
  }

  /** ResetDecoder: whatever waits is gone, and so is what plays. How many packets that were. */
  reset(): number {
    const lost = this.#queue.length;
    this.#queue.length = 0;
    this.#wasAudible = false;
    this.#cancelNext?.();
    this.#cancelNext = null;
    this.#tellDrained();
    return lost;
  }

  /** Resolves when everything that is here has been played. */
  drained(): Promise<void> {
    if (!this.isPlaying) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #playAt(atUs: MonoUs): void {
    this.#cancelNext = this.#deps.clock.at(atUs, () => this.#play(atUs));
  }

  #play(atUs: MonoUs): void {
    const packet = this.#queue.shift();
    if (packet === undefined) {
      this.#cancelNext = null;
      this.#tellDrained();
      return;
    }
    let pcm: Int16Array;
    try {
      pcm = this.#deps.decode(packet);
    } catch {
      this.#deps.onUndecodable();
      this.#playAt(atUs);
      return;
    }
    this.#deps.onPlayed(pcm, atUs);
    const first = this.#wasAudible ? -1 : pcm.findIndex((sample) => Math.abs(sample) >= AUDIBLE_SAMPLE);
    if (first !== -1) {
      this.#wasAudible = true;
      this.#deps.onAudible((atUs + Math.round(first * 62.5)) as MonoUs);
    }
    this.#playAt((atUs + Math.round(pcm.length * 62.5)) as MonoUs);
  }

  #tellDrained(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
