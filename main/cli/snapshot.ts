import type { Client } from '../../preload/contract/client.ts';
import type { StreamName, StreamRequest, StreamSnapshot } from '../../preload/contract/index.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';

/** What a stream says first, which is how things stand. Fails with what ends it before that, `disconnected` when the core goes away. */
export async function snapshotOf<Name extends StreamName>(
  client: Pick<Client, 'subscribe' | 'onClose'>,
  name: Name,
  body: StreamRequest<Name>,
): Promise<StreamSnapshot<Name>> {
  const { promise, resolve, reject } = Promise.withResolvers<StreamSnapshot<Name>>();
  const gone = (): void => reject(new TalkError('disconnected', {}, { retryable: true }));
  const unsubscribe = client.subscribe(name, body, {
    onSnapshot: resolve,
    onDelta: () => {},
    onEnd: (error) => (error === null ? gone() : reject(error)),
  });
  const forget = client.onClose(gone);
  return promise.finally(() => {
    forget();
    unsubscribe();
  });
}
