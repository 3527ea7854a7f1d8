import type { Client } from '../../preload/contract/client.ts';
import type { CallRequest } from '../../preload/contract/index.ts';
import type { PortState } from '../../preload/contract/ports.ts';

/** Opens a port for as long as a command runs. One that somebody else has open already stays theirs. */
export async function holdPort(
  client: Client,
  address: string,
  options: NonNullable<CallRequest<'ports.open'>['options']>,
): Promise<AsyncDisposable> {
  const before = (await stateOf(client, address))?.state ?? 'closed';
  await client.call('ports.open', { address, options });
  const isOurs = before === 'closed' || before === 'failed';
  return {
    async [Symbol.asyncDispose]() {
      if (isOurs) await client.call('ports.close', { address }).catch(() => {});
    },
  };
}

function stateOf(client: Client, address: string): Promise<PortState | undefined> {
  return new Promise((resolve, reject) => {
    const unsubscribe = client.subscribe(
      'ports.state',
      {},
      {
        onSnapshot: (states) => {
          resolve(states.find((state) => state.address === address));
          queueMicrotask(() => unsubscribe());
        },
        onDelta: () => {},
        onEnd: reject,
      },
    );
  });
}
