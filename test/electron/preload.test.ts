import { afterEach, expect, it, vi } from 'vitest';
import type { CoreState, DesktopBridge } from '../../preload/contract/desktop-bridge.ts';

const electron = vi.hoisted(() => ({
  contextBridge: { exposeInMainWorld: vi.fn<(name: string, bridge: unknown) => void>() },
  ipcRenderer: {
    invoke: vi.fn<(channel: string, argument?: unknown) => Promise<unknown>>(),
    on: vi.fn<(channel: string, listener: (...args: unknown[]) => void) => void>(),
    off: vi.fn(),
  },
}));
vi.mock('electron', () => electron);
const postMessage = vi.fn();
vi.stubGlobal('window', { postMessage, location: { origin: 'talkbench://app' } });

await import('../../preload/index.ts');
const [name, exposed] = electron.contextBridge.exposeInMainWorld.mock.calls[0] ?? [];
const bridge = exposed as DesktopBridge;
const listenerOf = (channel: string) => electron.ipcRenderer.on.mock.calls.findLast((call) => call[0] === channel)?.[1];
const portListener = listenerOf('talkbench:port');
const state = (name: CoreState['state']): CoreState => ({ state: name, restarts: 0, reason: null });

afterEach(() => vi.clearAllMocks());

it('gives the page four things and none of Electron', () => {
  expect(name).toBe('talkbench');
  expect(Object.keys(bridge)).toEqual(['platform', 'versions', 'requestPort', 'onCoreState', 'onBluetoothDevices', 'chooseBluetooth']);
});

it('asks for a port and passes it to its own page only', async () => {
  electron.ipcRenderer.invoke.mockResolvedValueOnce(true);
  expect(await bridge.requestPort('n1')).toBe(true);
  expect(electron.ipcRenderer.invoke).toHaveBeenCalledWith('talkbench:request-port', 'n1');
  portListener?.({ ports: ['port'] }, { type: 'talkbench:port', nonce: 'n1' });
  expect(postMessage).toHaveBeenCalledWith({ type: 'talkbench:port', nonce: 'n1' }, 'talkbench://app', ['port']);
});

it('tells the present state, then changes, never an older one after a newer', async () => {
  const answer = Promise.withResolvers<CoreState>();
  electron.ipcRenderer.invoke.mockReturnValueOnce(answer.promise);
  const told: string[] = [];
  const unregister = bridge.onCoreState((next) => told.push(next.state));
  const listener = listenerOf('talkbench:core-state');
  listener?.({}, state('ready'));
  answer.resolve(state('starting'));
  await answer.promise;
  expect(told).toEqual(['ready']);
  unregister();
  expect(electron.ipcRenderer.off).toHaveBeenCalledWith('talkbench:core-state', listener);
});
