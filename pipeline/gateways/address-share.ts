import type { Server, Socket } from 'node:net';
import type { GatewayDeps } from './gateway.ts';
import { plainAddress } from './listen.ts';

/** How many of a listener's sockets one address may hold, and who is told when that was not enough. */
export interface AddressLimit {
  most(): number;
  /** Once, until it has let go of half of them. */
  onRefused(listener: string, address: string): void;
}

/**
 * Ends what comes from an address that holds its share of the server's sockets: one peer with many hands keeps no board out. `farewell` is
 * what the protocol says then. Gives what tells whether a socket is one of those, for who hears of it before it is closed.
 */
export function shareByAddress(server: Server, listener: string, limit: AddressLimit, farewell?: string): (socket: object) => boolean {
  const held = new Map<string, number>();
  const told = new Set<string>();
  const refused = new WeakSet<object>();
  // Before anybody else makes something of it.
  server.prependListener('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '');
    const count = held.get(address) ?? 0;
    if (count >= limit.most()) {
      refused.add(socket);
      socket.on('error', () => socket.destroy());
      if (farewell === undefined) socket.destroy();
      else socket.end(farewell, () => socket.destroy());
      if (told.has(address)) return;
      told.add(address);
      limit.onRefused(listener, address);
      return;
    }
    held.set(address, count + 1);
    socket.once('close', () => {
      const left = (held.get(address) ?? 1) - 1;
      if (left === 0) held.delete(address);
      else held.set(address, left);
      if (left <= limit.most() / 2) told.delete(address);
    });
  });
  return (socket) => refused.has(socket);
}

/** As the settings say, told to the observers. */
export function addressLimit({ clock, observer, settings }: Pick<GatewayDeps, 'clock' | 'observer' | 'settings'>): AddressLimit {
  return {
    most: () => settings().reach.connectionsPerAddress,
    onRefused: (listener, remoteAddress) =>
      observer.event({ atUs: clock.nowUs(), kind: 'listener.connection', listener, remoteAddress, isRefused: true }),
  };
}
