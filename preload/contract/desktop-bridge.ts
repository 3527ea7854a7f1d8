/**
 * starting: being started, or waiting to be · ready: answers · degraded: has not answered its heartbeat lately · stopped:
 * gave up, or was told to stop. `reason` names the last exit: 'exit 1', 'SIGKILL', 'oom', 'start-timeout', 'no-heartbeat'.
 */
export interface CoreState {
  state: 'starting' | 'ready' | 'degraded' | 'stopped';
  restarts: number;
  reason: string | null;
}

/** Between the preload script and the main process; nothing else uses Electron's own IPC. */
export const channels = {
  requestPort: 'talkbench:request-port',
  port: 'talkbench:port',
  coreState: 'talkbench:core-state',
  bluetoothDevices: 'talkbench:bluetooth-devices',
  chooseBluetooth: 'talkbench:choose-bluetooth',
} as const;

/** A Bluetooth device that was found. The name is the device's own word. */
export interface BluetoothChoice {
  deviceId: string;
  deviceName: string;
}

/** The window message that brings the port, in `event.ports[0]`. */
export interface PortMessage {
  type: 'talkbench:port';
  nonce: string;
}

/** What the desktop host's preload script gives the page, as `window.talkbench`. */
export interface DesktopBridge {
  readonly platform: string;
  readonly versions: { electron: string; chrome: string; node: string };
  /**
   * Asks for a port to the core itself; the main process relays nothing. The port arrives as a window message `PortMessage`
   * with the same nonce, because contextBridge cannot carry ports. Resolves to whether one is on its way: not while the core
   * is down.
   */
  requestPort(nonce: string): Promise<boolean>;
  /** Called with the present state and at every change. Returns its unregister: a wrapped function cannot be matched for `off`. */
  onCoreState(listener: (state: CoreState) => void): () => void;
  /** While `navigator.bluetooth.requestDevice` searches: all devices found so far. Returns its unregister. */
  onBluetoothDevices(listener: (devices: readonly BluetoothChoice[]) => void): () => void;
  /** Ends the search with one of them; with anything else nothing is chosen. */
  chooseBluetooth(deviceId: string): Promise<void>;
}
