import { blockPowers, levelDb, quantile } from './decibels.ts';
import { powerOfTwoAtLeast, transform } from './fourier.ts';
import { fitLine } from './line-fit.ts';
import { segmentSimilarity } from './similarity.ts';

export interface Comparison {
  /** Whether the reference is in what was heard at all. */
  isFound: boolean;
  /** From the beginning of what was heard to the reference's in it. */
  delayMs: number;
  /** Heard over reference, dB: of the segments that were heard. */
  levelDifferenceDb: number;
  /** How much of the reference itself is in what was heard, dB: other sound over it does not count, what is missing does. */
  ownLevelDb: number;
  /** Share of the reference's sounding segments that were heard, %. */
  heardPercent: number;
  /** Times the sound stopped and went on later, and for how long altogether. */
  gaps: number;
  gapMs: number;
  longestGapMs: number;
  /** Reference that was left out: the sound went on earlier than it should. */
  skippedMs: number;
  /** Times the sound broke off within a word and went on where it should, and for how long altogether. */
  breaks: number;
  breakMs: number;
  /** 0..1: how alike the segments are in their bands and frames, whatever gain and tone the way has. */
  similarity: number;
  /** How much faster than the reference it was heard, ppm; null when it cannot be told within ±100. */
  driftPpm: number | null;
  /** Half the width of its 95 % interval. */
  driftHalfWidthPpm: number;
  /** Where each segment stood: seconds of the reference, ms later than the first. */
  curve: [timeS: number, offsetMs: number][];
}

const RATE = 16_000;
const SEGMENT = RATE / 4;
/** A segment 30 dB under the loudest is a pause. */
const SOUNDING = 1e-3;
/** A peak this many times what else the correlation shows is no accident: of 100,000 lags of noise the largest is 4.4 times, of other speech 8. */
const FOUND_RATIO = 12;
/** Bands and frames of a segment this alike are the reference's: of other speech-like sound they are about 0. */
const HEARD = 0.45;
/** Less of it is found in anything. */
const LEAST_HEARD = 0.1;
/** Least that a player which ran dry is silent for. */
const STEP_MS = 8;
/** What drift and the guess of a peak move a segment by; what a gap of a frame or a few does; what a stalled network does. */
const [CLOSE_MS, NEAR_MS, FAR_MS] = [4, 400, 1200];
/** Normalised correlation of waveforms: so alike it is no other place; enough for one far off; so much more it is the better one; so little it is none. */
const [ALIKE, SURELY, CLEARLY, UNLIKE] = [0.6, 0.5, 0.1, 0.15];

/** Less is nothing. */
const NOTHING_DB = -60;

/** Both 16 kHz. The reference anywhere in `heard`, at any level. */
export function compareSound(reference: Int16Array, heard: Int16Array): Comparison {
  const nothing = {
    isFound: false,
    delayMs: 0,
    levelDifferenceDb: 0,
    ownLevelDb: NOTHING_DB,
    heardPercent: 0,
    gaps: 0,
    gapMs: 0,
    longestGapMs: 0,
    skippedMs: 0,
    breaks: 0,
    breakMs: 0,
  };
  const coarse = findSound(reference, heard);
  if (coarse === null) return { ...nothing, similarity: 0, driftPpm: null, driftHalfWidthPpm: 0, curve: [] };
  const segments = placeSegments(reference, heard, coarse.lagSamples);
  const found = segments.filter((segment) => segment.isHeard);
  const [first] = found;
  if (first === undefined || found.length < segments.length * LEAST_HEARD)
    return { ...nothing, similarity: 0, driftPpm: null, driftHalfWidthPpm: 0, curve: [] };
  const places = found.map(({ at, lag }): [number, number] => [at / RATE, (lag * 1000) / RATE]);
  const fit = fitLine(steadied(places), STEP_MS);
  const gaps = (fit?.steps ?? []).filter((step) => step > 0);
  return {
    isFound: true,
    // The segment's own, taken back over drift, would be a guess: the first one's place is where it began.
    delayMs: (first.lag * 1000) / RATE,
    ownLevelDb: ownLevel(segments),
    levelDifferenceDb: quantile(
      found.map(({ gainDb }) => gainDb),
      0.5,
    ),
    heardPercent: (found.length / segments.length) * 100,
    gaps: gaps.length,
    gapMs: gaps.reduce((sum, gap) => sum + gap, 0),
    longestGapMs: gaps.reduce((longest, gap) => Math.max(longest, gap), 0),
    skippedMs: (fit?.steps ?? []).reduce((sum, step) => sum + Math.max(0, -step), 0),
    ...breaksIn(reference, heard, found),
    similarity: segments.reduce((sum, { similarity }) => sum + similarity, 0) / segments.length,
    driftPpm: fit === undefined || fit.halfWidth * 1000 > 100 ? null : -fit.slope * 1000,
    driftHalfWidthPpm: (fit?.halfWidth ?? 0) * 1000,
    curve: places.map(([timeS, lagMs]): [number, number] => [timeS, lagMs - (places[0]?.[1] ?? 0)]),
  };
}

