import { describe, expect, test } from 'vitest';
import { clockDrift } from '../../../../../../main/core/checks/audio/clock-drift.ts';
import { arrivals } from '../../../../../fakes/synthetic-sound.ts';

const measured = (stream: Parameters<typeof arrivals>[0]) => {
  const drift = clockDrift(arrivals(stream));
  if (drift.kind !== 'measured') throw new Error(`${drift.kind}: ±${drift.halfWidthPpm} ppm`);
  return drift;
};

describe('clock drift', () => {
  test.each([300, -300, 100, 20, 0, 2000])('%i ppm are found within 20 s on a line with a millisecond of jitter', (ppm) => {
    const drift = measured({ seconds: 20, ppm, jitterMs: 1 });
    expect(drift.ppm).toBeCloseTo(ppm, -1.3);
    expect(drift.halfWidthPpm).toBeLessThan(25);
  });

  test('on a network that delays by 20 ms on average a minute tells 300 ppm from none', () => {
    const drift = measured({ seconds: 60, frameMs: 20, ppm: 300, jitterMs: 20 });
    expect(drift.ppm - drift.halfWidthPpm).toBeGreaterThan(200);
    expect(drift.ppm + drift.halfWidthPpm).toBeLessThan(400);
  });

  test('the interval holds the truth in nineteen of twenty cases', () => {
    const hits = Array.from({ length: 40 }, (_, seed) => clockDrift(arrivals({ seconds: 60, ppm: 50, jitterMs: 5, seed }))).filter(
      (drift) => drift.kind === 'measured' && Math.abs(drift.ppm - 50) <= drift.halfWidthPpm,
    );
    expect(hits.length).toBeGreaterThanOrEqual(36);
  });

  test('packets that are lost shift the line and do not tilt it', () => {
    const drift = measured({ seconds: 60, ppm: 300, jitterMs: 1, lost: 0.02 });
    expect(Math.abs(drift.ppm - 300)).toBeLessThan(Math.max(15, drift.halfWidthPpm));
  });

  test('packets that are held back now and then do not either', () => {
    const drift = measured({ seconds: 40, ppm: 300, jitterMs: 1, heldEveryMs: 4000, heldMs: 400 });
    expect(Math.abs(drift.ppm - 300)).toBeLessThan(20);
  });

  test('a few seconds are too short, and so is a minute on a line that hides it', () => {
    expect(clockDrift(arrivals({ seconds: 5, ppm: 300, jitterMs: 1 })).kind).toBe('too-short');
    expect(clockDrift(arrivals({ seconds: 15, ppm: 300, jitterMs: 400 })).kind).toBe('too-short');
    expect(clockDrift([]).kind).toBe('too-short');
  });
});
