import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { ServiceName } from './failure.ts';

export interface Patience {
  service: ServiceName;
  clock: Clock;
  /** Until the first item, and between two, ms: what no working service takes. The turn has shorter limits of its own. */
  firstMs?: number;
  idleMs?: number;
}

const FIRST_MS = 60_000;
const IDLE_MS = 30_000;

/**
 * What `run` yields, given up with TalkError 'engine/timeout' when the service says nothing for too long. The signal `run` gets is aborted
 * then, and when the caller's is, and when the consumer leaves: whatever it holds open must end with it. An abort by the caller ends the
 * items without an error.
 */
export async function* patiently<Item>(
  { service, clock, firstMs = FIRST_MS, idleMs = IDLE_MS }: Patience,
  signal: AbortSignal,
  run: (signal: AbortSignal) => AsyncIterable<Item>,
): AsyncGenerator<Item> {
  if (signal.aborted) return;
  const inner = new AbortController();
  const aborted = Promise.withResolvers<'aborted'>();
  const onAbort = () => {
    inner.abort(signal.reason);
    aborted.resolve('aborted');
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const items = run(inner.signal)[Symbol.asyncIterator]();
  try {
    for (let limitMs = firstMs; ; limitMs = idleMs) {
      const next = items.next();
      const { promise: late, cancel } = timer(clock, limitMs);
      let result: IteratorResult<Item> | 'aborted' | 'late';
      try {
        result = await Promise.race([next, aborted.promise, late]);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      } finally {
        cancel();
      }
      if (result === 'aborted' || result === 'late') next.catch(() => undefined);
      if (result === 'late') throw new TalkError('engine/timeout', { ...service, timeoutMs: limitMs }, { retryable: true });
      if (result === 'aborted' || signal.aborted || result.done) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    inner.abort();
    items.return?.().catch(() => undefined);
  }
}

function timer(clock: Clock, ms: number): { promise: Promise<'late'>; cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  return { promise, cancel: clock.at((clock.nowUs() + ms * 1000) as MonoUs, () => resolve('late')) };
}
