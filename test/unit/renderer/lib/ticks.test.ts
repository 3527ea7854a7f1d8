import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { atNextTick, forgetTick, tickMs } from '../../../../renderer/lib/ticks.ts';

describe('ticks', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.advanceTimersByTime(10 * tickMs);
  });
  afterEach(() => void vi.useRealTimers());

  test('what comes after a quiet moment is not kept waiting', () => {
    const told = vi.fn();
    atNextTick(told);
    vi.advanceTimersByTime(0);
    expect(told).toHaveBeenCalledTimes(1);
  });

  test('a flood from any number of sources is told twice a second, all of it at one time', () => {
    const times: number[] = [];
    const sources = Array.from({ length: 5 }, () => () => times.push(performance.now()));
    for (let frame = 0; frame < 60; frame++) {
      for (const source of sources) atNextTick(source);
      vi.advanceTimersByTime(1000 / 60);
    }
    expect(new Set(times).size).toBeLessThanOrEqual(3);
    expect(times.length).toBe(new Set(times).size * sources.length);
  });

  test('who has gone is not told', () => {
    const told = vi.fn();
    atNextTick(told);
    forgetTick(told);
    vi.advanceTimersByTime(tickMs);
    expect(told).not.toHaveBeenCalled();
  });
});
