import type { FlashRange } from './flash-memory.ts';

/** A cable or an adapter that spoils bytes, in both directions. */
export interface Noise {
  kind: 'flip' | 'drop' | 'insert';
  /** Of all bytes, 0..1. */
  rate: number;
  /** Only above this baud rate, as cables are: too long for the fast ones. */
  aboveBaud?: number;
  /** The same seed spoils the same bytes. */
  seed: number;
}

/** What is wrong with a board. Each happens as it says and never by chance: what is random is seeded. */
export interface EspFaults {
  /** Power goes when the loader has taken so many commands, or in the middle of one, when so many bytes have come in. Once. */
  powerCut?: { afterCommands: number } | { afterBytes: number };
  noise?: Noise;
  /** Every answer comes so much later. */
  lateAnswersMs?: number;
  /** What the host sends comes back to it, before any answer: RX and TX touch. */
  echo?: boolean;
  /** A program put into RAM is started and never heard of. */
  stubStarts?: boolean;
  /** Flash that takes neither writing nor erasing, and tells nobody. */
  wornFlash?: FlashRange;
  /** The flash's identification has no capacity that anybody knows. */
  flashTellsSize?: boolean;
}

/** Spoils bytes at a rate, the same ones for the same seed. */
export class NoisyLine {
  readonly #noise: Noise;
  #state: number;

  constructor(noise: Noise) {
    this.#noise = noise;
    this.#state = noise.seed >>> 0;
  }

  pass(data: Uint8Array, baudRate: number): Uint8Array {
    const { kind, rate, aboveBaud } = this.#noise;
    if (aboveBaud !== undefined && baudRate <= aboveBaud) return data;
    const out: number[] = [];
    for (const byte of data) {
      if (this.#random() >= rate) out.push(byte);
      else if (kind === 'flip') out.push(byte ^ (1 << Math.floor(this.#random() * 8)));
      else if (kind === 'insert') out.push(byte, Math.floor(this.#random() * 256));
    }
    return Uint8Array.from(out);
  }

  /** 0..1, by a linear congruential generator (Numerical Recipes' constants); its high bits are random enough. */
  #random(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }
}
