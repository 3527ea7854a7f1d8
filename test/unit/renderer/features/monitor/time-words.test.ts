import { describe, expect, it } from 'vitest';
import { durationUs, instantUs } from '../../../../../renderer/features/monitor/time-words.ts';

describe('lengths of time', () => {
  it.each([
    ['90', 90_000_000],
    ['1.5', 1_500_000],
    ['1:30', 90_000_000],
    ['1:02:03.5', 3_723_500_000],
    ['2m10s', 130_000_000],
    ['500ms', 500_000],
    ['1h 5min', 3_900_000_000],
  ])('%s', (text, us) => expect(durationUs(text)).toBe(us));

  it.each(['', 'abc', '5 apples', '1m!', '-3'])('%s is none', (text) => expect(durationUs(text)).toBeNull());
});

describe('a jump to a time', () => {
  const started = new Date(2026, 2, 2, 23, 50).getTime();
  const context = { startedWallMs: started, hereUs: 60_000_000, endUs: 3_600_000_000 };

  it('counts from the start, from here and from the end', () => {
    expect(instantUs('@1:30', context)).toBe(90_000_000);
    expect(instantUs('+2s', context)).toBe(62_000_000);
    expect(instantUs('-500ms', context)).toBe(59_500_000);
    expect(instantUs('-10s$', context)).toBe(3_590_000_000);
  });

  it('reads the wall clock, past midnight too', () => {
    expect(instantUs('23:51', context)).toBe(60_000_000);
    expect(instantUs('23:50:30.250', context)).toBe(30_250_000);
    expect(instantUs('00:20', context)).toBe(1_800_000_000);
    expect(instantUs('2026-03-03 00:20', context)).toBe(1_800_000_000);
  });

  it('finds the night the reader is in when the log is days long', () => {
    const days = { ...context, hereUs: 2 * 86_400_000_000, endUs: 5 * 86_400_000_000 };
    expect(instantUs('23:51', days)).toBe(2 * 86_400_000_000 + 60_000_000);
  });

  it('says so when it cannot be read', () => {
    for (const text of ['', 'soon', '25:00', '12:99', '@', '+x']) expect(instantUs(text, context), text).toBeNull();
  });
});
