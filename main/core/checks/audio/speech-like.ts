import { powerOf } from './decibels.ts';
import { seededRandom } from './random.ts';
import { activeLevel } from './speech-level.ts';

const RATE = 16_000;

/** Formants of five vowels, Hz (a e i o u, a man's); a child's lie a fifth higher. */
const vowels = [
  [730, 1090, 2440, 3400],
  [530, 1840, 2480, 3500],
  [270, 2290, 3010, 3600],
  [570, 840, 2410, 3300],
  [300, 870, 2240, 3200],
] as const;
const BANDWIDTHS_HZ = [80, 110, 160, 250] as const;

export interface SpeechLike {
  durationMs: number;
  /** Another seed, other syllables: two of them have nothing in common. */
  seed: number;
  /** Active speech level (ITU-T P.56). −26 dBFS is what telephony is lined up to (P.56, P.830). */
  levelDbFs?: number;
  /** Of the voice; 120 unless told. */
  pitchHz?: number;
}

/**
 * Syllables without words, the same samples for the same seed: a gliding pitch's pulses or breath through four formants, with the
 * rhythm of speech (syllables of 120 to 260 ms, a pause after a few) and hisses up to 7 kHz as consonants. It fills the band as speech does,
 * so that echo cancellers, codecs and voice detectors take it for speech, and repeats nothing, so that its place is found at once.
 */
export function speechLike({ durationMs, seed, levelDbFs = -26, pitchHz = 120 }: SpeechLike): Int16Array {
  const random = seededRandom(seed);
  const between = (from: number, to: number) => from + random() * (to - from);
  const length = Math.round((durationMs * RATE) / 1000);
  const sound = new Float64Array(length);
  let syllablesLeft = 0;
  for (let at = 0; at < length; ) {
    if (syllablesLeft === 0) {
      at += at === 0 ? 0 : Math.round(between(0.18, 0.42) * RATE);
      syllablesLeft = 3 + Math.floor(random() * 5);
    }
    syllablesLeft--;
    const hiss = random() < 0.6 ? Math.round(between(0.04, 0.09) * RATE) : 0;
    addHiss(sound, at, hiss, between(2500, 5500), random);
    const voiced = Math.round(between(0.1, 0.22) * RATE);
    addVowel(sound, at + hiss, voiced, {
      formants: vowels[Math.floor(random() * vowels.length)] ?? vowels[0],
      pitch: [pitchHz * between(0.8, 1.5), pitchHz * between(0.8, 1.5)],
      shift: between(0.9, 1.15),
      gain: between(0.6, 1),
      random,
    });
    at += hiss + voiced + Math.round(between(0, 0.03) * RATE);
  }
  return atLevel(sound, levelDbFs);
}

interface Vowel {
  formants: readonly number[];
  pitch: readonly [number, number];
  shift: number;
  gain: number;
  random: () => number;
}

function addVowel(sound: Float64Array, at: number, length: number, vowel: Vowel): void {
  const source = new Float64Array(length);
  let phase = 0;
  let tilted = 0;
  for (let i = 0; i < length; i++) {
    phase += (vowel.pitch[0] + ((vowel.pitch[1] - vowel.pitch[0]) * i) / length) / RATE;
    const pulse = phase >= 1 ? 12 : 0;
    if (phase >= 1) phase -= 1;
    // The glottis falls by 12 dB an octave, the lips give 6 back.
    tilted = 0.9 * tilted + pulse + (vowel.random() - 0.5) * 0.25;
    source[i] = tilted;
  }
  for (const [index, formant] of vowel.formants.entries()) {
    const resonated = resonate(source, formant * vowel.shift, BANDWIDTHS_HZ[index] ?? 200);
    for (let i = 0; i < length && at + i < sound.length; i++) {
      sound[at + i] = (sound[at + i] ?? 0) + (resonated[i] ?? 0) * vowel.gain * envelope(i, length) * 0.7 ** index;
    }
  }
}

function addHiss(sound: Float64Array, at: number, length: number, centreHz: number, random: () => number): void {
  const noise = Float64Array.from({ length }, () => random() - 0.5);
  const shaped = resonate(noise, centreHz, 2200);
  for (let i = 0; i < length && at + i < sound.length; i++) {
    sound[at + i] = (sound[at + i] ?? 0) + (0.35 * (shaped[i] ?? 0) + 0.15 * (noise[i] ?? 0)) * envelope(i, length) * 3;
  }
}

/** A resonator of second order, 0 dB at its peak or about it. */
function resonate(input: Float64Array, hz: number, bandwidthHz: number): Float64Array {
  const radius = Math.exp((-Math.PI * bandwidthHz) / RATE);
  const feedback = 2 * radius * Math.cos((2 * Math.PI * hz) / RATE);
  const gain = (1 - radius) * Math.sqrt(1 - 2 * radius * Math.cos((4 * Math.PI * hz) / RATE) + radius * radius);
  let [last, before] = [0, 0];
  return input.map((value) => {
    const next = gain * value + feedback * last - radius * radius * before;
    before = last;
    last = next;
    return next;
  });
}

const EDGE = 0.02 * RATE;

function envelope(i: number, length: number): number {
  return Math.min(1, i / EDGE, (length - i) / EDGE);
}

function atLevel(sound: Float64Array, levelDbFs: number): Int16Array {
  // A loudspeaker has no use for the pulses' mean.
  let [mean, last] = [0, 0];
  for (let i = 0; i < sound.length; i++) {
    const value = sound[i] ?? 0;
    mean = value - last + 0.98 * mean;
    last = value;
    sound[i] = mean;
  }
  const loudest = sound.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  const rough = Int16Array.from(sound, (value) => Math.round((value / loudest) * 30_000));
  const gain = Math.sqrt(powerOf(levelDbFs) / powerOf(activeLevel(rough, RATE).activeDbFs));
  return Int16Array.from(rough, (value) => Math.max(-32768, Math.min(32767, Math.round(value * gain))));
}
