/**
 * What the phrase recogniser compares: mel cepstra of 16 kHz speech, trimmed to what is audible and normalised so that
 * microphone, loudness and steady noise matter less than what was said.
 */
export interface Features {
  /** One row of DIMENSIONS values a frame, row after row. */
  values: Float32Array;
  frames: number;
}

const SAMPLE_RATE = 16_000;
const WINDOW = 480; // 30 ms
export const FRAME_HOP = 240; // 15 ms
const FFT_SIZE = 512;
const MEL_BANDS = 26;
const LOWEST_HZ = 100;
const HIGHEST_HZ = 7000;
/** Cepstra 1..12: the zeroth is loudness, which says nothing of the words. */
const CEPSTRA = 12;
/** Cepstra and their slopes. */
export const DIMENSIONS = 2 * CEPSTRA;
/** Frames so far below the loudest one are silence. */
const SILENCE_BELOW_DB = 35;
/** So are frames this near the quietest tenth, unless they are within the range speech itself has. */
const NOISE_MARGIN_DB = 9;
const SPEECH_RANGE_DB = 15;
/** Band energies (natural logarithm) are not told apart so far below the utterance's loudest: noise lives there. */
const FLOOR_BELOW_PEAK = 7;
const SLOPE_WEIGHT = 1;

const hamming = Float64Array.from({ length: WINDOW }, (_, i) => 0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (WINDOW - 1)));
const filters = melFilters();
const cosines = Array.from({ length: CEPSTRA }, (_, k) =>
  Float64Array.from({ length: MEL_BANDS }, (_, band) => Math.cos((Math.PI * (k + 1) * (band + 0.5)) / MEL_BANDS)),
);

/** Undefined when there is less than 150 ms to hear. */
export function extractFeatures(pcm: Int16Array): Features | undefined {
  const total = Math.max(0, Math.floor((pcm.length - WINDOW) / FRAME_HOP) + 1);
  const energies = new Float64Array(total);
  const bands: Float64Array[] = [];
  const real = new Float64Array(FFT_SIZE);
  const imaginary = new Float64Array(FFT_SIZE);
  for (let frame = 0; frame < total; frame++) {
    real.fill(0);
    imaginary.fill(0);
    let energy = 1;
    for (let i = 0; i < WINDOW; i++) {
      const at = frame * FRAME_HOP + i;
      const sample = (pcm[at] ?? 0) - 0.97 * (pcm[at - 1] ?? 0);
      energy += sample * sample;
      real[i] = sample * (hamming[i] ?? 0);
    }
    energies[frame] = 10 * Math.log10(energy);
    transform(real, imaginary);
    bands.push(logBands(real, imaginary));
  }
  const loudest = energies.reduce((most, energy) => Math.max(most, energy), 0);
  const quiet = energies.toSorted()[Math.floor(total / 10)] ?? 0;
  const threshold = Math.max(loudest - SILENCE_BELOW_DB, Math.min(quiet + NOISE_MARGIN_DB, loudest - SPEECH_RANGE_DB));
  const isAudible = (energy: number) => energy > threshold;
  const first = energies.findIndex(isAudible);
  const last = energies.findLastIndex(isAudible);
  const frames = last - first + 1;
  if (first < 0 || frames < 10) return undefined;
  const audible = bands.slice(first, last + 1);
  const peak = audible.reduce((most, row) => row.reduce((a, b) => Math.max(a, b), most), 0);
  return { values: withSlopes(normalised(audible.map((row) => cepstra(row, peak - FLOOR_BELOW_PEAK)))), frames };
}

function logBands(real: Float64Array, imaginary: Float64Array): Float64Array {
  return Float64Array.from(filters, ({ firstBin, weights }) => {
    let sum = 1;
    for (let i = 0; i < weights.length; i++) {
      const bin = firstBin + i;
      sum += (weights[i] ?? 0) * ((real[bin] ?? 0) ** 2 + (imaginary[bin] ?? 0) ** 2);
    }
    return Math.log(sum);
  });
}

function cepstra(bands: Float64Array, floor: number): Float64Array {
  return Float64Array.from(cosines, (row) => bands.reduce((sum, band, i) => sum + Math.max(band, floor) * (row[i] ?? 0), 0));
}

/** Each cepstrum to mean 0 and variance 1 over the utterance. */
function normalised(rows: Float64Array[]): Float64Array[] {
  for (let k = 0; k < CEPSTRA; k++) {
    let sum = 0;
    let squares = 0;
    for (const row of rows) {
      sum += row[k] ?? 0;
      squares += (row[k] ?? 0) ** 2;
    }
    const mean = sum / rows.length;
    const deviation = Math.sqrt(Math.max(1e-6, squares / rows.length - mean * mean));
    for (const row of rows) row[k] = ((row[k] ?? 0) - mean) / deviation;
  }
  return rows;
}

function withSlopes(rows: Float64Array[]): Float32Array {
  const values = new Float32Array(rows.length * DIMENSIONS);
  for (const [frame, row] of rows.entries()) {
    const before = rows[Math.max(0, frame - 2)];
    const after = rows[Math.min(rows.length - 1, frame + 2)];
    for (let k = 0; k < CEPSTRA; k++) {
      values[frame * DIMENSIONS + k] = row[k] ?? 0;
      values[frame * DIMENSIONS + CEPSTRA + k] = SLOPE_WEIGHT * 0.5 * ((after?.[k] ?? 0) - (before?.[k] ?? 0));
    }
  }
  return values;
}

function melFilters(): { firstBin: number; weights: Float64Array }[] {
  const toMel = (hertz: number) => 1127 * Math.log(1 + hertz / 700);
  const toBin = (mel: number) => ((700 * (Math.exp(mel / 1127) - 1)) / SAMPLE_RATE) * FFT_SIZE;
  const step = (toMel(HIGHEST_HZ) - toMel(LOWEST_HZ)) / (MEL_BANDS + 1);
  return Array.from({ length: MEL_BANDS }, (_, band) => {
    const [low, centre, high] = [0, 1, 2].map((i) => toBin(toMel(LOWEST_HZ) + (band + i) * step)) as [number, number, number];
    const firstBin = Math.ceil(low);
    const weights = Float64Array.from({ length: Math.max(1, Math.floor(high) - firstBin + 1) }, (_, i) => {
      const bin = firstBin + i;
      return Math.max(0, bin < centre ? (bin - low) / (centre - low) : (high - bin) / (high - centre));
    });
    return { firstBin, weights };
  });
}

/** In-place radix-2 FFT of FFT_SIZE points. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const size = FFT_SIZE;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      const swap = real[i] ?? 0;
      real[i] = real[j] ?? 0;
      real[j] = swap;
    }
  }
  for (let length = 2; length <= size; length <<= 1) {
    const half = length >> 1;
    for (let k = 0; k < half; k++) {
      const angle = (-2 * Math.PI * k) / length;
      const cosine = Math.cos(angle);
      const sine = Math.sin(angle);
      for (let even = k; even < size; even += length) {
        const odd = even + half;
        const oddReal = (real[odd] ?? 0) * cosine - (imaginary[odd] ?? 0) * sine;
        const oddImaginary = (real[odd] ?? 0) * sine + (imaginary[odd] ?? 0) * cosine;
        real[odd] = (real[even] ?? 0) - oddReal;
        imaginary[odd] = (imaginary[even] ?? 0) - oddImaginary;
        real[even] = (real[even] ?? 0) + oddReal;
        imaginary[even] = (imaginary[even] ?? 0) + oddImaginary;
      }
    }
  }
}
