import { TalkError } from '../../../../preload/contract/errors.ts';
import { type FlashTask, flashOptions } from '../../../../preload/contract/flash.ts';
import type { FlashRun } from '../tool.ts';
import { BootBoard } from './board.ts';
import { putBack } from './put-back.ts';

/** Chip and flash of a board, which restarts before and after. Everything else fails with 'unsupported' {feature, why}. */
export async function runBk7258Task(task: Exclude<FlashTask, { kind: 'write' }>, run: FlashRun): Promise<{ data?: Uint8Array }> {
  if (task.kind !== 'info')
    throw new TalkError('unsupported', { feature: task.kind, why: 'of a BK7258 only writing and its identification are built' });
  const { progress } = run;
  const options = flashOptions.parse(task.options);
  const board = new BootBoard(run, { ...options, force: true });
  await board.connect();
  progress.update({ boardState: 'download-mode' });
  progress.stage('identify');
  try {
    progress.update({ chip: await board.identify() });
  } catch (error) {
    await putBack(board, run);
    throw error;
  }
  progress.stage('reset');
  if (options.after === 'stay') return {};
  if (await board.restart()) progress.update({ boardState: 'running' });
  else run.note('not-reset');
  return {};
}
