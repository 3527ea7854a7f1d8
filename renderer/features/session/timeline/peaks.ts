import type { PeakTrack } from '../../../../preload/contract/timeline.ts';
import { isCancelled } from '../../../lib/errors.ts';
import type { Lab } from '../../../lib/lab.ts';
import type { TimeView } from '../../../lib/time-axis.ts';

/** Buckets of the coarse level: what a view of hours is drawn from. */
const COARSE = 64;

interface Chunk {
  isFinal: boolean;
  /** More has come since: what is known is drawn until it is read again. */
  isStale: boolean;
  bucketUs: number;
  minimum: Int8Array;
  maximum: Int8Array;
  coarseMinimum: Int8Array;
  coarseMaximum: Int8Array;
}

interface Track {
  track: PeakTrack;
  firstChunk: number;
  lastChunk: number;
  chunks: Map<number, Chunk>;
}

/** The sound of a conversation as it is drawn: read a stretch at a time, what is in sight first, then all of it. */
export class TrackPeaks {
  readonly #lab: Lab;
  readonly #what: { id: string; conversationId: string };
  readonly #onCame: () => void;
  readonly #tracks = new Map<PeakTrack, Track>();
  #chunkUs = 1;
  #view: TimeView = { fromUs: 0, toUs: 1 };
  #abort = new AbortController();
  #isRunning = false;

  constructor(lab: Lab, what: { id: string; conversationId: string }, onCame: () => void) {
    this.#lab = lab;
    this.#what = what;
    this.#onCame = onCame;
  }

  get tracks(): PeakTrack[] {
    return [...this.#tracks.keys()];
  }

  /** How much of the sound is still to be read, 0 … 1. */
  get missing(): number {
    let all = 0;
    let there = 0;
    for (const { firstChunk, lastChunk, chunks } of this.#tracks.values()) {
      all += lastChunk - firstChunk + 1;
      there += chunks.size;
    }
    return all === 0 ? 0 : Math.max(0, 1 - there / all);
  }

  look(view: TimeView): void {
    this.#view = view;
  }

  /** Asks which tracks there are, again after the session has grown, and reads what is missing. */
  async refresh(): Promise<void> {
    try {
      const { chunkUs, tracks } = await this.#lab.call('timeline.tracks', this.#what, { signal: this.#abort.signal });
      this.#chunkUs = chunkUs;
      for (const { track, fromUs, toUs } of tracks) {
        const known = this.#tracks.get(track) ?? { track, firstChunk: 0, lastChunk: 0, chunks: new Map<number, Chunk>() };
        known.firstChunk = Math.floor(fromUs / chunkUs);
        known.lastChunk = Math.floor(toUs / chunkUs);
        for (const chunk of known.chunks.values()) chunk.isStale = !chunk.isFinal;
        this.#tracks.set(track, known);
      }
      this.#onCame();
      await this.#read();
    } catch (error) {
      if (!isCancelled(error)) this.#onCame(); // drawn without: the player says what is wrong with the sound
    }
  }

  close(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  /** Extremes of each column of pixels, −128 … 127; both 0 where nothing sounds or nothing is read yet. */
  columns(name: PeakTrack, view: TimeView, width: number): { low: Int8Array; high: Int8Array } {
    const low = new Int8Array(width);
    const high = new Int8Array(width);
    const track = this.#tracks.get(name);
    if (track === undefined) return { low, high };
    const usPerPixel = (view.toUs - view.fromUs) / width;
    for (let x = 0; x < width; x++) {
      const fromUs = view.fromUs + x * usPerPixel;
      const toUs = fromUs + usPerPixel;
      for (let at = Math.floor(fromUs / this.#chunkUs); at * this.#chunkUs < toUs; at++) {
        const chunk = track.chunks.get(at);
        if (chunk === undefined || chunk.minimum.length === 0) continue;
        const isCoarse = usPerPixel > chunk.bucketUs * COARSE * 2;
        const bucketUs = isCoarse ? chunk.bucketUs * COARSE : chunk.bucketUs;
        const minimum = isCoarse ? chunk.coarseMinimum : chunk.minimum;
        const maximum = isCoarse ? chunk.coarseMaximum : chunk.maximum;
        const first = Math.max(0, Math.floor((fromUs - at * this.#chunkUs) / bucketUs));
        const last = Math.min(minimum.length, Math.max(first + 1, Math.ceil((toUs - at * this.#chunkUs) / bucketUs)));
        for (let bucket = first; bucket < last; bucket++) {
          if ((minimum[bucket] as number) < (low[x] as number)) low[x] = minimum[bucket] as number;
          if ((maximum[bucket] as number) > (high[x] as number)) high[x] = maximum[bucket] as number;
        }
      }
    }
    return { low, high };
  }

  async #read(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { signal } = this.#abort;
    try {
      for (let next = this.#nextMissing(); next !== null && !signal.aborted; next = this.#nextMissing()) {
        const reply = await this.#lab.call('timeline.peaks', { ...this.#what, track: next.track.track, chunk: next.chunk }, { signal });
        next.track.chunks.set(next.chunk, chunkOf(reply));
        this.#onCame();
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** What is in sight first, then from the beginning. */
  #nextMissing(): { track: Track; chunk: number } | null {
    const seen = { from: Math.floor(this.#view.fromUs / this.#chunkUs), to: Math.floor(this.#view.toUs / this.#chunkUs) };
    for (const range of [seen, { from: 0, to: Number.POSITIVE_INFINITY }])
      for (const track of this.#tracks.values())
        for (let chunk = Math.max(track.firstChunk, range.from); chunk <= Math.min(track.lastChunk, range.to); chunk++)
          if (track.chunks.get(chunk)?.isStale ?? true) return { track, chunk };
    return null;
  }
}

function chunkOf(reply: { minimum: Uint8Array; maximum: Uint8Array; bucketUs: number; isFinal: boolean }): Chunk {
  const minimum = new Int8Array(reply.minimum);
  const maximum = new Int8Array(reply.maximum);
  const count = Math.ceil(minimum.length / COARSE);
  const coarseMinimum = new Int8Array(count);
  const coarseMaximum = new Int8Array(count);
  for (let i = 0; i < minimum.length; i++) {
    const at = Math.floor(i / COARSE);
    coarseMinimum[at] = Math.min(coarseMinimum[at] as number, minimum[i] as number);
    coarseMaximum[at] = Math.max(coarseMaximum[at] as number, maximum[i] as number);
  }
  return { isFinal: reply.isFinal, isStale: false, bucketUs: reply.bucketUs, minimum, maximum, coarseMinimum, coarseMaximum };
}
