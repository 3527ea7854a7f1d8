import type { Clock } from '../../preload/contract/time.ts';
import type { Pacer } from '../audio/pacer.ts';

export interface HalfDuplexDeps {
  clock: Clock;
  pacer: Pick<Pacer, 'playEndUs'>;
  /** From the socket to the speaker, µs. */
  deviceDelayUs: number;
  /** Whether to listen to what the microphone takes from `atUs` on. */
  onDeaf(isDeaf: boolean, atUs: number): void;
}

/** For boards without echo cancellation: nothing is heard while they play, also what they still play after an interruption. */
export class HalfDuplex {
  readonly #deps: HalfDuplexDeps;
  #isDeaf = false;

  constructor(deps: HalfDuplexDeps) {
    this.#deps = deps;
  }

  update(isDeaf: boolean): void {
    if (isDeaf === this.#isDeaf) return;
    this.#isDeaf = isDeaf;
    const { clock, pacer, deviceDelayUs, onDeaf } = this.#deps;
    const nowUs = clock.nowUs();
    onDeaf(isDeaf, isDeaf ? nowUs : Math.max(nowUs, pacer.playEndUs + deviceDelayUs));
  }
}
