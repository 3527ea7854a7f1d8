import { systemClock } from '../../../pipeline/clock.ts';
import { MAX_CALL_BYTES } from '../../../preload/contract/protocol.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { HostKind, ServerTransport } from '../../../preload/contract/wire.ts';
import { Connection } from './connection.ts';
import type { CallHandlers, StreamHandlers } from './handlers.ts';

/** The part of a pino logger the endpoint uses. */
export interface EndpointLog {
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

export interface EndpointOptions {
  /** A call or stream without a handler is refused as `unknown-call`. */
  calls: Partial<CallHandlers>;
  streams: Partial<StreamHandlers>;
  appVersion: string;
  /** What a connection is told unless its `accept` says otherwise: one core may serve a window and the CLI at once. */
  host: HostKind;
  capabilities: readonly string[];
  /** Identifies this run of the core; a client must not resume by seq into another one. */
  coreEpoch: string;
  log: EndpointLog;
  maxCallBytes?: number;
  clock?: Clock;
}

export interface AcceptOptions {
  role: 'operator' | 'viewer';
  host?: HostKind;
  capabilities?: readonly string[];
}

export interface Endpoint {
  /** Serves one client until either side closes. */
  accept(transport: ServerTransport, options: AcceptOptions): { close(reason?: string): void };
  readonly connectionCount: number;
  /** Closes every connection; calls under way are aborted. */
  close(reason?: string): void;
}

/** Serves the contract over any transport: the only place where what a client sends is checked. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const connections = new Set<Connection>();
  const shared = { ...options, maxCallBytes: options.maxCallBytes ?? MAX_CALL_BYTES, clock: options.clock ?? systemClock };
  return {
    accept(transport, accepted) {
      const connection = new Connection(transport, {
        ...shared,
        role: accepted.role,
        host: accepted.host ?? options.host,
        capabilities: accepted.capabilities ?? options.capabilities,
        onClosed: () => connections.delete(connection),
      });
      connections.add(connection);
      connection.start();
      return connection;
    },
    get connectionCount() {
      return connections.size;
    },
    close(reason = 'core-stopped') {
      for (const connection of [...connections]) connection.close(reason);
    },
  };
}