/** Where `wanted` begins in `sound`, and how the peak of their correlation stands out of the rest (its root mean square). Null: nowhere. */
export function findSound(wanted: Int16Array, sound: Int16Array): { lagSamples: number; ratio: number } | null {
  const peak = correlationPeak(wanted, sound);
  return peak === null || peak.ratio < FOUND_RATIO ? null : peak;
}

/** Looked for at a quarter of the rate, which is enough to know where to look closer. */
const COARSE = 4;

/** Lags from minus the length of `wanted` to the length of `sound`. Null where either is silent. */
export function correlationPeak(wanted: Int16Array, sound: Int16Array): { lagSamples: number; ratio: number } | null {
  const [one, other] = [coarsely(wanted), coarsely(sound)];
  const size = powerOfTwoAtLeast(one.length + other.length);
  const [a, b] = [new Float64Array(size), new Float64Array(size)];
  a.set(one);
  b.set(other);
  correlate(a, new Float64Array(size), b, new Float64Array(size));
  let [best, squares] = [0, 0];
  for (let k = 0; k < size; k++) {
    squares += (a[k] as number) ** 2;
    if (Math.abs(a[k] as number) > Math.abs(a[best] as number)) best = k;
  }
  if (squares < 1) return null;
  const ratio = Math.abs(a[best] as number) / Math.sqrt(squares / size);
  return { lagSamples: COARSE * (best >= other.length ? best - size : best), ratio };
}

/** A quarter of the samples, and less of the low end: it is strong in speech and says little of when. */
function coarsely(pcm: Int16Array): Float64Array {
  const few = new Float64Array(Math.ceil(pcm.length / COARSE));
  let before = 0;
  for (let i = 0; i < few.length; i++) {
    let sum = 0;
    for (let k = -COARSE / 2; k < COARSE * 1.5; k++) sum += pcm[i * COARSE + k] ?? 0;
    few[i] = sum - 0.7 * before;
    before = sum;
  }
  return few;
}

/** A room's echo draws a segment away and back: the median of five neighbours stays where they are, and steps where they do. */
function steadied(places: readonly [timeS: number, lagMs: number][]): readonly [number, number][] {
  if (places.length < 9) return places;
  return places.slice(2, -2).map(([timeS], i): [number, number] => [
    timeS,
    quantile(
      places.slice(i, i + 5).map(([, lagMs]) => lagMs),
      0.5,
    ),
  ]);
}

const BREAK_BLOCK = RATE / 250;
/** Louder than this against its segment the reference has no pause; so far under what it should be the sound is gone. */
const [LOUD_DB, GONE_DB] = [-12, -22];
/** One block is a matter of where it begins. */
const LEAST_BREAK_BLOCKS = 2;

function breaksIn(reference: Int16Array, heard: Int16Array, segments: readonly Segment[]): { breaks: number; breakMs: number } {
  let [breaks, blocks] = [0, 0];
  for (const { at, lag, gainDb, energy } of segments) {
    const wanted = blockPowers(reference.subarray(at, at + SEGMENT), BREAK_BLOCK);
    const from = Math.round(at + lag);
    const got = blockPowers(heard.subarray(Math.max(0, from), Math.max(0, from + SEGMENT)), BREAK_BLOCK);
    let run = 0;
    for (let block = 0; block <= got.length; block++) {
      const isLoud = levelDb(wanted[block] ?? 0) > levelDb(energy) + LOUD_DB;
      if (block < got.length && isLoud && levelDb(got[block] ?? 0) < levelDb(wanted[block] ?? 0) + gainDb + GONE_DB) {
        run++;
        continue;
      }
      if (run >= LEAST_BREAK_BLOCKS) {
        breaks++;
        blocks += run;
      }
      run = 0;
    }
  }
  return { breaks, breakMs: (blocks * BREAK_BLOCK * 1000) / RATE };
}

function ownLevel(segments: readonly Segment[]): number {
  const [own, all] = [0, 1].map((kind) => segments.reduce((sum, { share, energy }) => sum + (kind === 0 ? share * share : 1) * energy, 0));
  return Math.max(NOTHING_DB, 10 * Math.log10((own ?? 0) / (all || 1) || 1e-9));
}

interface Segment {
  /** In the reference, samples. */
  at: number;
  /** Later in what was heard than in the reference by so many samples. */
  lag: number;
  similarity: number;
  gainDb: number;
  /** How much of the reference itself is in it: 1 is all at its own level. */
  share: number;
  energy: number;
  isHeard: boolean;
}

