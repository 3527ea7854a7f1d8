import { isTalkError } from '../../../../preload/contract/errors.ts';
import type { FlashRun } from '../tool.ts';
import type { BootBoard } from './board.ts';

/**
 * After a failure or a cancel: its flash's protection, and, where nothing was written, its application. As far as it goes: what failed
 * before says more than what fails here.
 */
export async function putBack(failed: BootBoard, { progress }: FlashRun): Promise<void> {
  if (!failed.isUnfinished) return;
  const board = failed.again();
  try {
    if (!(await board.comeBack())) return;
    await board.protectAgain();
    if (progress.job.boardState === 'download-mode' && (await board.restart())) progress.update({ boardState: 'running' });
  } catch (error) {
    if (!isTalkError(error)) throw error;
  }
}
