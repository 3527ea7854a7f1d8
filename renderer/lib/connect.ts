import type { CoreState, DesktopBridge, PortMessage } from '../../preload/contract/desktop-bridge.ts';
import { createReconnectingClient, type ReconnectingClient } from '../../preload/contract/reconnecting.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';
import { clientPortTransport } from '../../preload/contract/transports/message-port.ts';
import { openWebSocket } from './websocket-transport.ts';

declare global {
  interface Window {
    /** Set by the preload script in the desktop host; absent in a browser. */
    readonly talkbench?: DesktopBridge;
  }
}

const PORT_TIMEOUT_MS = 5000;
const TOKEN_KEY = 'talkbench.token';

/** The page's one connection to the core, over whatever the host offers. */
export function connect(): ReconnectingClient {
  const bridge = window.talkbench;
  if (bridge !== undefined) return connectThroughBridge(bridge);
  const token = takeToken();
  return createReconnectingClient(async () => {
    if (token === null) throw new TalkError('forbidden', { reason: 'no-token' });
    return openWebSocket(window.location.origin, token);
  });
}

let hostCoreState: CoreState | null = null;
const coreStateListeners = new Set<() => void>();

/**
 * How the desktop host says the core's process fares (restarts, why it last ended), for useSyncExternalStore. Null in a browser,
 * where the connection's own state is all there is to know.
 */
export const coreProcess = {
  get: (): CoreState | null => hostCoreState,
  subscribe(listener: () => void): () => void {
    coreStateListeners.add(listener);
    return () => void coreStateListeners.delete(listener);
  },
};

/** A restarted core has a new port; asking again is what fetches it, so there is no reason to wait once it is ready. */
function connectThroughBridge(bridge: DesktopBridge): ReconnectingClient {
  const client = createReconnectingClient(async () => clientPortTransport(await takePort(bridge)));
  bridge.onCoreState((state) => {
    hostCoreState = state;
    for (const listener of coreStateListeners) listener();
    if (state.state === 'ready') client.retryNow();
  });
  return client;
}

/** Waits for the port that carries our nonce: any script of any frame can post a message here. */
async function takePort(bridge: DesktopBridge): Promise<MessagePort> {
  const nonce = crypto.randomUUID();
  const arrived = Promise.withResolvers<MessagePort>();
  arrived.promise.catch(() => undefined); // it may time out before anyone waits for it
  const onMessage = (event: MessageEvent<unknown>) => {
    const port = event.ports[0];
    if (event.source === window && isPortMessage(event.data, nonce) && port !== undefined) arrived.resolve(port);
  };
  window.addEventListener('message', onMessage);
  const timer = setTimeout(() => arrived.reject(new TalkError('disconnected', {}, { retryable: true })), PORT_TIMEOUT_MS);
  try {
    if (!(await bridge.requestPort(nonce))) throw new TalkError('disconnected', { reason: 'no-core' }, { retryable: true });
    return await arrived.promise;
  } finally {
    clearTimeout(timer);
    window.removeEventListener('message', onMessage);
  }
}

function isPortMessage(data: unknown, nonce: string): data is PortMessage {
  return (
    typeof data === 'object' && data !== null && 'type' in data && data.type === 'talkbench:port' && 'nonce' in data && data.nonce === nonce
  );
}

/** Takes the token out of the address bar, so that a copied link does not carry it; a reload finds it in the tab's storage. */
function takeToken(): string | null {
  const found = /^#token=([\w-]+)$/.exec(window.location.hash)?.[1];
  if (found === undefined) return window.sessionStorage.getItem(TOKEN_KEY);
  window.sessionStorage.setItem(TOKEN_KEY, found);
  window.history.replaceState(null, '', '#/');
  return found;
}
