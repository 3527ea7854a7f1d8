import type { Client } from '../../preload/contract/client.ts';
import type { StreamDelta } from '../../preload/contract/index.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';

/** Streams of things that run and have an end: each says all of them first, then each that changed. */
type Followed = 'flash.jobs' | 'batch.all' | 'wifi.runs' | 'checks.runs';

export interface Following<Name extends Followed> {
  stream: Name;
  /** Whether it is the one that is followed. */
  isIt(item: StreamDelta<Name>): boolean;
  /** Every state of it, the last one too. */
  hear(item: StreamDelta<Name>): void;
  /** On an interrupt; it is followed until it has ended all the same. */
  cancel(): Promise<unknown>;
  interrupt: AbortSignal;
}

/**
 * Follows something that was begun until it no longer runs, and gives its last state. Fails with what ends the stream, `disconnected` when
 * the core goes away, and with what fails to cancel it.
 */
export async function followToEnd<Name extends Followed>(
  client: Pick<Client, 'subscribe' | 'onClose'>,
  following: Following<Name>,
): Promise<StreamDelta<Name>> {
  const { stream, isIt, hear, cancel, interrupt } = following;
  const { promise, resolve, reject } = Promise.withResolvers<StreamDelta<Name>>();
  // A snapshot of these streams is a list of what their deltas are, which the types of all of them together do not say.
  const take = (items: readonly unknown[]): void => {
    for (const item of items as readonly StreamDelta<Name>[]) {
      if (!isIt(item)) continue;
      hear(item);
      if (item.state !== 'running') resolve(item);
    }
  };
  const gone = (): void => reject(new TalkError('disconnected', {}, { retryable: true }));
  const unsubscribe = client.subscribe<Followed>(
    stream,
    {},
    { onSnapshot: take, onDelta: take, onEnd: (error) => (error === null ? gone() : reject(error)) },
  );
  const forget = client.onClose(gone);
  const stop = (): void => void cancel().catch(reject);
  if (interrupt.aborted) stop();
  else interrupt.addEventListener('abort', stop, { once: true });
  return promise.finally(() => {
    interrupt.removeEventListener('abort', stop);
    forget();
    unsubscribe();
  });
}
