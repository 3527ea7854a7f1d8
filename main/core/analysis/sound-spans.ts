/**
 * Where a track sounds, by its energy alone (reference/voice.md §2.4): a 10 ms window moved by 1 ms, a threshold of −40 dBFS or
 * 10 dB over the noise, at least 50 ms of it. No voice detector: those hold on to speech that has ended, for up to hundreds of ms.
 */
export interface SoundSpan {
  fromMs: number;
  toMs: number;
}

export interface TrackSound {
  /** dBFS from which the track counts as sounding. */
  thresholdDb: number;
  spans: SoundSpan[];
}

const WINDOW_MS = 10;
const LEAST_MS = 50;
const THRESHOLD_DB = -40;
const OVER_NOISE_DB = 10;
/** A span ends this far under the level that began it, so that a voice that wavers about the threshold is one span … */
const HYSTERESIS_DB = 6;
/** … and never so near the noise that noise goes on with it. */
const LEAST_OVER_NOISE_DB = 4;
/** A recording this much quieter than others is still speech against silence. */
const UNDER_LOUDEST_DB = 25;
/** Speech goes this far under its loudest without being a pause. */
const SPEECH_RANGE_DB = 15;
/** A voice that begins softly: so far before the threshold is reached the span may begin. */
const PREROLL_MS = 100;
/** Dips shorter than this are within a word. */
const DIP_MS = 60;

/**
 * Mean power of each millisecond, 1 being full scale. One millisecond holds what lies nearest to it, whatever the rate. A microphone's
 * constant offset is no sound.
 */
export function millisecondPowers(pcm: Int16Array, sampleRate: number): Float32Array {
  const offset = meanOf(pcm);
  const powers = new Float32Array(Math.floor((pcm.length * 1000) / sampleRate));
  let from = 0;
  for (let i = 0; i < powers.length; i++) {
    const to = Math.round(((i + 1) * sampleRate) / 1000);
    let sum = 0;
    for (let at = from; at < to; at++) {
      const sample = ((pcm[at] ?? 0) - offset) / 32768;
      sum += sample * sample;
    }
    powers[i] = sum / (to - from);
    from = to;
  }
  return powers;
}

function meanOf(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample;
  return pcm.length === 0 ? 0 : sum / pcm.length;
}

/** Spans in ms from the beginning of `powers`, in order. */
export function soundSpans(powers: Float32Array): TrackSound {
  const levels = windowPowers(powers);
  const thresholds = thresholdsOf(levels);
  const [on, off] = [power(thresholds.onDb), power(thresholds.offDb)];
  const spans: SoundSpan[] = [];
  let at = 0;
  while (at < levels.length) {
    if ((levels[at] ?? 0) < on) {
      at++;
      continue;
    }
    let end = at;
    for (let quiet = 0; end + quiet < levels.length && quiet <= DIP_MS; ) {
      if ((levels[end + quiet] ?? 0) < off) quiet++;
      else {
        end += quiet + 1;
        quiet = 0;
      }
    }
    const earliest = Math.max(0, at - PREROLL_MS, spans.at(-1)?.toMs ?? 0);
    let start = at;
    while (start > earliest && (levels[start - 1] ?? 0) >= off) start--;
    const span = { fromMs: firstLoud(powers, start, off), toMs: lastLoud(powers, end - 1 + WINDOW_MS, off) };
    if (span.toMs - span.fromMs >= LEAST_MS) spans.push(span);
    at = end + 1;
  }
  return { thresholdDb: thresholds.onDb, spans };
}

/** Power of the 10 ms that begin at each millisecond. Summed in double precision: a running sum must come back to nothing. */
function windowPowers(powers: Float32Array): Float64Array {
  const levels = new Float64Array(Math.max(0, powers.length - WINDOW_MS + 1));
  for (let i = 0; i < levels.length; i++) {
    let sum = 0;
    for (let k = i; k < i + WINDOW_MS; k++) sum += powers[k] ?? 0;
    levels[i] = sum / WINDOW_MS;
  }
  return levels;
}

/** The noise is what the track stays above for four fifths of its time, unless somebody speaks all the time. */
function thresholdsOf(levels: Float64Array): { onDb: number; offDb: number } {
  // Neighbours share nine tenths of their window.
  const sorted = levels.filter((_, i) => i % WINDOW_MS === 0).sort();
  const noiseDb = decibels(sorted[Math.floor(sorted.length / 5)] ?? 0);
  const loudestDb = decibels(sorted.at(-1) ?? 0);
  const overNoiseDb = Math.min(noiseDb + OVER_NOISE_DB, Math.max(THRESHOLD_DB, loudestDb - SPEECH_RANGE_DB));
  const onDb = Math.max(overNoiseDb, Math.min(THRESHOLD_DB, loudestDb - UNDER_LOUDEST_DB));
  return { onDb, offDb: Math.min(onDb, Math.max(onDb - HYSTERESIS_DB, noiseDb + LEAST_OVER_NOISE_DB)) };
}

/** The window that reaches the threshold begins up to 10 ms before what made it do so. */
function firstLoud(powers: Float32Array, windowAt: number, threshold: number): number {
  for (let at = windowAt; at < windowAt + WINDOW_MS; at++) if ((powers[at] ?? 0) >= threshold) return at;
  return windowAt + WINDOW_MS / 2;
}

/** Just past the last loud millisecond of the window that ends at `windowEnd`. */
function lastLoud(powers: Float32Array, windowEnd: number, threshold: number): number {
  for (let at = windowEnd; at > windowEnd - WINDOW_MS; at--) if ((powers[at - 1] ?? 0) >= threshold) return at;
  return windowEnd - WINDOW_MS / 2;
}

/** Kept finite: silence is −120. */
function decibels(value: number): number {
  return value <= 1e-12 ? -120 : 10 * Math.log10(value);
}

function power(db: number): number {
  return 10 ** (db / 10);
}

/** Spans with less than `gapMs` between them are one. */
export function merged(spans: readonly SoundSpan[], gapMs: number): SoundSpan[] {
  const joined: SoundSpan[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last !== undefined && span.fromMs - last.toMs <= gapMs) last.toMs = Math.max(last.toMs, span.toMs);
    else joined.push({ ...span });
  }
  return joined;
}
