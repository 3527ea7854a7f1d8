import { expect, test } from 'vitest';
import { Standstills } from '../../../../../../main/core/checks/lateness/standstills.ts';
import type { Clock } from '../../../../../../preload/contract/time.ts';

/** Timers that are called when somebody says, however late. */
function lateClock() {
  let nowUs = 0;
  let due: (() => void) | null = null;
  const clock = {
    nowUs: () => nowUs,
    at: (_: number, call: () => void) => {
      due = call;
      return () => {
        due = null;
      };
    },
  } as unknown as Clock;
  const standUntil = (us: number) => {
    nowUs = us;
  };
  const tickAt = (us: number) => {
    nowUs = us;
    due?.();
  };
  return { clock, standUntil, tickAt, isWaiting: () => due !== null };
}

test('a loop that is late stood still from when it should have been there', () => {
  const { clock, tickAt, isWaiting } = lateClock();
  const standstills = new Standstills(clock);
  tickAt(20_500);
  tickAt(400_500);
  tickAt(420_500);
  expect(standstills.since(0)).toEqual([{ fromUs: 40_500, toUs: 400_500 }]);
  expect(standstills.since(400_500)).toEqual([]);
  standstills.end();
  expect(isWaiting()).toBe(false);
});

test('two ticks of a coarse clock are no standstill', () => {
  const { clock, tickAt } = lateClock();
  const standstills = new Standstills(clock);
  tickAt(51_200);
  expect(standstills.since(0)).toEqual([]);
  tickAt(104_000);
  expect(standstills.since(0)).toHaveLength(1);
});

test('one that is asked about before its timer has been called is told too', () => {
  const { clock, standUntil } = lateClock();
  const standstills = new Standstills(clock);
  standUntil(320_000);
  expect(standstills.since(0)).toEqual([{ fromUs: 20_000, toUs: 320_000 }]);
});
