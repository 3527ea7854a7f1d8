import type { LogReplaySpeed } from '../../../../preload/contract/replay.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { LogTracks } from './track.ts';

/** As fast as possible: so much at a time, before everybody else has their turn. */
const BURST_BYTES = 128 << 10;
/** So much before the disk has to have it. */
const SETTLED_BYTES = 8 << 20;
/** Of a pause in the log while nothing is due: progress is told all the same. */
const LONGEST_WAIT_US = 250_000;

export interface PlayerDeps {
  clock: Clock;
  emit(track: number, bytes: Uint8Array): void;
  /** Resolves when what was emitted is kept. */
  settled(): Promise<void>;
  onChange(): void;
}

/** Plays tracks in the order of their instants, at any speed, from anywhere. What is played once is played whole and in order. */
export class LogPlayer {
  readonly #deps: PlayerDeps;
  readonly #queue: readonly { atUs: number; track: number; bytes: Uint8Array }[];
  readonly durationUs: number;
  #next = 0;
  #speed: LogReplaySpeed;
  #isPaused = true;
  #isClosed = false;
  isLooping: boolean;
  /** Where the log stood at an instant of the clock. */
  #from: { positionUs: number; atUs: number };
  #cancel: (() => void) | null = null;
  #sinceSettled = 0;
  /** Of `sentBytes` since the last beginning. */
  readonly sentBytes: number[];

  constructor(tracks: LogTracks, options: { speed: LogReplaySpeed; isLooping: boolean }, deps: PlayerDeps) {
    this.#deps = deps;
    this.#queue = tracks.tracks
      .flatMap(({ chunks }, track) => chunks.map((chunk) => ({ ...chunk, track })))
      .sort((one, other) => one.atUs - other.atUs);
    this.durationUs = tracks.durationUs;
    this.#speed = options.speed;
    this.isLooping = options.isLooping;
    this.sentBytes = tracks.tracks.map(() => 0);
    this.#from = { positionUs: 0, atUs: deps.clock.nowUs() };
  }

  get state(): 'playing' | 'paused' | 'ended' {
    if (this.#isPaused) return this.#next >= this.#queue.length && this.#next > 0 ? 'ended' : 'paused';
    return 'playing';
  }

  get speed(): LogReplaySpeed {
    return this.#speed;
  }

  get positionUs(): number {
    if (this.#isPaused || this.#speed === 0) return Math.min(this.durationUs, this.#from.positionUs);
    const elapsedUs = this.#deps.clock.nowUs() - this.#from.atUs;
    return Math.min(this.durationUs, Math.round(this.#from.positionUs + elapsedUs * this.#speed));
  }

  play(): void {
    if (!this.#isPaused || this.#isClosed) return;
    if (this.#next >= this.#queue.length) this.#seek(0);
    this.#from = { positionUs: this.#from.positionUs, atUs: this.#deps.clock.nowUs() };
    this.#isPaused = false;
    this.#step();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#from = { positionUs: this.positionUs, atUs: this.#deps.clock.nowUs() };
    this.#isPaused = true;
    this.#cancel?.();
    this.#cancel = null;
  }

  setSpeed(speed: LogReplaySpeed): void {
    const wasPlaying = !this.#isPaused;
    this.pause();
    this.#speed = speed;
    if (wasPlaying) this.play();
  }

  /** What comes next is the first that is not before it. */
  seek(positionUs: number): void {
    const wasPlaying = !this.#isPaused;
    this.pause();
    this.#seek(positionUs);
    if (wasPlaying) this.play();
  }

  close(): void {
    this.pause();
    this.#isClosed = true;
  }

  #seek(positionUs: number): void {
    this.#from = { positionUs: Math.min(positionUs, this.durationUs), atUs: this.#deps.clock.nowUs() };
    const found = this.#queue.findIndex(({ atUs }) => atUs >= positionUs);
    this.#next = found === -1 ? this.#queue.length : found;
    this.sentBytes.fill(0);
    for (const { track, bytes } of this.#queue.slice(0, this.#next)) this.sentBytes[track] = (this.sentBytes[track] ?? 0) + bytes.length;
  }

  #step(): void {
    if (this.#isPaused) return;
    const { positionUs } = this;
    let burst = 0;
    for (let next = this.#queue[this.#next]; next !== undefined; next = this.#queue[this.#next]) {
      if (this.#speed !== 0 && next.atUs > positionUs) break;
      if (burst >= BURST_BYTES) break;
      this.#next += 1;
      burst += next.bytes.length;
      this.sentBytes[next.track] = (this.sentBytes[next.track] ?? 0) + next.bytes.length;
      if (this.#speed === 0) this.#from = { ...this.#from, positionUs: next.atUs };
      this.#deps.emit(next.track, next.bytes);
      // Whoever heard it may have paused it.
      if (this.#isPaused) return;
    }
    this.#sinceSettled += burst;
    if (this.#next >= this.#queue.length) this.#atEnd();
    if (this.#isPaused) return;
    this.#deps.onChange();
    if (this.#sinceSettled >= SETTLED_BYTES) void this.#settle();
    else this.#wait(burst);
  }

  #atEnd(): void {
    if (this.isLooping) {
      this.#seek(0);
      return;
    }
    this.#from = { positionUs: this.durationUs, atUs: this.#deps.clock.nowUs() };
    this.#isPaused = true;
    this.#deps.onChange();
  }

  #wait(burst: number): void {
    const { clock } = this.#deps;
    const nowUs = clock.nowUs();
    const next = this.#queue[this.#next];
    // Also a fast one lets the others have their turn.
    const dueUs =
      this.#speed === 0 || burst >= BURST_BYTES || next === undefined
        ? nowUs
        : Math.min(nowUs + LONGEST_WAIT_US, Math.ceil(this.#from.atUs + (next.atUs - this.#from.positionUs) / this.#speed));
    this.#cancel = clock.at(Math.max(nowUs, dueUs) as MonoUs, () => {
      this.#cancel = null;
      this.#step();
    });
  }

  async #settle(): Promise<void> {
    this.#sinceSettled = 0;
    let isCurrent = true;
    this.#cancel = () => {
      isCurrent = false;
    };
    await this.#deps.settled();
    if (!isCurrent || this.#isPaused) return;
    this.#cancel = null;
    this.#step();
  }
}
