import { afterEach, describe, expect, test } from 'vitest';
import { runCat1Task } from '../../../../../../main/core/flash/cat1/tasks.ts';
import { flashTask } from '../../../../../../preload/contract/flash.ts';
import { createModuleBench, type ModuleBench } from '../../../../../fakes/module-bench.ts';

let bench: ModuleBench;
afterEach(() => bench.close());

function taskOf(value: unknown) {
  const task = flashTask.parse(value);
  if (task.kind === 'write') throw new Error('a task');
  return task;
}

const info = taskOf({ kind: 'info', family: 'cat1' });

describe('what a module tells of itself', () => {
  test.each([
    ['airm2m', 'AirM2M_780EP_V1007_LTE_AT', 'cat1'],
    [
      'eigencomm',
      'EC618_EVK_EIGENCOMM_AT, Board: EC618_EVK, SDK Version: EC618_SW_V001.000.101, EVB Version: EC618_HW_V1.0, Compiled: Dec 2 2021 13:49:27',
      'ec618',
    ],
    ['quectel', 'Quectel, EC800K, Revision: EC800KCNLCR07A09M04 UniRTOS', 'cat1'],
  ] as const)('running, %s: by AT, and it runs on', async (family, description, chip) => {
    bench = await createModuleBench({ family });
    await bench.run((run) => runCat1Task(info, run));
    expect(bench.job()).toMatchObject({ boardState: 'running', chip: { chip, description } });
    expect(bench.board.modem.violations).toEqual([]);
  });

  test('with lines in between that nobody asked for', async () => {
    bench = await createModuleBench({ faults: { awkwardLines: true, splitChunks: true } });
    await bench.run((run) => runCat1Task(info, run));
    expect(bench.job().chip?.description).toContain('AirM2M_780EP_V1007_LTE_AT');
    expect(bench.job().chip?.description).not.toMatch(/CEREG|NITZ/);
  });

  test('in download mode: by its ROM’s version', async () => {
    bench = await createModuleBench({ chip: 'ec716' });
    bench.board.pressBoot();
    await bench.clock.advance(1_000_000);
    await bench.run((run) => runCat1Task(info, run), { address: 'virtual://module-download' });
    expect(bench.job()).toMatchObject({ boardState: 'download-mode', chip: { chip: 'ec716', description: 'EC716 (ROM 0103010000)' } });
  });

  test('nothing: said, after two questions', async () => {
    bench = await createModuleBench();
    bench.board.modem.powerOff();
    await expect(bench.run((run) => runCat1Task(info, run))).rejects.toMatchObject({
      code: 'flash/sync-timeout',
      value: { data: { attempts: 2, seen: 'nothing', family: 'cat1' } },
    });
  });
});

test('reading and erasing are not offered, and it is said why', async () => {
  bench = await createModuleBench();
  for (const task of [taskOf({ kind: 'read', what: 'all' }), taskOf({ kind: 'erase', what: 'all', confirm: 'erase' })])
    await expect(bench.run((run) => runCat1Task(task, run))).rejects.toMatchObject({
      code: 'unsupported',
      value: { data: { feature: task.kind } },
    });
});
