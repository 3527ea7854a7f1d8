import { expect, it } from 'vitest';
import { Timeline } from '../../../../../../main/core/checks/bench/timeline.ts';
import { TalkError } from '../../../../../../preload/contract/talk-error.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

function timeline(most = 100) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const it = new Timeline<{ atUs: number; n: number }>(clock, most);
  const add = (n: number) => it.add({ atUs: clock.nowUs(), n });
  const until = (n: number, waiting: { sinceUs?: number; timeoutMs: number }) => it.until((item) => item.n === n, waiting, stop.signal);
  return { clock, stop, it, add, until };
}

it('finds what came already, waits for what comes, and tells what did not', async () => {
  const { clock, add, until } = timeline();
  add(1);
  await clock.advance(1000);
  expect(await until(1, { sinceUs: 0, timeoutMs: 5 })).toMatchObject({ n: 1 });
  const found = Promise.all([until(2, { timeoutMs: 5 }), until(1, { timeoutMs: 5 })]);
  clock.at((clock.nowUs() + 3000) as never, () => add(2));
  await clock.advance(10_000);
  expect(await found).toEqual([expect.objectContaining({ n: 2, atUs: 4000 }), null]);
  expect(clock.pendingTimers).toBe(0);
});

it('ends what waits with the signal, and leaves nothing behind', async () => {
  const { clock, stop, until } = timeline();
  const waiting = until(1, { timeoutMs: 5000 });
  stop.abort(new TalkError('cancelled'));
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  await expect(until(1, { timeoutMs: 5000 })).rejects.toMatchObject({ code: 'cancelled' });
  expect(clock.pendingTimers).toBe(0);
});

it('tells who asks, and nobody else, that the question was wrong', async () => {
  const { clock, it: line, add, stop } = timeline();
  const broken = () => {
    throw new Error('a bug');
  };
  const waiting = line.until(broken, { timeoutMs: 5000 }, stop.signal);
  add(1);
  await expect(waiting).rejects.toThrow('a bug');
  expect(clock.pendingTimers).toBe(0);
});

it('keeps the newest', () => {
  const { it: line, add } = timeline(10);
  for (let n = 0; n < 1000; n++) add(n);
  const kept = line.since(0);
  expect(kept.length).toBeGreaterThanOrEqual(10);
  expect(kept.length).toBeLessThan(20);
  expect(kept.at(-1)?.n).toBe(999);
});

it('keeps of what is older what lasts, in order', async () => {
  const clock = new VirtualClock();
  const line = new Timeline<{ atUs: number; n: number }>(clock, 10, ({ n }) => n % 100 === 0);
  for (let n = 0; n < 1000; n++) line.add({ atUs: n, n });
  const kept = line.since(150).map(({ n }) => n);
  expect(kept.slice(0, 8)).toEqual([200, 300, 400, 500, 600, 700, 800, 900]);
  expect(kept).toEqual(kept.toSorted((one, other) => one - other));
  const signal = new AbortController().signal;
  expect(await line.until(({ n }) => n === 300, { sinceUs: 0, timeoutMs: 5 }, signal)).toMatchObject({ n: 300 });
  // As many as of the newest, however much lasts.
  for (let n = 0; n < 100_000; n += 100) line.add({ atUs: n, n });
  expect(line.since(0).length).toBeLessThan(30);
});
