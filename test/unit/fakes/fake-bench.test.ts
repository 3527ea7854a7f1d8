import { expect, it } from 'vitest';
import { z } from 'zod';
import { check } from '../../../main/core/checks/check.ts';
import { FakeBench } from '../../fakes/fake-bench.ts';

const waits = check({
  name: 'power.boot',
  group: 'power',
  needs: ['port'],
  parameters: z.strictObject({ timeoutS: z.number().default(5) }),
  values: [{ name: 'bootMs', unit: 'ms' }],
  nexts: [],
  async measure(bench, { timeoutS }) {
    const fromUs = bench.clock.nowUs();
    await bench.port?.reset();
    const row = await bench.port?.until(({ event }) => event === 'boot.app', { sinceUs: fromUs, timeoutMs: timeoutS * 1000 });
    return { values: row == null ? {} : { bootMs: (row.atUs - fromUs) / 1000 } };
  },
});

it('plays a board to a check in no time', async () => {
  const bench = new FakeBench();
  bench.serial.onReset = () => bench.at(1200, () => bench.serial.row('I (300) boot: ok', { event: 'boot.app' }));
  expect(await bench.run(waits)).toEqual({ values: { bootMs: 1200 } });
  expect(bench.serial.did).toEqual([{ what: 'reset', atUs: 0 }]);
});

it('tells that something did not come', async () => {
  expect(await new FakeBench().run(waits, { timeoutS: 2 })).toEqual({ values: {} });
});

it('ends what waits with the run', async () => {
  const bench = new FakeBench();
  bench.at(500, () => bench.cancel());
  await expect(bench.run(waits)).rejects.toMatchObject({ code: 'cancelled' });
});
