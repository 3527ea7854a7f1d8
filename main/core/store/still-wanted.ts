import { workerData } from 'node:worker_threads';
import { TalkError } from '../../../preload/contract/talk-error.ts';

/** What a store thread is started with beside its role. */
export interface ThreadEnding {
  /** One Int32: not 0 from when the thread is to end. Seen in the middle of a job, which no message is. */
  ending: SharedArrayBuffer;
}

const { ending } = (workerData ?? {}) as Partial<ThreadEnding>;
const flag = ending instanceof SharedArrayBuffer ? new Int32Array(ending) : null;

/**
 * Asked by a job before each call into an addon that must not be stopped in the middle (`endThread` says why). Throws TalkError
 * 'cancelled' once nobody waits for the job any more.
 */
export function assertWanted(): void {
  if (flag !== null && Atomics.load(flag, 0) !== 0) throw new TalkError('cancelled');
}
