import { TalkError } from '../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../preload/contract/time.ts';

/** A question whose answer somebody else brings. */
export interface PendingAnswer<Answer> {
  readonly answer: Promise<Answer>;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Waits for an answer; ends exactly once, whatever comes first, and tells `onEnd` then. Rejects with TalkError 'tool/timeout' {name} after
 * `timeoutMs`, or the signal's reason.
 */
export function pendingAnswer<Answer>(options: {
  clock: Clock;
  name: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  onEnd(): void;
}): PendingAnswer<Answer> {
  const { clock, name, timeoutMs, signal, onEnd } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();

  function end(): void {
    cancelTimeout();
    signal?.removeEventListener('abort', onAbort);
    onEnd();
  }
  function fail(error: unknown): void {
    end();
    reject(error);
  }
  const onAbort = () => fail(signal?.reason);
  const cancelTimeout = clock.at((clock.nowUs() + timeoutMs * 1000) as MonoUs, () =>
    fail(new TalkError('tool/timeout', { name, timeoutMs }, { retryable: true })),
  );
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    answer: promise,
    resolve(answer) {
      end();
      resolve(answer);
    },
    reject: fail,
  };
}
