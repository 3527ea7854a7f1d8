import { quantile } from './decibels.ts';
import { transform } from './fourier.ts';

/** Mean power of each frequency, of frames that sound. */
export interface Spectrum {
  /** Hz from one to the next; the first is 0. */
  stepHz: number;
  /** Mean square of s16 samples in each step. */
  powers: Float64Array;
}

const FRAME = 1024;
const HOP = FRAME / 2;
/** Speech goes so far under its loudest and is still speech. */
const SOUNDING_DB = 30;

/** Welch's method: Hann windows of 64 ms that overlap by half. With `isSpeech` only frames within 30 dB of the loudest count. */
export function spectrumOf(pcm: Int16Array, options: { sampleRate?: number; isSpeech?: boolean } = {}): Spectrum {
  const { sampleRate = 16_000, isSpeech = false } = options;
  const window = Float64Array.from({ length: FRAME }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME));
  // Parseval: a sine of the mean square p sums up to p over its steps.
  const scale = 2 / (FRAME * window.reduce((sum, value) => sum + value * value, 0));
  const frames: { powers: Float64Array; total: number }[] = [];
  const re = new Float64Array(FRAME);
  const im = new Float64Array(FRAME);
  const mean = pcm.reduce((sum, sample) => sum + sample, 0) / Math.max(1, pcm.length);
  for (let at = 0; at + FRAME <= pcm.length; at += HOP) {
    for (let i = 0; i < FRAME; i++) re[i] = ((pcm[at + i] ?? 0) - mean) * (window[i] ?? 0);
    im.fill(0);
    transform(re, im);
    const powers = new Float64Array(FRAME / 2 + 1);
    for (let k = 0; k < powers.length; k++) powers[k] = ((re[k] ?? 0) ** 2 + (im[k] ?? 0) ** 2) * scale;
    frames.push({ powers, total: powers.reduce((sum, power) => sum + power, 0) });
  }
  const loudest = frames.reduce((most, { total }) => Math.max(most, total), 0);
  const counted = isSpeech ? frames.filter(({ total }) => total >= loudest * 10 ** (-SOUNDING_DB / 10)) : frames;
  const powers = new Float64Array(FRAME / 2 + 1);
  for (const frame of counted)
    for (let k = 0; k < powers.length; k++) powers[k] = (powers[k] ?? 0) + (frame.powers[k] ?? 0) / counted.length;
  return { stepHz: sampleRate / FRAME, powers };
}

/** Centres of third octaves (IEC 61260), Hz, as far as 16 kHz of sampling go. */
// biome-ignore format: a row of numbers
export const thirdOctavesHz = [100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000, 6300, 7700] as const;
/** The last band ends before the resamplers and codecs at 8 kHz begin. */
const LAST_BAND_HZ: readonly [number, number] = [7100, 7700];

function edgesOf(centreHz: number): readonly [number, number] {
  return centreHz === 7700 ? LAST_BAND_HZ : [centreHz * 2 ** (-1 / 6), centreHz * 2 ** (1 / 6)];
}

/** Mean power per Hz in each third octave, dB. */
export function bandLevels({ stepHz, powers }: Spectrum): number[] {
  return thirdOctavesHz.map((centreHz) => {
    const [from, to] = edgesOf(centreHz);
    let sum = 0;
    let count = 0;
    for (let k = Math.ceil(from / stepHz); k * stepHz < to && k < powers.length; k++) {
      sum += powers[k] ?? 0;
      count++;
    }
    return count === 0 || sum === 0 ? -200 : 10 * Math.log10(sum / count / stepHz);
  });
}

/**
 * Long-term average of speech in third octaves, dB in each band (Byrne et al. 1994, both sexes): what an even microphone would show of
 * speech nobody has a recording of.
 */
// biome-ignore format: a row of numbers
const averageSpeech = [54.4, 57.7, 56.8, 60.2, 60.3, 59.0, 62.1, 62.1, 60.5, 56.8, 53.7, 53.0, 52.0, 48.7, 48.1, 46.8, 45.6, 44.5, 44.3, 43.7];

export interface Bandwidth {
  /** Lower and upper edge where the response is 10 and 20 dB under its middle (500 Hz to 2 kHz). Null: nothing was there to tell it by. */
  low10Hz: number | null;
  high10Hz: number | null;
  low20Hz: number | null;
  high20Hz: number | null;
  /** Hz and dB over the middle. */
  response: [hz: number, db: number][];
}

/** A band of the reference that is so far under its loudest tells nothing. */
const EXCITED_DB = 55;

