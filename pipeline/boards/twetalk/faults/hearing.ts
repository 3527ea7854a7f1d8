import type { SoundStage } from '../traits.ts';

/** What can be wrong between a microphone and its encoder: each a stage that samples of 16 kHz go through, frame by frame. */

export const silence: SoundStage = (pcm) => new Int16Array(pcm.length);

export function gain(decibels: number): SoundStage {
  const factor = 10 ** (decibels / 20);
  return (pcm) => pcm.map((sample) => clipped(sample * factor));
}

export function offset(by: number): SoundStage {
  return (pcm) => pcm.map((sample) => clipped(sample + by));
}

/** White noise of that level, RMS. */
export function noise(dbfs: number, next: () => number): SoundStage {
  // Uniform numbers of ±1 have an RMS of 1/√3.
  const amplitude = 32_768 * 10 ** (dbfs / 20) * Math.sqrt(3);
  return (pcm) => pcm.map((sample) => clipped(sample + amplitude * (2 * next() - 1)));
}

/** The mains' 50 Hz and its first harmonics, RMS together. */
export function hum(dbfs: number): SoundStage {
  const harmonics = [1, 0.5, 0.3];
  const amplitude = (32_768 * 10 ** (dbfs / 20) * Math.SQRT2) / Math.hypot(...harmonics);
  let at = 0;
  return (pcm) =>
    pcm.map((sample) => {
      const phase = (2 * Math.PI * 50 * at++) / 16_000;
      return clipped(sample + amplitude * harmonics.reduce((sum, level, index) => sum + level * Math.sin(phase * (index + 1)), 0));
    });
}

/** Sampled at that rate and taken up to 16 kHz: a windowed low pass of 97 taps at half of it. */
export function narrow(sampleRate: number): SoundStage {
  const cutoff = sampleRate / 2 / 16_000;
  const middle = 48;
  const taps = Float64Array.from({ length: 2 * middle + 1 }, (_, index) => {
    const at = index - middle;
    const ideal = at === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * at) / (Math.PI * at);
    return ideal * (0.42 + 0.5 * Math.cos((Math.PI * at) / middle) + 0.08 * Math.cos((2 * Math.PI * at) / middle));
  });
  let past = new Int16Array(taps.length - 1);
  return (pcm) => {
    const all = new Int16Array(past.length + pcm.length);
    all.set(past);
    all.set(pcm, past.length);
    past = all.slice(pcm.length);
    return pcm.map((_, index) => {
      let sum = 0;
      for (let tap = 0; tap < taps.length; tap++) sum += (taps[tap] ?? 0) * (all[index + tap] ?? 0);
      return clipped(sum);
    });
  };
}

export function clipped(sample: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(sample)));
}
