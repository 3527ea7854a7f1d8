import { afterEach, expect, it, vi } from 'vitest';
import type { CoreState, DesktopBridge } from '../../../../preload/contract/desktop-bridge.ts';
import type { ReconnectingClient } from '../../../../preload/contract/reconnecting.ts';
import { serverPortTransport } from '../../../../preload/contract/transports/message-port.ts';
import { connect, coreProcess } from '../../../../renderer/lib/connect.ts';
import { testEndpoint } from '../../../conformance/harness.ts';

/** As much of a window as the connection touches. */
class PageWindow extends EventTarget {
  readonly storage = new Map<string, string>();
  readonly sessionStorage = {
    getItem: (key: string) => this.storage.get(key) ?? null,
    setItem: (key: string, value: string) => void this.storage.set(key, value),
  };
  readonly history = { replaceState: vi.fn() };
  readonly location: { hash: string; origin: string };
  talkbench?: DesktopBridge;

  constructor(hash: string) {
    super();
    this.location = { hash, origin: 'http://127.0.0.1:1' };
  }

  receive(data: unknown, ports: MessagePort[], source: unknown = this): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data, ports, source }));
  }
}

let client: ReconnectingClient | null = null;
afterEach(() => {
  client?.close();
  vi.unstubAllGlobals();
});

const noBluetooth = { onBluetoothDevices: () => () => undefined, chooseBluetooth: async () => undefined };

const nextState = (of: ReconnectingClient) => new Promise<void>((resolve) => void of.onState(() => resolve()));

it('takes the port that carries its nonce and comes from its own page', async () => {
  const page = new PageWindow('');
  const endpoint = testEndpoint({});
  const foreign: MessagePort[] = [];
  let tell: (state: CoreState) => void = () => undefined;
  page.talkbench = {
    ...noBluetooth,
    platform: 'linux',
    versions: { electron: '', chrome: '', node: '' },
    async requestPort(nonce) {
      for (const [message, source] of [
        [{ type: 'talkbench:port', nonce: 'guessed' }, page],
        [{ type: 'talkbench:port', nonce }, {}],
        ['talkbench:port', page],
      ] as const) {
        const { port1, port2 } = new MessageChannel();
        foreign.push(port1);
        page.receive(message, [port2], source);
      }
      const { port1, port2 } = new MessageChannel();
      endpoint.accept(serverPortTransport(port2), { role: 'operator', host: 'electron' });
      page.receive({ type: 'talkbench:port', nonce }, [port1]);
      return true;
    },
    onCoreState(listener) {
      tell = listener;
      return () => undefined;
    },
  };
  vi.stubGlobal('window', page);
  client = connect();
  expect((await client.welcome).host).toBe('electron');
  expect(endpoint.connectionCount).toBe(1);

  const onChange = vi.fn();
  coreProcess.subscribe(onChange);
  tell({ state: 'degraded', restarts: 0, reason: null });
  expect([coreProcess.get()?.state, onChange.mock.calls.length]).toEqual(['degraded', 1]);
  for (const port of foreign) port.close();
});

it('tries again at once when a new core is ready', async () => {
  const page = new PageWindow('');
  let tell: (state: CoreState) => void = () => undefined;
  const requestPort = vi.fn(async () => false);
  page.talkbench = {
    ...noBluetooth,
    platform: 'linux',
    versions: { electron: '', chrome: '', node: '' },
    requestPort,
    onCoreState(listener) {
      tell = listener;
      return () => undefined;
    },
  };
  vi.stubGlobal('window', page);
  client = connect();
  await nextState(client);
  expect(client.state).toMatchObject({ state: 'lost', error: { data: { reason: 'no-core' } } });
  tell({ state: 'ready', restarts: 1, reason: 'SIGKILL' });
  expect(requestPort).toHaveBeenCalledTimes(2);
});

it('moves the token from the address bar into the tab, and finds it there after a reload', async () => {
  const offered: string[][] = [];
  vi.stubGlobal(
    'WebSocket',
    class extends EventTarget {
      constructor(_url: URL, protocols: string[]) {
        super();
        offered.push(protocols);
      }
    },
  );
  const page = new PageWindow('#token=abc-_1');
  vi.stubGlobal('window', page);
  connect();
  page.location.hash = '#/sessions';
  connect();
  expect(offered).toEqual([
    ['talkbench.v1', 'token.abc-_1'],
    ['talkbench.v1', 'token.abc-_1'],
  ]);
  expect(page.history.replaceState.mock.calls).toEqual([[null, '', '#/']]);
});

it('without a token asks nobody and does not retry', async () => {
  vi.stubGlobal('window', new PageWindow('#/sessions'));
  client = connect();
  await nextState(client);
  expect(client.state).toMatchObject({ state: 'lost', retryInMs: null, error: { code: 'forbidden', data: { reason: 'no-token' } } });
});
