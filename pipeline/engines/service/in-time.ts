import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { ServiceName } from './failure.ts';

/** The promise, or TalkError 'engine/timeout' when it has not settled `limitMs` after `sinceUs`, which may move on while it waits. */
export function inTime<T>(
  promise: Promise<T>,
  { clock, service, limitMs, sinceUs }: { clock: Clock; service: ServiceName; limitMs: number; sinceUs?: () => number },
): Promise<T> {
  const startedUs = clock.nowUs();
  return new Promise<T>((resolve, reject) => {
    let cancel: () => void = () => undefined;
    const look = () => {
      const dueUs = (sinceUs?.() ?? startedUs) + limitMs * 1000;
      if (clock.nowUs() < dueUs) cancel = clock.at(dueUs as MonoUs, look);
      else reject(new TalkError('engine/timeout', { ...service, timeoutMs: limitMs }, { retryable: true }));
    };
    look();
    promise.then(resolve, reject).finally(() => cancel());
  });
}
