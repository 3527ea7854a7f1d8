import { expect, it } from 'vitest';
import { createSessionLists } from '../../../../../main/core/endpoint/session-lists.ts';

it('a list that could not be read is read again for whoever comes next, and after a change', async () => {
  let isBroken = true;
  const lists = createSessionLists(async (sessionId) => {
    if (isBroken) throw new Error('the disk is away');
    return [sessionId];
  });
  const first = lists.follow('a');
  await expect(first.ready).rejects.toThrow('the disk is away');
  await expect(lists.changed('a')).rejects.toThrow('the disk is away');

  isBroken = false;
  const second = lists.follow('a');
  await second.ready;
  expect(second.topic.snapshot()).toEqual(['a']);
  await lists.changed('a');
});

it('an older reading never comes after a newer one, and nobody’s list is kept', async () => {
  const readings: PromiseWithResolvers<number[]>[] = [];
  const lists = createSessionLists<number>(() => {
    const reading = Promise.withResolvers<number[]>();
    readings.push(reading);
    return reading.promise;
  });
  const followed = lists.follow('a');
  const told: number[][] = [];
  followed.topic.listen((items) => told.push(items));
  const changed = [lists.changed('a'), lists.changed('a')];
  for (const [index] of [0, 1, 2].entries()) {
    await expect.poll(() => readings.length).toBe(index + 1);
    readings[index]?.resolve([index]);
  }
  await Promise.all([followed.ready, ...changed]);
  expect(told.at(-1)).toEqual([2]);

  followed.close?.();
  await lists.changed('a');
  expect(readings).toHaveLength(3);
});
