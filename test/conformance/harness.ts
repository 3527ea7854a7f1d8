import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { createEndpoint, type Endpoint, type EndpointOptions } from '../../main/core/endpoint/endpoint.ts';
import { attach } from '../../main/loopback/attach.ts';
import { startLoopbackHost } from '../../main/loopback/host.ts';
import { type Client, createClient, type StreamObserver } from '../../preload/contract/client.ts';
import type { StreamDelta, StreamName, StreamSnapshot } from '../../preload/contract/index.ts';
import { memoryTransportPair } from '../../preload/contract/transports/memory.ts';
import { clientPortTransport, serverPortTransport } from '../../preload/contract/transports/message-port.ts';
import type { ClientTransport } from '../../preload/contract/wire.ts';

export type Role = 'operator' | 'viewer';

/** One way of joining a client to an endpoint. `stop` frees what it opened. */
export interface Wiring {
  connect(role: Role): Promise<ClientTransport>;
  stop(): Promise<void>;
}

export const wirings: Record<string, (endpoint: Endpoint) => Promise<Wiring>> = {
  'in memory': async (endpoint) => ({
    async connect(role) {
      const [client, server] = memoryTransportPair();
      endpoint.accept(server, { role });
      return client;
    },
    stop: async () => undefined,
  }),

  // worker_threads ports clone, order and close as Electron's do.
  MessagePort: async (endpoint) => ({
    async connect(role) {
      const { port1, port2 } = new MessageChannel();
      endpoint.accept(serverPortTransport(port2), { role });
      return clientPortTransport(port1);
    },
    stop: async () => undefined,
  }),

  WebSocket: async (endpoint) => {
    const staticDirectory = await mkdtemp(join(tmpdir(), 'talkbench-static-'));
    const host = await startLoopbackHost({ endpoint, staticDirectory, port: 0, allowViewerToken: true, log: silentLog });
    return {
      connect: (role) => attach({ url: host.url, token: role === 'operator' ? host.token : (host.viewerToken ?? '') }),
      async stop() {
        await host.close();
        await rm(staticDirectory, { recursive: true });
      },
    };
  },
};

export const silentLog = { warn: () => undefined, error: () => undefined };

export function testEndpoint(options: Partial<EndpointOptions>): Endpoint {
  return createEndpoint({
    calls: {},
    streams: {},
    appVersion: '0.0.0-test',
    host: 'memory',
    capabilities: ['reveal-file'],
    coreEpoch: 'epoch-1',
    log: silentLog,
    ...options,
  });
}

/** An endpoint with a client of it, closed by `await using`. */
export async function bench(wire: (endpoint: Endpoint) => Promise<Wiring>, options: Partial<EndpointOptions>) {
  const endpoint = testEndpoint(options);
  const wiring = await wire(endpoint);
  return {
    endpoint,
    connect: async (role: Role = 'operator'): Promise<Client> => createClient(await wiring.connect(role)),
    transport: (role: Role = 'operator') => wiring.connect(role),
    async [Symbol.asyncDispose]() {
      endpoint.close();
      await wiring.stop();
    },
  };
}

export type Told<Name extends StreamName> =
  | { kind: 'snapshot'; snapshot: StreamSnapshot<Name>; seq: number }
  | { kind: 'deltas'; items: StreamDelta<Name>[]; firstSeq: number; nextSeq: number }
  | { kind: 'dropped'; count: number }
  | { kind: 'end'; code: string | null };

/** An observer that keeps what it was told, and a way to wait for it instead of for time to pass. */
export class Listening<Name extends StreamName> implements StreamObserver<Name> {
  readonly told: Told<Name>[] = [];
  /** When set, what each batch waits for before it counts as consumed. */
  gate: Promise<void> | null = null;
  #waiters: { isMet: () => boolean; resolve: () => void }[] = [];

  get items(): StreamDelta<Name>[] {
    return this.told.flatMap((entry) => (entry.kind === 'deltas' ? entry.items : []));
  }

  onSnapshot(snapshot: StreamSnapshot<Name>, seq: number): void {
    this.#tell({ kind: 'snapshot', snapshot, seq });
  }

  onDelta(items: StreamDelta<Name>[], firstSeq: number, nextSeq: number): void | Promise<void> {
    this.#tell({ kind: 'deltas', items, firstSeq, nextSeq });
    if (this.gate !== null) return this.gate;
  }

  onDropped(count: number): void {
    this.#tell({ kind: 'dropped', count });
  }

  onEnd(error: { code: string } | null): void {
    this.#tell({ kind: 'end', code: error?.code ?? null });
  }

  until(isMet: (listening: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (isMet(this)) resolve();
      else this.#waiters.push({ isMet: () => isMet(this), resolve });
    });
  }

  #tell(entry: Told<Name>): void {
    this.told.push(entry);
    for (const waiter of this.#waiters) if (waiter.isMet()) waiter.resolve();
    this.#waiters = this.#waiters.filter((waiter) => !waiter.isMet());
  }
}
