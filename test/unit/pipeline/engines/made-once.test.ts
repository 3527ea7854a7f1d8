import { expect, test } from 'vitest';
import { madeOnce } from '../../../../pipeline/engines/made-once.ts';

test('what could not be made is tried again, what was made is kept; nothing is made by looking', async () => {
  let times = 0;
  const engine = madeOnce(async () => {
    times += 1;
    if (times === 1) throw new Error('a library could not be read');
    return { times };
  });
  expect(engine.present).toBeUndefined();
  const [one, two] = [engine(), engine()];
  await expect(one).rejects.toThrow('a library');
  await expect(two).rejects.toThrow('a library');
  expect(times).toBe(1);
  expect(await engine()).toEqual({ times: 2 });
  expect(await engine()).toBe(await engine.present);
  expect(times).toBe(2);
});
