import type { MonoUs } from '../../../preload/contract/time.ts';
import { clipped, noise } from './faults/hearing.ts';
import type { BoardTraits } from './traits.ts';

/**
 * From the player to the encoder: the DMA queues of both converters, and the air. On a busy host a microphone's frame may be made before the
 * loudspeaker's of the same time, and this is how late that one may be.
 */
const ECHO_DELAY_US = 120_000;
const SAMPLES_PER_US = 16_000 / 1_000_000;
/** Two seconds: a frame is heard at the latest one frame after it was played. */
const KEPT_SAMPLES = 32_000;
/** −50 dBFS: what a half-duplex board takes for the far end's voice. */
const SWITCHING_SAMPLE = 100;
/** The case and the walls: direct sound, then two reflections, as samples later and their share. */
const REFLECTIONS: readonly (readonly [number, number])[] = [
  [0, 1],
  [47, -0.35],
  [131, 0.2],
];

/** What is around a board: its microphone hears whoever speaks, the room, and the board's own loudspeaker as far as nothing cancels it. */
export class Room {
  readonly #traits: BoardTraits;
  readonly #addNoise: ((pcm: Int16Array) => Int16Array) | null;
  readonly #echoGain: number;
  /** The echo, by sample number of the clock, and the newest of it. */
  readonly #air = new Float32Array(KEPT_SAMPLES);
  #airUntil = -1;
  #playingUntilUs = 0;

  constructor(traits: BoardTraits, next: () => number) {
    this.#traits = traits;
    this.#addNoise = traits.noiseDbfs === null ? null : noise(traits.noiseDbfs, next);
    this.#echoGain = traits.echoDb === null ? 0 : 10 ** (traits.echoDb / 20) / Math.hypot(...REFLECTIONS.map(([, share]) => share));
  }

  /** What leaves the loudspeaker from `atUs` on. */
  played(pcm: Int16Array, atUs: MonoUs): void {
    // The silence of a call is no sound to switch for.
    const lastSound = pcm.findLastIndex((sample) => Math.abs(sample) > SWITCHING_SAMPLE);
    if (lastSound !== -1) this.#playingUntilUs = atUs + lastSound / SAMPLES_PER_US;
    if (this.#echoGain === 0) return;
    const start = Math.round((atUs + ECHO_DELAY_US) * SAMPLES_PER_US);
    this.#airUntil = Math.max(this.#airUntil, start - KEPT_SAMPLES);
    for (const [later, share] of REFLECTIONS) {
      for (let index = 0; index < pcm.length; index++) this.#add(start + later + index, (pcm[index] ?? 0) * share * this.#echoGain);
    }
  }

  /** What the microphone makes of what was said to it in the time that ended at `untilUs`. */
  heard(said: Int16Array, untilUs: MonoUs): Int16Array {
    const { hear, isHalfDuplex } = this.#traits;
    const end = Math.round(untilUs * SAMPLES_PER_US);
    const start = end - said.length;
    let pcm: Int16Array = said.map((sample, index) => clipped(sample + this.#echoAt(start + index)));
    if (this.#addNoise !== null) pcm = this.#addNoise(pcm);
    if (isHalfDuplex && untilUs < this.#playingUntilUs + ECHO_DELAY_US) pcm = new Int16Array(pcm.length);
    for (const stage of hear) pcm = stage(pcm);
    return pcm;
  }

  #add(at: number, level: number): void {
    for (; this.#airUntil < at; this.#airUntil++) this.#air[(this.#airUntil + 1) % KEPT_SAMPLES] = 0;
    this.#air[at % KEPT_SAMPLES] = (this.#air[at % KEPT_SAMPLES] ?? 0) + level;
  }

  #echoAt(at: number): number {
    return at > this.#airUntil || at <= this.#airUntil - KEPT_SAMPLES ? 0 : (this.#air[at % KEPT_SAMPLES] ?? 0);
  }
}
