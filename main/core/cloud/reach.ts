import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type NameServer, startNames } from '../../../pipeline/gateways/reach/names.ts';
import { ReachProgress } from '../../../pipeline/gateways/reach/progress.ts';
import { addressesOf, summaryRoute } from '../../../pipeline/gateways/reach/summary.ts';
import type { NameQuery, NetworkInterface, ReachState } from '../../../preload/contract/cloud/reach.ts';
import type { ListenerState } from '../../../preload/contract/core.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import { Topic } from '../endpoint/topic.ts';
import type { CloudService, CloudServiceDeps } from './service.ts';

export interface ReachDeps extends CloudServiceDeps {
  listeners: () => readonly ListenerState[];
  listenerSettings: () => Settings;
  /** Closes the listeners and opens them again. */
  reopen: () => Promise<void>;
}

/** Boards ask the same few names again and again; more than these are not told apart any longer. */
const MOST_QUERIES = 200;

/** Node tells here of every connection that any server of this process takes. */
const CONNECTIONS = 'net.server.socket';
/** One that comes again sooner is not told again. */
const SAME_CONNECTION_MS = 1000;

/** How boards get here, and how far each of them came. */
export async function createReachService(deps: ReachDeps): Promise<CloudService<'reach.get' | 'reach.reopen', 'reach.state'>> {
  const { clock, settings, devices } = deps;
  const topic = new Topic<ReachState, ReachState>({ snapshot: state, retain: 8 });
  const progress = new ReachProgress(() => clock.wallMs());
  const queries = new Map<string, NameQuery>();
  let names: NameServer | null = null;

  function state(): ReachState {
    const { host } = deps.listenerSettings().listeners;
    const addresses = addressesOf(deps.listeners(), reachableHost(host));
    const gateway = deps.listeners().find(({ name, state: is }) => name === 'gateway' && is === 'listening');
    const isOutside = host !== '127.0.0.1' && host !== 'localhost' && host !== '::1';
    return {
      host,
      isHostFixed: host !== settings.get().listeners.host,
      interfaces: interfacesOf(host),
      addresses,
      summaryUrl: gateway === undefined || !isOutside ? null : `http://${reachableHost(host)}:${gateway.port}/addresses`,
      dns: {
        state: names === null ? 'off' : names.listener.state === 'listening' ? 'listening' : 'failed',
        port: names?.listener.port ?? settings.get().reach.dnsPort,
        ...(names?.listener.error !== undefined && { error: names.listener.error }),
        queries: [...queries.values()].reverse(),
      },
      boards: progress.boards(),
    };
  }

  const connected = new Map<string, number>();

  function onSocket(message: unknown): void {
    const { socket } = message as { socket: Socket };
    // Told by who ended it.
    if (socket.destroyed || socket.writableEnded) return;
    const { localPort, remoteAddress } = socket;
    const listener = deps.listeners().find(({ port, state: is }) => is === 'listening' && port === localPort);
    if (listener === undefined || remoteAddress === undefined) return;
    const address = remoteAddress.replace(/^::ffff:/, '');
    const key = `${listener.name} ${address}`;
    const nowMs = clock.wallMs();
    if (nowMs - (connected.get(key) ?? Number.NEGATIVE_INFINITY) < SAME_CONNECTION_MS) return;
    if (connected.size > MOST_QUERIES) connected.clear();
    connected.set(key, nowMs);
    deps.observer.event({ atUs: clock.nowUs(), kind: 'listener.connection', listener: listener.name, remoteAddress: address });
  }

  function told(query: { name: string; remoteAddress: string; answer: string | null }): void {
    const key = `${query.remoteAddress} ${query.name.toLowerCase()}`;
    const count = (queries.get(key)?.count ?? 0) + 1;
    queries.delete(key); // the newest is the last
    queries.set(key, { ...query, name: query.name.slice(0, 253), count, lastWallMs: clock.wallMs() });
    if (queries.size > MOST_QUERIES) queries.delete(queries.keys().next().value as string);
    if (query.answer !== null) progress.asked(query.remoteAddress, 'name');
    topic.publish(state());
  }

  return {
    async start({ http, settings: current }) {
      const { isDnsOn, dnsPort } = current().reach;
      const unmount = http.mount(summaryRoute(() => state().addresses));
      if (isDnsOn) {
        names = await startNames({
          host: current().listeners.host,
          port: dnsPort,
          names: () => settings.get().reach.dnsNames,
          address: () => settings.get().reach.dnsAddress,
          wallMs: () => clock.wallMs(),
          onQuery: told,
        });
      }
      const opened = names;
      subscribe(CONNECTIONS, onSocket);
      return {
        listeners: opened === null ? [] : [opened.listener],
        conversation: () => undefined,
        async close() {
          unsubscribe(CONNECTIONS, onSocket);
          unmount();
          names = null;
          await opened?.close();
        },
      };
    },
    observe(event) {
      if (!progress.observe(event)) return;
      if (event.kind === 'device.online') {
        const isIt = (one: { productId: string; deviceName: string }) =>
          one.productId === event.productId && one.deviceName === event.deviceName;
        const address = devices.list().find(isIt)?.connection?.address ?? null;
        if (address !== null) progress.isAt('twetalk', event, address);
      }
      topic.publish(state());
    },
    calls: {
      'reach.get': async () => state(),
      'reach.reopen': async () => {
        await deps.reopen();
        topic.publish(state());
        return state();
      },
    },
    streams: { 'reach.state': () => ({ topic, isState: true }) },
  };
}

/** What a board can be told: an address, where the listeners are open on all of them. */
function reachableHost(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return host;
  return interfacesOf(host).find(({ isLoopback }) => !isLoopback)?.address ?? '127.0.0.1';
}

/** IPv4 only: the boards' SDKs have no other. */
function interfacesOf(host: string): NetworkInterface[] {
  const isAll = host === '0.0.0.0' || host === '::';
  return Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    (list ?? [])
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, internal }) => ({ name, address, isLoopback: internal, isOpen: isAll || address === host })),
  );
}
