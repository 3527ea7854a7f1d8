import { describe, expect, test } from 'vitest';
import { bandLevels, bandwidth, spectrumOf, speechSpectrum, thirdOctavesHz } from '../../../../../../main/core/checks/audio/spectrum.ts';
import { speechLike } from '../../../../../../main/core/checks/audio/speech-like.ts';
import { resample } from '../../../../../../pipeline/audio/resample.ts';
import { mixed, samplesOf, sine, throughOpus, whiteNoise } from '../../../../../fakes/synthetic-sound.ts';

const speech = speechLike({ durationMs: 5000, seed: 4 });
const through = (rate: number) => resample(resample(speech, { from: 16_000, to: rate }), { from: rate, to: 16_000 });

describe('spectrum', () => {
  test('a sine’s power is where it is', () => {
    const levels = bandLevels(spectrumOf(sine(1000, 32_000, -20)));
    expect(thirdOctavesHz[levels.indexOf(Math.max(...levels))]).toBe(1000);
    const { powers } = spectrumOf(sine(1000, 32_000, -20));
    expect(10 * Math.log10(powers.reduce((sum, power) => sum + power, 0) / 32_768 ** 2)).toBeCloseTo(-20, 1);
  });

  test('white noise is even', () => {
    const levels = bandLevels(spectrumOf(whiteNoise(160_000, -30))).slice(3);
    expect(Math.max(...levels) - Math.min(...levels)).toBeLessThan(2.5);
  });

  test('what passes unaltered, and through the codec, is as wide as the band', () => {
    for (const sound of [speech, throughOpus(speech)]) {
      expect(bandwidth(spectrumOf(sound, { isSpeech: true }), spectrumOf(speech, { isSpeech: true }))).toMatchObject({
        high10Hz: 7700,
        high20Hz: 7700,
        low20Hz: 100,
      });
    }
  });

  test.each([
    [4000, 2000],
    [8000, 4000],
    [11_025, 5512],
  ])('a path of %i Hz anywhere ends at %i Hz', (rate, edge) => {
    const samples = speech.length;
    const { bandwidth: width } = speechSpectrum(throughOpus(mixed(through(rate).subarray(0, samples), whiteNoise(samples, -68))), speech);
    expect(width.high20Hz).toBeGreaterThan(edge * 0.8);
    expect(width.high20Hz).toBeLessThan(edge * 1.3);
  });

  test('speech nobody has a recording of is held against the average of speech', () => {
    expect(speechSpectrum(through(8000), null).bandwidth.high20Hz).toBeLessThan(5200);
    expect(speechSpectrum(speech, null).bandwidth.high20Hz).toBe(7700);
  });

  test('of next to nothing, nothing is said', () => {
    expect(() => speechSpectrum(new Int16Array(samplesOf(20)), null)).not.toThrow();
    expect(() => speechSpectrum(new Int16Array(samplesOf(2000)), speech)).not.toThrow();
  });
});
