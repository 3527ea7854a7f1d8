import type { SoundSource } from './stretch.ts';

interface Piece {
  at: number;
  /** Interleaved. */
  samples: Int16Array;
  to: number;
}

/** Pieces of a recording that have been fetched, in order and none over another. Places are samples a channel. */
export class SoundShelf implements SoundSource {
  readonly #channels: number;
  #pieces: Piece[] = [];
  /** Beyond it there is silence. */
  end = Number.POSITIVE_INFINITY;

  constructor(channels: number) {
    this.#channels = channels;
  }

  put(at: number, samples: Int16Array): void {
    const piece = { at, samples, to: at + Math.floor(samples.length / this.#channels) };
    this.#pieces = [...this.#pieces.filter((each) => each.to <= piece.at || each.at >= piece.to), piece].sort((a, b) => a.at - b.at);
  }

  drop(at: number): void {
    this.#pieces = this.#pieces.filter((each) => each.at !== at);
  }

  clear(): void {
    this.#pieces = [];
  }

  has(at: number, length: number): boolean {
    const to = Math.min(at + length, this.end);
    let next = Math.max(0, at);
    for (const piece of this.#pieces) {
      if (piece.to <= next) continue;
      if (next >= to || piece.at > next) break;
      next = piece.to;
    }
    return next >= to;
  }

  read(at: number, length: number, into: readonly Float32Array[]): void {
    for (const channel of into) channel.fill(0, 0, length);
    for (const piece of this.#pieces) {
      const from = Math.max(at, piece.at);
      const to = Math.min(at + length, piece.to, this.end);
      for (let channel = 0; channel < into.length; channel++) {
        const target = into[channel] as Float32Array;
        for (let place = from; place < to; place++)
          target[place - at] = (piece.samples[(place - piece.at) * this.#channels + channel] as number) / 32_768;
      }
    }
  }
}
