import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../pipeline/clock.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('thirty days are no moment: a timer longer than Node has is put together of several', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const startUs = systemClock.nowUs();
  let nowUs: number = startUs;
  vi.spyOn(systemClock, 'nowUs').mockImplementation(() => nowUs as MonoUs);
  const day = 86_400_000;
  let isOver = false;
  systemClock.at((startUs + 30 * day * 1000) as MonoUs, () => {
    isOver = true;
  });
  for (let days = 1; days <= 30; days++) {
    expect(isOver).toBe(false);
    nowUs += day * 1000;
    vi.advanceTimersByTime(day);
  }
  expect(isOver).toBe(true);
});

test('a long one is cancelled in its second part too', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const cancel = systemClock.at((systemClock.nowUs() + 1e14) as MonoUs, () => {});
  vi.advanceTimersByTime(2 ** 31);
  expect(vi.getTimerCount()).toBe(1);
  cancel();
  expect(vi.getTimerCount()).toBe(0);
});
