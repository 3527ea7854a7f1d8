import { describe, expect, test } from 'vitest';
import { doubleTalk, doubleTalkByLevel, duplexType, echoReturn } from '../../../../../../main/core/checks/audio/echo.ts';
import { speechLike } from '../../../../../../main/core/checks/audio/speech-like.ts';
import { mixed, placed, samplesOf, throughOpus, whiteNoise } from '../../../../../fakes/synthetic-sound.ts';

const far = speechLike({ durationMs: 6000, seed: 1 });
const near = speechLike({ durationMs: 4000, seed: 7, pitchHz: 190 });
const BEFORE_MS = 1500;
const uplinkOf = (lossDb: number, noiseDbFs: number, delayMs = 200) => {
  const samples = samplesOf(BEFORE_MS + 6000 + 1500);
  return throughOpus(mixed(placed(far, BEFORE_MS + delayMs, samples, -lossDb), whiteNoise(samples, noiseDbFs)));
};

describe('echo of the far end alone', () => {
  test.each([6, 10, 20, 30])('a loss of %i dB is measured within 2 dB', (lossDb) => {
    const echo = echoReturn(far, uplinkOf(lossDb, -65), samplesOf(BEFORE_MS));
    expect(Math.abs(echo.lossDb - lossDb)).toBeLessThan(2);
    expect(echo.isAtLeast).toBe(false);
    expect(echo.delayMs).toBeCloseTo(206, -1);
  });

  test('echo that is lost in the noise is told as a least loss', () => {
    const echo = echoReturn(far, uplinkOf(70, -60), samplesOf(BEFORE_MS));
    expect(echo).toMatchObject({ isAtLeast: true, convergedMs: null });
    expect(echo.lossDb).toBeGreaterThan(30);
  });

  test('a canceller that takes two seconds to settle', () => {
    const samples = samplesOf(BEFORE_MS + 7500);
    const settling = placed(far, BEFORE_MS + 200, samples).map((sample, i) => sample * (i < samplesOf(BEFORE_MS + 2200) ? 0.3 : 0.01));
    const echo = echoReturn(far, throughOpus(mixed(settling, whiteNoise(samples, -75))), samplesOf(BEFORE_MS));
    expect(echo.convergedMs).toBeGreaterThanOrEqual(2000);
    expect(echo.convergedMs).toBeLessThanOrEqual(3000);
  });

  test('a board that hears nothing while it plays returns nothing', () => {
    const echo = echoReturn(far, new Int16Array(samplesOf(9000)), samplesOf(BEFORE_MS));
    expect(echo.isAtLeast).toBe(true);
    expect(echo.lossDb).toBeGreaterThan(60);
  });
});

describe('double talk', () => {
  const samples = samplesOf(5500);
  const alone = throughOpus(mixed(placed(near, 250, samples), whiteNoise(samples, -62)));
  const both = (attenuationDb: number, echoDb: number) =>
    throughOpus(mixed(placed(near, 250, samples, -attenuationDb), placed(far, 0, samples, -echoDb), whiteNoise(samples, -62, 4)));

  test.each([0, 3, 6, 12, 20])('a near end %i dB weaker is told within 1 dB, under an echo 20 dB down', (attenuationDb) => {
    const measured = doubleTalk(near, alone, both(attenuationDb, attenuationDb + 20));
    expect(measured?.nearLossDb).toBeGreaterThan(attenuationDb - 1);
    expect(measured?.nearLossDb).toBeLessThan(attenuationDb + 1);
  });

  test('echo as loud as the voice hides the words, not their level', () => {
    const measured = doubleTalk(near, alone, both(0, 0));
    expect(measured?.nearLossDb).toBeLessThan(3);
    expect(measured?.similarityBoth).toBeLessThan(0.8);
    expect(measured?.similarityAlone).toBeGreaterThan(0.9);
  });

  test('a board that is deaf while it plays leaves nothing', () => {
    const measured = doubleTalk(near, alone, throughOpus(whiteNoise(samples, -62)));
    expect(measured?.nearHeardPercent).toBe(0);
    expect(measured?.nearLossDb).toBeGreaterThan(40);
  });

  test('a near end that is not even there alone tells nothing', () => {
    expect(doubleTalk(near, whiteNoise(samples, -62), both(0, 30))).toBeNull();
    expect(doubleTalkByLevel(new Int16Array(samples), both(0, 30), -60)).toBeNull();
  });

  test('of a person’s words, whom nobody recorded, the level tells as much', () => {
    expect(doubleTalkByLevel(alone, both(10, 40), -66)).toBeCloseTo(10, -0.5);
  });

  test('types as ITU-T P.340 has them', () => {
    expect([0, 3, 4, 8, 12, 13, 60].map(duplexType)).toEqual(['1', '1', '2a', '2b', '2c', '3', '3']);
  });
});
