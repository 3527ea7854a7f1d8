import { sleepUntil } from '../../../pipeline/clock.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/**
 * The pieces of a file, each when it is to be sent: a pause after every one that has another behind it, for boards that take their
 * time with what came. Throws TalkError 'cancelled' when the signal aborts.
 */
export async function* sendInPieces(
  data: Uint8Array,
  { chunkBytes, chunkDelayMs }: { chunkBytes: number; chunkDelayMs: number },
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += chunkBytes) {
    if (at > 0 && chunkDelayMs > 0) {
      try {
        await sleepUntil(clock, (clock.nowUs() + Math.round(chunkDelayMs * 1000)) as MonoUs, signal);
      } catch {
        throw new TalkError('cancelled');
      }
    }
    if (signal.aborted) throw new TalkError('cancelled');
    yield data.subarray(at, at + chunkBytes);
  }
}
