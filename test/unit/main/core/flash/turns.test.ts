import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Turns } from '../../../../../main/core/flash/turns.ts';
import { sleepUntil } from '../../../../../pipeline/clock.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

/** Jobs that take a turn of so long each, and what happened, in order. */
function bench(timeoutMs = 60_000) {
  const clock = new VirtualClock(0);
  const turns = new Turns();
  const told: string[] = [];
  let now = 0;
  let most = 0;
  function job(name: string, ms: number, failure?: Error) {
    const abort = new AbortController();
    const { signal } = abort;
    const work = async () => {
      told.push(`${name} begins`);
      most = Math.max(most, ++now);
      try {
        await sleepUntil(clock, (clock.nowUs() + ms * 1000) as MonoUs, signal);
        if (failure !== undefined) throw failure;
        return name;
      } finally {
        now--;
        told.push(`${name} ends`);
      }
    };
    const onWait = () => void told.push(`${name} waits`);
    const done = turns.take(work, { clock, signal, timeoutMs, operation: 'its turn', onWait });
    done.catch(() => {});
    return { done, abort };
  }
  return { clock, told, job, most: () => most };
}

test('one at a time, in the order they came; who waits is told', async () => {
  const { clock, told, job } = bench();
  const jobs = ['one', 'two', 'three'].map((name) => job(name, 100));
  await clock.advance(1_000_000);
  expect(await Promise.all(jobs.map(({ done }) => done))).toEqual(['one', 'two', 'three']);
  expect(told).toEqual(['one begins', 'two waits', 'three waits', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends']);
});

test('a turn that fails is handed on, and fails alone', async () => {
  const { clock, job } = bench();
  const first = job('one', 100, new Error('it broke'));
  const second = job('two', 100);
  await clock.advance(1_000_000);
  await expect(first.done).rejects.toThrow('it broke');
  expect(await second.done).toBe('two');
});

test('cancelled while waiting: it never begins, and those behind it do', async () => {
  const { clock, told, job } = bench();
  job('one', 100);
  const second = job('two', 100);
  const third = job('three', 100);
  await clock.advance(50_000);
  second.abort.abort(new Error('enough'));
  await expect(second.done).rejects.toThrow('enough');
  await clock.advance(1_000_000);
  expect(await third.done).toBe('three');
  expect(told).not.toContain('two begins');
});

test('cancelled before: it never waits', async () => {
  const { told, job, clock } = bench();
  const abort = new AbortController();
  abort.abort(new Error('never'));
  const take = new Turns().take(async () => 'x', {
    clock,
    signal: abort.signal,
    timeoutMs: 1,
    operation: 'x',
    onWait: () => told.push('waits'),
  });
  await expect(take).rejects.toThrow('never');
  expect(told).toEqual([]);
  expect(job('one', 0).done).toBeInstanceOf(Promise);
});

test('a turn that does not come in time is a timeout, and is not taken later', async () => {
  const { clock, told, job } = bench(1000);
  const first = job('one', 5000);
  const second = job('two', 100);
  await clock.advance(1_500_000);
  await expect(second.done).rejects.toMatchObject({
    value: { code: 'timeout', data: { operation: 'its turn', timeoutMs: 1000 }, retryable: true },
  });
  await clock.advance(5_000_000);
  await first.done;
  expect(told).not.toContain('two begins');
  const third = job('three', 0);
  await clock.advance(1000);
  expect(await third.done).toBe('three');
});

test('whoever is cancelled and whenever: never two at once, and nobody waits for ever', async () => {
  const plan = fc.record({
    ms: fc.integer({ min: 0, max: 50 }),
    cancelAtMs: fc.option(fc.integer({ min: 0, max: 200 })),
    fails: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(plan, { minLength: 1, maxLength: 8 }), async (plans) => {
      const { clock, job, most } = bench();
      const jobs = plans.map(({ ms, cancelAtMs, fails }, index) => {
        const begun = job(`job ${index}`, ms, fails ? new Error('it broke') : undefined);
        if (cancelAtMs !== null) clock.at((cancelAtMs * 1000) as MonoUs, () => begun.abort.abort(new Error('enough')));
        return begun.done;
      });
      await clock.advance(10_000_000);
      const ends = await Promise.race([
        Promise.allSettled(jobs),
        Promise.resolve()
          .then(() => clock.advance(1000))
          .then(() => null),
      ]);
      expect(ends).not.toBeNull();
      expect(most()).toBeLessThanOrEqual(1);
    }),
    { numRuns: 50 },
  );
});