/** The way from `reference` (what was said; average speech when it is not known) to `heard`. */
export function bandwidth(heard: Spectrum, reference: Spectrum | null): Bandwidth {
  const levels = bandLevels(heard);
  const expected = reference === null ? averageSpeech.map((db, i) => db - 10 * Math.log10(thirdOctavesHz[i] ?? 1)) : bandLevels(reference);
  const loudest = Math.max(...expected);
  const response = thirdOctavesHz.flatMap((hz, i): [number, number][] =>
    (expected[i] ?? -200) < loudest - EXCITED_DB ? [] : [[hz, (levels[i] ?? -200) - (expected[i] ?? 0)]],
  );
  const middle = quantile(
    response.filter(([hz]) => hz >= 500 && hz <= 2000).map(([, db]) => db),
    0.5,
  );
  const over = response.map(([hz, db]): [number, number] => [hz, db - middle]);
  return {
    low10Hz: edge(over.toReversed(), -10),
    high10Hz: edge(over, -10),
    low20Hz: edge(over.toReversed(), -20),
    high20Hz: edge(over, -20),
    response: over,
  };
}

/** From the middle outwards to the first band below; interpolated between both. The last band's centre where none is. */
function edge(response: readonly [hz: number, db: number][], atDb: number): number | null {
  const from = response.findIndex(([hz]) => hz >= 800 && hz <= 1250);
  if (from === -1) return null;
  for (let i = from; i + 1 < response.length; i++) {
    const [hz, db] = response[i] as [number, number];
    const [nextHz, nextDb] = response[i + 1] as [number, number];
    if (nextDb < atDb) return hz * (nextHz / hz) ** Math.max(0, Math.min(1, (db - atDb) / (db - nextDb)));
  }
  return response.at(-1)?.[0] ?? null;
}

export interface Hum {
  /** 50 or 60. */
  hz: number;
  /** How far the mains' first harmonics stand out of what is beside them, dB. */
  prominenceDb: number;
}

const HARMONICS = [1, 2, 3, 4, 5] as const;
const HUM_FRAME = 8192;

/** Whether a grid's frequency and its harmonics stand out. Of half a second of quiet or more; null of less. */
export function mainsHum(pcm: Int16Array, sampleRate = 16_000): Hum | null {
  if (pcm.length < HUM_FRAME) return null;
  const re = new Float64Array(HUM_FRAME);
  const im = new Float64Array(HUM_FRAME);
  const powers = new Float64Array(HUM_FRAME / 2);
  const mean = pcm.reduce((sum, sample) => sum + sample, 0) / pcm.length;
  for (let at = 0; at + HUM_FRAME <= pcm.length; at += HUM_FRAME / 2) {
    for (let i = 0; i < HUM_FRAME; i++) re[i] = ((pcm[at + i] ?? 0) - mean) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / HUM_FRAME));
    im.fill(0);
    transform(re, im);
    for (let k = 0; k < powers.length; k++) powers[k] = (powers[k] ?? 0) + (re[k] ?? 0) ** 2 + (im[k] ?? 0) ** 2;
  }
  const step = sampleRate / HUM_FRAME;
  const near = (hz: number, from: number, to: number) =>
    powers.subarray(Math.max(1, Math.round((hz + from) / step)), Math.round((hz + to) / step) + 1);
  const prominence = (hz: number) => {
    let [line, floor] = [0, 0];
    for (const harmonic of HARMONICS) {
      line += near(hz * harmonic, -2, 2).reduce((most, power) => Math.max(most, power), 0);
      floor += quantile([...near(hz * harmonic, -18, -6), ...near(hz * harmonic, 6, 18)], 0.5);
    }
    return line === 0 ? 0 : 10 * Math.log10(line / Math.max(floor, 1e-9));
  };
  const [at50, at60] = [prominence(50), prominence(60)];
  return at50 >= at60 ? { hz: 50, prominenceDb: at50 } : { hz: 60, prominenceDb: at60 };
}

/** A spectrum as a curve for a reader: dB of full scale in each third octave. */
export function spectrumCurve(spectrum: Spectrum): [number, number][] {
  return bandLevels(spectrum).map((db, i): [number, number] => {
    const [from, to] = edgesOf(thirdOctavesHz[i] ?? 0);
    return [thirdOctavesHz[i] ?? 0, Math.round((db + 10 * Math.log10(to - from) - 20 * Math.log10(32768)) * 10) / 10];
  });
}

export interface SpeechSpectrum {
  bandwidth: Bandwidth;
  hum: Hum | null;
  curve: [hz: number, dbFs: number][];
}

/** Of speech, 16 kHz; `reference`: what was said, where anybody knows the samples. */
export function speechSpectrum(pcm: Int16Array, reference: Int16Array | null): SpeechSpectrum {
  const spectrum = spectrumOf(pcm, { isSpeech: true });
  return {
    bandwidth: bandwidth(spectrum, reference === null ? null : spectrumOf(reference, { isSpeech: true })),
    hum: mainsHum(pcm),
    curve: spectrumCurve(spectrum),
  };
}
