import { describe, expect, test } from 'vitest';
import { compareSound, findSound } from '../../../../../../main/core/checks/audio/compare.ts';
import { joined } from '../../../../../../main/core/checks/audio/decode.ts';
import { speechLike } from '../../../../../../main/core/checks/audio/speech-like.ts';
import { mixed, placed, samplesOf, slowed, throughOpus, whiteNoise } from '../../../../../fakes/synthetic-sound.ts';

/** Opus's own delay between what goes in and what comes out. */
const CODEC_MS = 6.5;
const reference = speechLike({ durationMs: 5000, seed: 1 });
const coded = throughOpus(joined([reference, new Int16Array(960)]));
const TEN_S = samplesOf(10_000);
const silence = (ms: number) => new Int16Array(samplesOf(ms));

describe('a known sound in what was heard', () => {
  test.each([0, 37, 200, 1234, 3000])('is found %i ms later, whatever its level', (delayMs) => {
    const heard = compareSound(reference, mixed(placed(coded, delayMs, TEN_S, -18), whiteNoise(TEN_S, -70)));
    expect(heard.isFound).toBe(true);
    expect(heard.delayMs).toBeCloseTo(delayMs + CODEC_MS, 0);
    expect(heard.levelDifferenceDb).toBeGreaterThan(-19);
    expect(heard.levelDifferenceDb).toBeLessThan(-17);
    expect(heard).toMatchObject({ heardPercent: 100, gaps: 0, skippedMs: 0 });
    expect(heard.similarity).toBeGreaterThan(0.9);
    expect(heard.breakMs).toBeLessThanOrEqual(40);
  });

  test('the wrong way round it is the same sound', () => {
    const heard = compareSound(
      reference,
      placed(coded, 100, TEN_S).map((sample) => Math.max(-32_767, -sample)),
    );
    expect(heard.delayMs).toBeCloseTo(100 + CODEC_MS, 0);
  });

  test('other speech is not it, nor is noise, nor silence', () => {
    const other = speechLike({ durationMs: 5000, seed: 2 });
    for (const sound of [placed(other, 300, TEN_S), whiteNoise(TEN_S, -30), new Int16Array(TEN_S), new Int16Array(0)]) {
      expect(compareSound(reference, sound)).toMatchObject({ isFound: false, heardPercent: 0, similarity: 0 });
      expect(findSound(reference, sound)).toBeNull();
    }
  });

  test('stops and goes on: each gap is counted with its length', () => {
    const [a, b] = [samplesOf(2000), samplesOf(3500)];
    const heard = compareSound(
      reference,
      joined([coded.subarray(0, a), silence(120), coded.subarray(a, b), silence(250), coded.subarray(b)]),
    );
    expect(heard.gaps).toBe(2);
    expect(heard.gapMs).toBeCloseTo(370, -1);
    expect(heard.longestGapMs).toBeCloseTo(250, -1);
  });

  test('goes on too early: what was left out', () => {
    const heard = compareSound(reference, joined([coded.subarray(0, samplesOf(2500)), coded.subarray(samplesOf(2800)), silence(1000)]));
    expect(heard.skippedMs).toBeCloseTo(300, -1);
    expect(heard.gaps).toBe(0);
  });

  test('its end missing', () => {
    const heard = compareSound(reference, placed(coded.subarray(0, samplesOf(3000)), 100, TEN_S));
    expect(heard.heardPercent).toBeGreaterThan(50);
    expect(heard.heardPercent).toBeLessThan(70);
  });

  test('a speaker whose DMA runs dry for 12 ms four times a second is heard to crackle', () => {
    const heard = compareSound(
      reference,
      coded.map((sample, i) => (i % 3840 < 192 ? 0 : sample)),
    );
    expect(heard.breaks).toBeGreaterThan(8);
    expect(heard.breakMs).toBeGreaterThan(80);
    expect(heard.gaps).toBe(0);
  });

  test.each([300, 50, -300])('a player %i ppm too slow', (ppm) => {
    const heard = compareSound(reference, slowed(coded, ppm));
    expect(heard.driftPpm).not.toBeNull();
    expect(Math.abs((heard.driftPpm ?? 0) + ppm)).toBeLessThan(30);
  });

  test('how much of it is in what was heard does not count what else there is', () => {
    const other = speechLike({ durationMs: 5000, seed: 2 });
    const heard = compareSound(reference, mixed(placed(reference, 0, TEN_S, -6), placed(other, 0, TEN_S, -12)));
    expect(heard.ownLevelDb).toBeCloseTo(-6, 0);
  });
});
