import { describe, expect, test } from 'vitest';
import { joined } from '../../../../../../main/core/checks/audio/decode.ts';
import { noiseOf } from '../../../../../../main/core/checks/audio/noise.ts';
import { speechLevel } from '../../../../../../main/core/checks/audio/speech-level.ts';
import { speechLike } from '../../../../../../main/core/checks/audio/speech-like.ts';
import { mixed, samplesOf, sine, whiteNoise } from '../../../../../fakes/synthetic-sound.ts';

const silence = (ms: number) => new Int16Array(samplesOf(ms));

describe('active speech level (ITU-T P.56)', () => {
  test.each([-10, -26, -40, -55])('a sine of %i dBFS is that loud', (dbFs) => {
    expect(speechLevel(sine(1000, 16_000 * 4, dbFs)).activeDbFs).toBeCloseTo(dbFs, 0);
  });

  test('pauses do not make it quieter', () => {
    const talk = joined([sine(500, 32_000, -20), silence(6000), sine(700, 32_000, -20), silence(4000)]);
    const level = speechLevel(mixed(talk, whiteNoise(talk.length, -75)));
    // The hangover of 0.2 s counts as speech.
    expect(Math.abs(level.activeDbFs + 20.4)).toBeLessThan(0.4);
    expect(level.rmsDbFs).toBeLessThan(-24);
    expect(level.activityPercent).toBeGreaterThan(27);
    expect(level.activityPercent).toBeLessThan(35);
    expect(level.noiseFloorDbFs).toBeCloseTo(-75, -0.5);
  });

  test('silence has none', () => {
    for (const pcm of [silence(2000), new Int16Array(0)]) expect(speechLevel(pcm)).toMatchObject({ activeDbFs: -120, activityPercent: 0 });
  });

  test('what stands at full scale is clipped; what comes near it is not', () => {
    expect(speechLevel(sine(300, 32_000, -3.2)).clippedPercent).toBe(0);
    expect(speechLevel(sine(300, 32_000, 6)).clippedPercent).toBeGreaterThan(30);
  });

  test('an offset is told apart from the level', () => {
    const level = speechLevel(sine(1000, 32_000, -26).map((sample) => sample + 3277));
    expect(level.dcOffsetPercent).toBeCloseTo(10, 1);
    expect(level.activeDbFs).toBeCloseTo(-26, 0);
  });
});

describe('syllables without words', () => {
  test.each([-26, -16, -36])('have the level asked for: %i dBFS', (levelDbFs) => {
    expect(Math.abs(speechLevel(speechLike({ durationMs: 5000, seed: 3, levelDbFs })).activeDbFs - levelDbFs)).toBeLessThan(0.5);
  });

  test('are the same for the same seed, and centred', () => {
    const sound = speechLike({ durationMs: 2000, seed: 5 });
    expect(sound).toEqual(speechLike({ durationMs: 2000, seed: 5 }));
    expect(sound).not.toEqual(speechLike({ durationMs: 2000, seed: 6 }));
    expect(Math.abs(speechLevel(sound).dcOffsetPercent)).toBeLessThan(0.1);
  });
});

describe('noise', () => {
  test.each([-40, -60])('of %i dBFS, whatever the offset', (dbFs) => {
    const noise = noiseOf(whiteNoise(64_000, dbFs).map((sample) => sample + 1000));
    expect(noise.noiseDbFs).toBeCloseTo(dbFs, 0);
    expect(noise.hum?.prominenceDb).toBeLessThan(12);
  });

  test.each([50, 60])('with %i Hz of the mains in it', (hz) => {
    const noise = noiseOf(mixed(whiteNoise(64_000, -66), sine(hz, 64_000, -50), sine(3 * hz, 64_000, -58)));
    expect(noise.hum?.hz).toBe(hz);
    expect(noise.hum?.prominenceDb).toBeGreaterThan(20);
  });
});
