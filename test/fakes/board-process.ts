import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { EspChipOptions } from '../../pipeline/boards/esp/chip.ts';

export interface BoardProcess extends AsyncDisposable {
  /** One to a board, in their order. */
  readonly ptyPaths: readonly string[];
}

/** Virtual boards in a process of their own, each on a PTY (POSIX only). */
export async function startBoardProcess(boards: readonly Omit<EspChipOptions, 'clock' | 'onBoot'>[]): Promise<BoardProcess> {
  const child = fork(join(import.meta.dirname, 'virtual-board.child.ts'), [JSON.stringify(boards)], { execArgv: [] });
  const ended = once(child, 'exit');
  const [message] = (await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => Promise.reject(new Error(`the boards' process ended: ${code}`))),
  ])) as [{ ptyPaths: string[] }];
  return {
    ptyPaths: message.ptyPaths,
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await ended;
    },
  };
}
