import type { AddressInfo, Server } from 'node:net';
import type { ListenerState } from '../../preload/contract/core.ts';
import { TalkError } from '../../preload/contract/errors.ts';

/**
 * Puts a server on an address and says how that went: one listener that cannot start is shown, and the rest of the bench
 * works. Port 0 takes a free one, named in the state.
 */
export function listen(server: Server, name: string, host: string, port: number): Promise<ListenerState> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException) => {
      server.off('listening', onListening);
      const failure =
        error.code === 'EADDRINUSE'
          ? new TalkError('listen/in-use', { listener: name, port }, { retryable: true })
          : error.code === 'EACCES' && port < 1024
            ? new TalkError('listen/privileged', { listener: name, port })
            : new TalkError('listen/refused', { listener: name, host, reason: error.code ?? 'unknown' });
      resolve({ name, host, port, state: 'failed', error: failure.value });
    };
    const onListening = () => {
      server.off('error', onError);
      // Later ones are connections that could not be taken (no more file descriptors): each is lost, the listener stays.
      server.on('error', () => {});
      resolve({ name, host, port: (server.address() as AddressInfo).port, state: 'listening' });
    };
    server.once('error', onError);
    server.once('listening', onListening);
    server.listen({ host, port });
  });
}

/** `::ffff:192.168.1.5`, as a dual-stack socket says it, is the IPv4 address. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
