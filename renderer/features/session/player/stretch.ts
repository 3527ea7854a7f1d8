/** Where sound is taken from. Places and lengths are samples. */
export interface SoundSource {
  /** Whether the samples [at, at + length) are known; what is outside of the recording is, and is silent. */
  has(at: number, length: number): boolean;
  /** Copies [at, at + length) of each channel to the beginning of `into`; zeros for what is not known. */
  read(at: number, length: number, into: readonly Float32Array[]): void;
}

/** waiting: there is no sound yet at the place to be played. */
export type StretchState = 'paused' | 'playing' | 'waiting' | 'ended';

export interface Loop {
  from: number;
  to: number;
}

/** Samples of one block at 16 kHz, 20 ms: what one cross-fade takes. Frames are two of them. */
export const HOP = 320;
const FRAME = 2 * HOP;
/** How far a frame may be moved so that it continues the one before: more than a period of the deepest voice. */
const REACH = 200;

/** Rises from 0 to 1 over a block; with its mirror image it adds up to 1. */
const rise = Float32Array.from({ length: HOP }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / HOP));

/**
 * Plays a recording at any speed with its pitch kept, by WSOLA (Verhelst and Roelands, 1993): frames of 40 ms are taken where the
 * speed wants them, moved to where they best continue the frame before, and cross-faded. All channels are moved alike, so that they
 * stay in sync. At speed 1 what comes out is exactly what is there. Seeking, looping, pausing and running out of sound are
 * cross-fades too, and so never click.
 */
export class TimeStretch {
  readonly #source: SoundSource;
  readonly #channels: number;
  /** Where the next frame is wanted. Not whole at most speeds. */
  #target = 0;
  #isWanted = false;
  #state: StretchState = 'paused';
  /** Second half of the last frame as it was in the recording; null after silence, which nothing has to continue. */
  #last: { from: number; samples: Float32Array[] } | null = null;
  /** The recording around the target, and the block that is being given away. */
  readonly #around: Float32Array[];
  readonly #block: Float32Array[];
  #given = HOP;
  #blockFrom = 0;
  /** A jump has no sound to continue. */
  #isJump = true;
  rate = 1;
  loop: Loop | null = null;
  /** The recording's length in samples. */
  end = Number.POSITIVE_INFINITY;

  constructor(source: SoundSource, channels: number) {
    this.#source = source;
    this.#channels = channels;
    this.#around = buffers(channels, FRAME + 2 * REACH);
    this.#block = buffers(channels, HOP);
  }

  get state(): StretchState {
    return this.#state;
  }

  /** The sample of the recording that is given next. */
  get position(): number {
    return this.#given < HOP && this.#state === 'playing' && !this.#isJump ? this.#blockFrom + this.#given * this.rate : this.#target;
  }

  play(): void {
    this.#isWanted = true;
  }

  pause(): void {
    // What of the block was not given yet is played again: nothing is left out.
    this.#target = this.position;
    this.#isJump = true;
    this.#isWanted = false;
  }

  seek(position: number): void {
    this.#target = Math.max(0, position);
    this.#isJump = true;
  }

  /** Fills the buffers, one a channel. */
  render(out: readonly Float32Array[]): void {
    const length = out[0]?.length ?? 0;
    for (let at = 0; at < length; ) {
      if (this.#given === HOP) this.#next();
      const count = Math.min(length - at, HOP - this.#given);
      for (let channel = 0; channel < this.#channels; channel++)
        out[channel]?.set((this.#block[channel] as Float32Array).subarray(this.#given, this.#given + count), at);
      this.#given += count;
      at += count;
    }
  }

  /** The next block: the frame before fades out while the next one, if there is one, fades in. */
  #next(): void {
    this.#given = 0;
    const fading = this.#last;
    for (let channel = 0; channel < this.#channels; channel++) {
      const block = this.#block[channel] as Float32Array;
      const old = fading?.samples[channel];
      for (let i = 0; i < HOP; i++) block[i] = old === undefined ? 0 : (old[i] as number) * (1 - (rise[i] as number));
    }
    this.#last = null;
    this.#state = this.#stateNow();
    if (this.#state === 'playing') this.#addFrame(fading);
  }

  #stateNow(): StretchState {
    if (!this.#isWanted) return 'paused';
    const loop = this.#loopNow();
    if (loop !== null && this.#target >= loop.to) {
      this.#target = loop.from + ((this.#target - loop.from) % (loop.to - loop.from));
      this.#isJump = true;
    }
    if (this.#target >= this.end) return 'ended';
    return this.#source.has(Math.round(this.#target), FRAME) ? 'playing' : 'waiting';
  }

  /** As far as there is something to go round: no further than the end, and no shorter than a block. */
  #loopNow(): Loop | null {
    if (this.loop === null) return null;
    const { from } = this.loop;
    const to = Math.min(Math.max(this.loop.to, from + HOP), this.end);
    return to - from >= HOP ? { from, to } : null;
  }

  #addFrame(before: { from: number; samples: Float32Array[] } | null): void {
    const wanted = Math.round(this.#target);
    this.#source.read(wanted - REACH, FRAME + 2 * REACH, this.#around);
    const shift = this.#isJump || before === null ? 0 : this.#bestShift(wanted, before);
    this.#isJump = false;
    const last = buffers(this.#channels, HOP);
    for (let channel = 0; channel < this.#channels; channel++) {
      const block = this.#block[channel] as Float32Array;
      const around = this.#around[channel] as Float32Array;
      const from = REACH + shift;
      for (let i = 0; i < HOP; i++) (block[i] as number) += (around[from + i] as number) * (rise[i] as number);
      last[channel]?.set(around.subarray(from + HOP, from + FRAME));
    }
    this.#last = { from: wanted + shift + HOP, samples: last };
    this.#blockFrom = this.#target;
    // At speed 1 what was moved stays moved: from there on nothing has to be.
    if (this.rate === 1) this.#target = wanted + shift;
    this.#target += this.rate * HOP;
  }

  /** By how much to move the frame so that it goes on as the one before would have: the greatest normalised correlation. */
  #bestShift(wanted: number, before: { from: number; samples: Float32Array[] }): number {
    const natural = before.from - wanted;
    if (this.rate === 1 && Math.abs(natural) <= REACH) return natural;
    let best = 0;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let shift = -REACH; shift <= REACH; shift++) {
      let product = 0;
      let energy = 1e-9;
      for (let channel = 0; channel < this.#channels; channel++) {
        const around = this.#around[channel] as Float32Array;
        const old = before.samples[channel] as Float32Array;
        const from = REACH + shift;
        for (let i = 0; i < HOP; i += 2) {
          const sample = around[from + i] as number;
          product += sample * (old[i] as number);
          energy += sample * sample;
        }
      }
      const score = product / Math.sqrt(energy);
      // Of equals, such as silence, the least moved.
      if (score > bestScore + 1e-9 || (score > bestScore - 1e-9 && Math.abs(shift) < Math.abs(best))) {
        best = shift;
        bestScore = Math.max(score, bestScore);
      }
    }
    return best;
  }
}

function buffers(channels: number, length: number): Float32Array[] {
  return Array.from({ length: channels }, () => new Float32Array(length));
}
