import { type ErrorCode, isTalkError } from '../../../../preload/contract/errors.ts';
import type { FlashRun } from '../tool.ts';
import type { BootBoard } from './board.ts';

/**
 * After a failure or a cancel: its flash's protection, and, where nothing was written, its application. As far as it goes: what failed
 * before says more than what fails here. A board that answers no more is not said to be in its bootloader, and a flash that was left
 * without its protection is noted.
 */
export async function putBack(failed: BootBoard, run: FlashRun): Promise<void> {
  if (!failed.isUnfinished) return;
  const { progress } = run;
  const board = failed.again();
  const hasWritten = progress.job.boardState !== 'download-mode';
  try {
    if (await board.comeBack()) {
      // A flash that does not take it keeps no application from starting.
      await board.protectAgain().catch(orThrow('flash/protocol'));
      if (!hasWritten && (await board.restart())) progress.update({ boardState: 'running' });
    } else if (!hasWritten) progress.update({ boardState: 'unknown' });
  } catch (error) {
    if (!isTalkError(error)) throw error;
  }
  if (board.isUnprotected) run.note('not-protected');
}

function orThrow(expected: ErrorCode): (error: unknown) => void {
  return (error) => {
    if (!isTalkError(error, expected)) throw error;
  };
}
