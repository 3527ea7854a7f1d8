import { expect, test } from 'vitest';
import { audibleSpan, firstAudibleSample, peak, rmsDb, SILENCE_DB } from '../../../../pipeline/audio/levels.ts';
import { tone } from './tones.ts';

const options = { sampleRate: 16_000 };

function silenceThen(sound: Int16Array, at: number, length = 16_000): Int16Array {
  const pcm = new Int16Array(length);
  pcm.set(sound, at);
  return pcm;
}

test('a full-scale sine is at -3 dBFS, silence at the floor', () => {
  expect(rmsDb(tone(1000, 16_000, 32_767))).toBeCloseTo(-3.01, 1);
  expect(rmsDb(new Int16Array(100))).toBe(SILENCE_DB);
  expect(rmsDb(new Int16Array(0))).toBe(SILENCE_DB);
  expect(peak(Int16Array.of(3, -16_384))).toBe(0.5);
});

test('the first audible sample is found to within the 10 ms window', () => {
  for (const at of [0, 1000, 7777]) {
    const first = firstAudibleSample(silenceThen(tone(440, 4000, 8000), at), options);
    expect(first).toBeGreaterThanOrEqual(Math.max(0, at - 160));
    expect(first).toBeLessThanOrEqual(at + 16);
  }
});

test('the span ends where the sound does', () => {
  const span = audibleSpan(silenceThen(tone(440, 4000, 8000), 2000), options);
  expect(span?.end).toBeGreaterThanOrEqual(6000);
  expect(span?.end).toBeLessThanOrEqual(6000 + 160);
});

test('a click shorter than 50 ms is not speech', () => {
  const pcm = silenceThen(tone(440, 480, 20_000), 2000); // 30 ms
  expect(firstAudibleSample(pcm, options)).toBeUndefined();
  pcm.set(tone(440, 1600, 20_000), 8000);
  expect(firstAudibleSample(pcm, options)).toBeGreaterThan(7800);
});

test('sound below -40 dBFS is not audible', () => {
  expect(firstAudibleSample(tone(440, 16_000, 400), options)).toBeUndefined(); // -41.3 dBFS
  expect(firstAudibleSample(tone(440, 16_000, 520), options)).toBe(0); // -39 dBFS
});

test('a recording shorter than a window has nothing audible', () => {
  expect(audibleSpan(tone(440, 100, 20_000), options)).toBeUndefined();
});
