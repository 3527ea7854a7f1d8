import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

export interface TurnOptions {
  clock: Clock;
  signal: AbortSignal;
  /** For those before it. */
  timeoutMs: number;
  /** What it waits for, for the error. */
  operation: string;
  /** Somebody else is at it. */
  onWait(): void;
}

/** Work of several jobs that would be taken for each other's: one at a time, in the order in which they came. */
export class Turns {
  #isTaken = false;
  readonly #waiting = new Set<() => void>();

  /** Fails with what `work` fails with, the signal's reason, and `timeout` when its turn does not come. However it ends, the next one goes on. */
  async take<T>(work: () => Promise<T>, options: TurnOptions): Promise<T> {
    options.signal.throwIfAborted();
    if (this.#isTaken) {
      options.onWait();
      await this.#itsTurn(options);
    }
    this.#isTaken = true;
    try {
      return await work();
    } finally {
      this.#goOn();
    }
  }

  #itsTurn({ clock, signal, timeoutMs, operation }: TurnOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        this.#waiting.delete(begin);
        cancel();
        signal.removeEventListener('abort', onAbort);
        outcome();
      };
      const begin = () => settle(resolve);
      const onAbort = () => settle(() => reject(signal.reason));
      const cancel = clock.at((clock.nowUs() + timeoutMs * 1000) as MonoUs, () =>
        settle(() => reject(new TalkError('timeout', { operation, timeoutMs }, { retryable: true }))),
      );
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(begin);
    });
  }

  /** Handed over, never free in between: who comes at that moment is behind those who wait. */
  #goOn(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#isTaken = false;
    else next();
  }
}