/** Each quarter of a second of the reference that sounds, looked for near where the one before was. */
function placeSegments(reference: Int16Array, heard: Int16Array, coarseLag: number): Segment[] {
  const powers = blockPowers(reference, SEGMENT);
  const loudest = powers.reduce((most, power) => Math.max(most, power), 0);
  const segments: Segment[] = [];
  let lag = firstLag(reference, heard, powers, loudest, coarseLag);
  for (let block = 0; block < powers.length; block++) {
    if ((powers[block] ?? 0) < loudest * SOUNDING) continue;
    const at = block * SEGMENT;
    const wanted = reference.subarray(at, at + SEGMENT);
    const chosen = placeOf(wanted, heard, at, lag);
    const from = Math.round(at + chosen.lag);
    const piece = heard.subarray(Math.max(0, from), Math.max(0, from + SEGMENT));
    const similarity = piece.length < SEGMENT / 2 ? 0 : segmentSimilarity(wanted, piece);
    const isHeard = similarity >= HEARD;
    if (isHeard) lag = chosen.lag;
    segments.push({
      at,
      lag: chosen.lag,
      similarity,
      isHeard,
      gainDb: levelDb(meanSquare(piece)) - levelDb(powers[block] ?? 0),
      share: isHeard ? chosen.share : 0,
      energy: powers[block] ?? 0,
    });
  }
  return segments;
}

/** The whole's correlation is drawn to its largest part, which gaps may have moved: the first loud segments say where it began. */
function firstLag(reference: Int16Array, heard: Int16Array, powers: Float64Array, loudest: number, coarseLag: number): number {
  const at = powers.findIndex((power) => power >= loudest / 10) * SEGMENT;
  const first = placeWithin(reference.subarray(at, at + 2 * SEGMENT), heard, at + coarseLag, FAR_MS);
  return first.likeness > 0.3 ? first.place - at : coarseLag;
}

/** Where the one before was, unless it is clearly somewhere else near, or further off. */
function placeOf(wanted: Int16Array, heard: Int16Array, at: number, lag: number): { lag: number; share: number } {
  let best = placeWithin(wanted, heard, at + lag, CLOSE_MS);
  for (const withinMs of [NEAR_MS, FAR_MS]) {
    if (best.likeness >= ALIKE) break;
    const further = placeWithin(wanted, heard, at + lag, withinMs);
    // Sound may stand still for long, but it does not go back.
    const isPossible = withinMs === NEAR_MS || (further.likeness >= SURELY && further.place - at > lag);
    if (isPossible && further.likeness > best.likeness + CLEARLY) best = further;
  }
  return { lag: best.likeness < UNLIKE ? lag : best.place - at, share: best.share };
}

interface Place {
  place: number;
  likeness: number;
  share: number;
}

/** The place of `wanted` in `heard` within so much of `expected` (samples, and parts of them), and their normalised correlation there. */
function placeWithin(wanted: Int16Array, heard: Int16Array, expected: number, withinMs: number): Place {
  const within = (withinMs * RATE) / 1000;
  const from = Math.round(expected) - within;
  const lags = 2 * within + 1;
  const size = powerOfTwoAtLeast(wanted.length + lags);
  const [a, aIm] = [new Float64Array(size), new Float64Array(size)];
  const [b, bIm] = [new Float64Array(size), new Float64Array(size)];
  for (let i = 0; i < wanted.length; i++) a[i] = wanted[i] ?? 0;
  for (let i = 0; i < wanted.length + lags; i++) b[i] = heard[from + i] ?? 0;
  let energy = 0;
  for (let i = 0; i < wanted.length; i++) energy += (b[i] as number) ** 2;
  const energies = new Float64Array(lags);
  for (let i = 0; i < lags; i++) {
    energies[i] = energy;
    energy += (b[i + wanted.length] as number) ** 2 - (b[i] as number) ** 2;
  }
  const own = Math.sqrt(a.reduce((sum, value) => sum + value * value, 0));
  correlate(a, aIm, b, bIm);
  // A microphone may be wired the other way round: the sign says nothing.
  const likeness = (i: number) => Math.abs(a[i] as number) / (own * Math.sqrt(Math.max(energies[i] as number, wanted.length)) || 1);
  let best = 0;
  for (let i = 1; i < lags; i++) if (likeness(i) > likeness(best)) best = i;
  const [before, top, after] = [best - 1, best, best + 1].map((i) => (i < 0 || i >= lags ? 0 : likeness(i))) as [number, number, number];
  const curvature = before - 2 * top + after;
  const part = best === 0 || best === lags - 1 || curvature === 0 ? 0 : (before - after) / (2 * curvature);
  return { place: from + best + part, likeness: top, share: Math.abs(a[best] as number) / (own * own || 1) };
}

/** Leaves the correlation at lags 0 … in `a`. */
function correlate(a: Float64Array, aIm: Float64Array, b: Float64Array, bIm: Float64Array): void {
  transform(a, aIm);
  transform(b, bIm);
  for (let k = 0; k < a.length; k++) {
    const [x, xIm, y, yIm] = [a[k] as number, aIm[k] as number, b[k] as number, bIm[k] as number];
    a[k] = x * y + xIm * yIm;
    aIm[k] = x * yIm - xIm * y;
  }
  transform(a, aIm, true);
}

function meanSquare(pcm: Int16Array): number {
  return pcm.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, pcm.length);
}
