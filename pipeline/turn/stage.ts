import { TalkError } from '../../preload/contract/errors.ts';
import type { StageName } from '../../preload/contract/events.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';

/** How long a stage may take to stop after an abort before it is reported as leaked and forgotten. */
export const LEAK_US = 2_000_000;

/** What one stage of a turn runs under. Promises cannot be killed, so every await of a provider goes through here. */
export interface StageScope {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly stage: StageName;
  /** Named in a timeout's error. */
  readonly engine: string;
  /** The stage did not stop in time after the abort; its output is ignored from then on. */
  onLeak(stage: StageName): void;
}

function after(clock: Clock, us: number, callback: () => void): () => void {
  return clock.at((clock.nowUs() + us) as MonoUs, callback);
}

function watchForLeak(pending: Promise<unknown>, scope: StageScope): void {
  const cancel = after(scope.clock, LEAK_US, () => scope.onLeak(scope.stage));
  pending.then(cancel, cancel);
}

/**
 * The promise, or a rejection with the signal's reason as soon as that aborts. Without an abort it rejects with
 * TalkError 'engine/timeout' after `timeoutUs`.
 */
export function raced<T>(promise: Promise<T>, scope: StageScope, timeoutUs?: number): Promise<T> {
  const { signal, clock, stage, engine } = scope;
  return new Promise((resolve, reject) => {
    let cancelTimeout: (() => void) | undefined;
    const release = () => {
      cancelTimeout?.();
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      release();
      watchForLeak(promise, scope);
      reject(signal.reason);
    };
    promise.then(
      (value) => {
        release();
        resolve(value);
      },
      (error: unknown) => {
        release();
        reject(error);
      },
    );
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    if (timeoutUs !== undefined) {
      cancelTimeout = after(clock, timeoutUs, () => {
        release();
        reject(new TalkError('engine/timeout', { stage, engine, timeoutMs: timeoutUs / 1000 }, { retryable: true }));
      });
    }
  });
}

/**
 * The source's items, each awaited as `raced`. When the consumer stops early or the signal aborts, the source is told
 * to return, and is not waited for.
 */
export async function* staged<T>(source: AsyncIterable<T>, scope: StageScope, timeoutUs?: number): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let isExhausted = false;
  try {
    while (true) {
      const result = await raced(iterator.next(), scope, timeoutUs);
      if (result.done) {
        isExhausted = true;
        return;
      }
      yield result.value;
    }
  } finally {
    if (!isExhausted) iterator.return?.().catch(() => undefined);
  }
}

/** An engine's failure as a value: a TalkError as it is, anything else as 'engine/failed'. */
export function asTalkError(error: unknown, stage: StageName, engine: string): TalkError {
  if (error instanceof TalkError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new TalkError('engine/failed', { stage, engine, reason }, { cause: error });
}
