/**
 * Whisper's log-mel spectrogram of the last eight seconds, as Smart Turn v3 was trained on it (WhisperFeatureExtractor with a chunk of
 * 8 s and do_normalize): what is shorter has silence before it, so that the end of speech stands at the end; zero mean and unit variance
 * over all of it; Hann windows of 25 ms each 10 ms, the ends mirrored; 80 triangles of equal area on Slaney's mel scale up to 8 kHz.
 */
const SAMPLES = 8 * 16_000;
const WINDOW = 400;
const HOP = 160;
const BINS = WINDOW / 2 + 1;
export const MELS = 80;
export const FRAMES = SAMPLES / HOP;

/** 16 kHz mono in; [MELS][FRAMES] out, frames of one mel after the other. */
export function logMel(pcm: Int16Array): Float32Array {
  const wave = normalised(pcm.subarray(Math.max(0, pcm.length - SAMPLES)));
  const mels = new Float32Array(MELS * FRAMES);
  const frame = new Float64Array(WINDOW);
  let peak = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < FRAMES; at += 1) {
    for (let index = 0; index < WINDOW; index += 1)
      frame[index] = (wave[mirrored(at * HOP + index - WINDOW / 2)] ?? 0) * (hann[index] ?? 0);
    const power = powerSpectrum(frame);
    for (const [mel, { first, weights }] of filters.entries()) {
      let energy = 0;
      for (let index = 0; index < weights.length; index += 1) energy += (weights[index] ?? 0) * (power[first + index] ?? 0);
      const level = Math.log10(Math.max(energy, 1e-10));
      mels[mel * FRAMES + at] = level;
      peak = Math.max(peak, level);
    }
  }
  for (let index = 0; index < mels.length; index += 1) mels[index] = (Math.max(mels[index] ?? 0, peak - 8) + 4) / 4;
  return mels;
}

/** Right-aligned in eight seconds; zero mean, unit variance, the silence before it included. */
function normalised(pcm: Int16Array): Float64Array {
  const wave = new Float64Array(SAMPLES);
  const silence = SAMPLES - pcm.length;
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < pcm.length; index += 1) {
    const sample = (pcm[index] ?? 0) / 32768;
    wave[silence + index] = sample;
    sum += sample;
    squares += sample * sample;
  }
  const mean = sum / SAMPLES;
  const scale = 1 / Math.sqrt(Math.max(0, squares / SAMPLES - mean * mean) + 1e-7);
  for (let index = 0; index < SAMPLES; index += 1) wave[index] = ((wave[index] ?? 0) - mean) * scale;
  return wave;
}

/** Before the first sample and after the last they are read backwards, themselves not repeated. */
function mirrored(index: number): number {
  if (index < 0) return -index;
  return index < SAMPLES ? index : 2 * (SAMPLES - 1) - index;
}

const hann = Float64Array.from({ length: WINDOW }, (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / WINDOW));
const cosines = Float64Array.from({ length: WINDOW }, (_, index) => Math.cos((2 * Math.PI * index) / WINDOW));
const sines = Float64Array.from({ length: WINDOW }, (_, index) => Math.sin((2 * Math.PI * index) / WINDOW));

/** 400 = 16 × 25: 25 transforms of 16 samples each, then 16 of 25. */
const [ROWS, COLUMNS] = [16, 25];
const real = new Float64Array(WINDOW);
const imaginary = new Float64Array(WINDOW);
const power = new Float64Array(BINS);

/** Squared magnitudes of the first half; overwritten by the next call. */
function powerSpectrum(frame: Float64Array): Float64Array {
  for (let column = 0; column < COLUMNS; column += 1) {
    for (let k = 0; k < ROWS; k += 1) {
      let [re, im] = [0, 0];
      for (let row = 0; row < ROWS; row += 1) {
        const sample = frame[COLUMNS * row + column] ?? 0;
        const angle = (COLUMNS * row * k + column * k) % WINDOW;
        re += sample * (cosines[angle] ?? 0);
        im -= sample * (sines[angle] ?? 0);
      }
      real[k * COLUMNS + column] = re;
      imaginary[k * COLUMNS + column] = im;
    }
  }
  for (let bin = 0; bin < BINS; bin += 1) {
    const [k, turn] = [bin % ROWS, Math.floor(bin / ROWS)];
    let [re, im] = [0, 0];
    for (let column = 0; column < COLUMNS; column += 1) {
      const angle = (ROWS * column * turn) % WINDOW;
      const [a, b] = [real[k * COLUMNS + column] ?? 0, imaginary[k * COLUMNS + column] ?? 0];
      const [cosine, sine] = [cosines[angle] ?? 0, sines[angle] ?? 0];
      re += a * cosine + b * sine;
      im += b * cosine - a * sine;
    }
    power[bin] = re * re + im * im;
  }
  return power;
}

/** Slaney's scale: even up to 1 kHz, a factor of 6.4 in 27 steps above. */
function hertzOf(mel: number): number {
  return mel < 15 ? (mel * 200) / 3 : 1000 * 6.4 ** ((mel - 15) / 27);
}

const TOP_MEL = 15 + (27 * Math.log(8)) / Math.log(6.4);

/** Triangles over the bins, 40 Hz apart, each of area one; only the bins they reach. */
const filters = Array.from({ length: MELS }, (_, mel) => {
  const [left, middle, right] = [mel, mel + 1, mel + 2].map((step) => hertzOf((TOP_MEL * step) / (MELS + 1))) as [number, number, number];
  const all = Array.from({ length: BINS }, (__, bin) => {
    const hertz = (bin * 16_000) / WINDOW;
    return (Math.max(0, Math.min((hertz - left) / (middle - left), (right - hertz) / (right - middle))) * 2) / (right - left);
  });
  const first = Math.max(
    0,
    all.findIndex((weight) => weight > 0),
  );
  const end = all.findLastIndex((weight) => weight > 0) + 1;
  return { first, weights: Float64Array.from(all.slice(first, Math.max(first, end))) };
});
