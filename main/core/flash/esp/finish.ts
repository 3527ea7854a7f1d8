import { isTalkError } from '../../../../preload/contract/errors.ts';
import type { EspBoard } from './board.ts';
import { isAnswering } from './connect.ts';
import { resetByLines, restart, stay } from './leave.ts';

/** The end of a job that went well: what `after` asks for. `isDoubtful`: the board may not start what is on it now. */
export async function finish(board: EspBoard, isDoubtful = false): Promise<void> {
  const { loader, options, run } = board;
  run.progress.stage('reset');
  if (options.after === 'stay') return stay(loader);
  const boardState = await restart(board, isDoubtful);
  if (boardState === 'download-mode' || boardState === 'unknown') run.note('not-reset');
  run.progress.update({ boardState });
}

/** After a failure or a cancel with a sound flash. Best effort: the failure to tell is the one before. */
export async function putBack(board: EspBoard, failure: unknown): Promise<void> {
  const { loader, options, run } = board;
  const { progress } = run;
  loader.link.ignoreAbort();
  const wasThere = progress.job.boardState === 'download-mode' && !isSilence(failure);
  try {
    // Whatever it was that did not answer, it is not left held in its loader.
    if (!wasThere) {
      progress.update({ boardState: 'unknown' });
      if (options.before !== 'no-reset') await resetByLines(board);
      return;
    }
    // Where nothing was asked of it nobody would have noticed that it went.
    if (options.after === 'stay' && (await isAnswering(loader.link))) return;
    const boardState = await restart(board);
    if (boardState === 'download-mode' || boardState === 'unknown') run.note('not-reset');
    progress.update({ boardState });
  } catch {
    run.note('not-reset');
    progress.update({ boardState: 'unknown' });
  }
}

/** Nobody can say what a board does that stopped answering, or whose port went away. */
function isSilence(failure: unknown): boolean {
  const isGone = isTalkError(failure, 'port/lost') || isTalkError(failure, 'port/closed');
  return (
    isGone || isTalkError(failure, 'flash/sync-timeout') || (isTalkError(failure, 'flash/protocol') && failure.value.data.status === null)
  );
}
