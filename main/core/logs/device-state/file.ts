import type { DeviceState } from '../../../../preload/contract/device-state.ts';
import type { LogRow } from '../../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../../preload/contract/time.ts';
import { BoardLog } from './board.ts';

/** Two loggers of one board differ by less than this; a clock that falls back further has been reset. */
const SKEW_MS = 2000;

/** The state of a board from a log that was saved as text: nobody stamped its lines, so the board's own clock is all the time there is. */
export function stateOfFile(rows: Iterable<LogRow>): DeviceState {
  const board = new BoardLog('file');
  let beforeResetMs = 0;
  let latestMs = 0;
  for (const row of rows) {
    if (row.deviceMs !== undefined) {
      if (row.deviceMs < latestMs - SKEW_MS) {
        beforeResetMs += latestMs;
        latestMs = 0;
      }
      latestMs = Math.max(latestMs, row.deviceMs);
    }
    board.add({ ...row, atUs: ((beforeResetMs + latestMs) * 1000) as MonoUs });
  }
  return board.state();
}
