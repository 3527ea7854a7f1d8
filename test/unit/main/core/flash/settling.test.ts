import { expect, it } from 'vitest';
import { Settling } from '../../../../../main/core/flash/settling.ts';
import { createLog } from '../../../../../main/core/log.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

/** An owner that takes nothing before the attempt of that number. */
function stubborn(takesAt: number) {
  const told: string[] = [];
  let attempts = 0;
  return {
    told,
    attempts: () => attempts,
    async settle(outcome: string) {
      attempts++;
      if (attempts < takesAt) throw new TalkError('store/disk-full', { path: 'library.db' }, { retryable: true });
      told.push(outcome);
    },
  };
}

function bench() {
  const clock = new VirtualClock();
  return { clock, settling: new Settling({ clock, log: createLog({ level: 'silent' }) }) };
}

it('a device whose end was not taken is settled when it can be, once', async () => {
  const { clock, settling } = bench();
  const owner = stubborn(4);
  await settling.settle('job', owner, 'burned');
  expect(owner.told).toEqual([]);
  await clock.advance(7_000_000);
  expect(owner.told).toEqual(['burned']);
  await clock.advance(600_000_000);
  await settling.close();
  expect(owner.attempts()).toBe(4);
});

it('it is asked at longer and longer intervals, and of each job for itself', async () => {
  const { clock, settling } = bench();
  const never = stubborn(Infinity);
  const soon = stubborn(2);
  await Promise.all([settling.settle('one', never, 'doubtful'), settling.settle('two', soon, 'untouched')]);
  await clock.advance(600_000_000);
  expect(soon.told).toEqual(['untouched']);
  expect(never.attempts()).toBeGreaterThan(8);
  expect(never.attempts()).toBeLessThan(20);
});

it('the end of the app is a last try', async () => {
  const { clock, settling } = bench();
  const owner = stubborn(2);
  await settling.settle('job', owner, 'untouched');
  await settling.close();
  expect(owner.told).toEqual(['untouched']);
  const lost = stubborn(Infinity);
  await settling.settle('job', lost, 'burned');
  await clock.advance(600_000_000);
  expect(lost.attempts()).toBe(1);
});
