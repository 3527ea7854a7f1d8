import type { Clock, MonoUs } from '../preload/contract/time.ts';

const originNs = process.hrtime.bigint();

/** A timer of more than 2³¹ ms, some 25 days, would go off at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The process's monotonic clock; every instant the core stamps comes from here (or from a test's virtual one). */
export const systemClock: Clock = {
  nowUs() {
    return Number((process.hrtime.bigint() - originNs) / 1000n) as MonoUs;
  },
  wallMs() {
    return Date.now();
  },
  at(atUs, callback) {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const delayMs = Math.max(0, (atUs - systemClock.nowUs()) / 1000);
      timer = delayMs > LONGEST_TIMEOUT_MS ? setTimeout(arm, LONGEST_TIMEOUT_MS) : setTimeout(callback, delayMs);
    };
    arm();
    return () => clearTimeout(timer);
  },
};

/** Resolves at `atUs`, or rejects with the signal's reason if that aborts first. */
export function sleepUntil(clock: Clock, atUs: MonoUs, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.at(atUs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
