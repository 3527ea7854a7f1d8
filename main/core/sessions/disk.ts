import type { Clock } from '../../../preload/contract/time.ts';
import type { Store } from '../store/store.ts';
import type { Recorder } from './recorder.ts';

/**
 * A recording that went on without a disk says so itself, once it can: how much of it is missing, at the instant from which on nothing is.
 * Returns its end.
 */
export function watchDisk({ store, recorder, clock }: { store: Store; recorder: Recorder; clock: Clock }): () => void {
  /** Dropped before nothing could be stored any more; null while all is well. */
  let droppedBefore: number | null = null;
  return store.onStatus(({ problem, droppedCount }) => {
    if (problem !== null) {
      droppedBefore ??= droppedCount;
      return;
    }
    if (droppedBefore === null) return;
    const count = droppedCount - droppedBefore;
    droppedBefore = null;
    if (count > 0) recorder.event({ kind: 'dropped', atUs: clock.nowUs(), what: 'disk-full', count });
  });
}
