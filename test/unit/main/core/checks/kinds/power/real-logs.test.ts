import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { baselineOf, compareBoot } from '../../../../../../../main/core/checks/baseline/boot-log.ts';
import { flash } from '../../../../../../../main/core/checks/kinds/memory/flash.ts';
import { bootsOf } from '../../../../../../../main/core/checks/kinds/power/boots.ts';
import { loop } from '../../../../../../../main/core/checks/kinds/power/loop.ts';
import { prints, rowsOf } from '../../../../../../fakes/board-log.ts';
import { FakeBench } from '../../../../../../fakes/fake-bench.ts';

const root = join(import.meta.dirname, '../../../../../../..');
const fixture = (name: string) => readFileSync(join(root, 'test/fixtures/logs', name), 'utf8');
const shared = (name: string) => join(root, '../shared/logs', name);

test('crashes and brownouts of ESP32s are found among their lines', async () => {
  const bench = new FakeBench();
  prints(bench, fixture('esp32-panic.txt'), 1);
  expect(await bench.run(loop, { windowS: 5 })).toMatchObject({ values: { panics: 2, brownouts: 1, watchdogs: 1, resets: 1 } });
});

test('a boot of each family is one start', () => {
  expect(bootsOf(rowsOf(fixture('esp32s3-boot.txt')))).toHaveLength(1);
  expect(bootsOf(rowsOf(fixture('luatos-boot.txt')))).toHaveLength(1);
});

test('a real boot is as it was, against itself', () => {
  const rows = rowsOf(fixture('esp32s3-boot.txt'));
  expect(compareBoot(baselineOf('1', rows), rows)).toEqual({ added: [], missing: [], moved: 0 });
});

test.runIf(existsSync(shared('esp-qemu-boot-panic-coredump.txt')))('an emulated ESP32: its partition and image, its panic', async () => {
  const log = readFileSync(shared('esp-qemu-boot-panic-coredump.txt'), 'utf8');
  const bench = new FakeBench();
  prints(bench, log, 1);
  const looped = await bench.run(loop, { windowS: 5 });
  expect('values' in looped && Number(looped.values?.panics)).toBeGreaterThan(0);
  const found = await bench.run(flash);
  expect('values' in found && Number(found.values?.freeBytes)).toBeGreaterThan(0);
});

test.runIf(existsSync(shared('esp-issue-aborts-wdt-heap-stack-brownout.txt')))(
  'brownouts and watchdogs of reports by users are found',
  async () => {
    const bench = new FakeBench();
    prints(bench, readFileSync(shared('esp-issue-aborts-wdt-heap-stack-brownout.txt'), 'utf8'), 1);
    const found = await bench.run(loop, { windowS: 5 });
    const { brownouts, watchdogs, panics } = ('values' in found && found.values) || {};
    expect([Number(brownouts) > 0, Number(watchdogs) > 0, Number(panics) > 0]).toEqual([true, true, true]);
  },
);
