import type { Clock } from '../../../preload/contract/time.ts';

/** Ten times what a board sends: fifty packets of audio and a handful of messages in a second. */
const MOST_PER_SECOND = 600;

/** Counts what one peer sends; true from the message on that makes it too much for one second. */
export function createFloodGate(clock: Clock, mostPerSecond = MOST_PER_SECOND): () => boolean {
  let fromUs = clock.nowUs();
  let count = 0;
  return () => {
    const nowUs = clock.nowUs();
    if (nowUs - fromUs >= 1_000_000) {
      fromUs = nowUs;
      count = 0;
    }
    count += 1;
    return count > mostPerSecond;
  };
}
