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

/** Until when something is waited for; `timeoutMs` is how long that was in all, for the error. */
export interface Deadline {
  atUs: number;
  timeoutMs: number;
}

/**
 * The promise, or a rejection with the signal's reason as soon as that aborts. Without an abort it rejects with
 * TalkError 'engine/timeout' at the deadline, or after so many µs.
 */
export function raced<T>(promise: Promise<T>, scope: StageScope, limit?: number | Deadline): Promise<T> {
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
    if (limit !== undefined) {
      const deadline = typeof limit === 'number' ? { atUs: clock.nowUs() + limit, timeoutMs: limit / 1000 } : limit;
      cancelTimeout = clock.at(Math.ceil(deadline.atUs) as MonoUs, () => {
        release();
        reject(new TalkError('engine/timeout', { stage, engine, timeoutMs: deadline.timeoutMs }, { retryable: true }));
      });
    }
  });
}

/**
 * The source's items, each awaited as `raced`; a deadline is asked for anew with each item. When the consumer stops early
 * or the signal aborts, the source is told to return, and is not waited for.
 */
export async function* staged<T>(source: AsyncIterable<T>, scope: StageScope, limit?: number | (() => Deadline)): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let isExhausted = false;
  try {
    while (true) {
      const result = await raced(iterator.next(), scope, typeof limit === 'function' ? limit() : limit);
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

/**
 * `staged` over one request to an engine, which gets a signal of its own: it aborts when this is left, be it for a deadline, so a service
 * that says nothing is not waited for any longer by the connection either.
 */
export async function* requested<T>(
  begin: (signal: AbortSignal) => AsyncIterable<T>,
  scope: StageScope,
  limit?: number | (() => Deadline),
): AsyncGenerator<T> {
  const own = new AbortController();
  const onAbort = () => own.abort(scope.signal.reason);
  if (scope.signal.aborted) onAbort();
  else scope.signal.addEventListener('abort', onAbort, { once: true });
  try {
    yield* staged(begin(own.signal), scope, limit);
  } finally {
    scope.signal.removeEventListener('abort', onAbort);
    own.abort();
  }
}

/** An engine's failure as a value: a TalkError as it is, anything else as 'engine/failed'. */
export function asTalkError(error: unknown, stage: StageName, engine: string): TalkError {
  if (error instanceof TalkError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new TalkError('engine/failed', { stage, engine, reason }, { cause: error });
}
