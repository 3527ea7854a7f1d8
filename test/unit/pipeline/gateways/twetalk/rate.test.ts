import { expect, test } from 'vitest';
import { Pace } from '../../../../../pipeline/gateways/twetalk/rate.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

test('a second’s worth goes through at once, the rest at the pace, and rest makes up for it', async () => {
  const clock = new VirtualClock();
  const pace = new Pace(clock);
  const delays = Array.from({ length: 15 }, () => pace.delayUs(10));
  expect(delays.slice(0, 10)).toEqual(Array(10).fill(0));
  expect(delays.slice(10)).toEqual([100_000, 200_000, 300_000, 400_000, 500_000]);
  await clock.advance(10_000_000);
  expect(pace.delayUs(10)).toBe(0);
});
