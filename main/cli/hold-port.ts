import type { Client } from '../../preload/contract/client.ts';
import type { CallRequest } from '../../preload/contract/index.ts';
import { snapshotOf } from './snapshot.ts';

/** Opens a port for as long as a command runs. One that somebody else has open already stays theirs. */
export async function holdPort(
  client: Client,
  address: string,
  options: NonNullable<CallRequest<'ports.open'>['options']>,
): Promise<AsyncDisposable> {
  const states = await snapshotOf(client, 'ports.state', {});
  const before = states.find((port) => port.address === address)?.state ?? 'closed';
  await client.call('ports.open', { address, options });
  const isOurs = before === 'closed' || before === 'failed';
  return {
    async [Symbol.asyncDispose]() {
      if (isOurs) await client.call('ports.close', { address }).catch(() => {});
    },
  };
}
