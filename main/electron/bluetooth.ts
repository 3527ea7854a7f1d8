import type { App, WebContents } from 'electron';
import { type BluetoothChoice, channels } from '../../preload/contract/desktop-bridge.ts';
import { isPageUrl } from './page-protocol.ts';

const choosers = new WeakMap<WebContents, { known: ReadonlySet<string>; choose(deviceId: string): void }>();

/** Chromium has Web Bluetooth on Linux and keeps it off. Before the app is ready, or it is too late. */
export function enableBluetooth({ commandLine }: Pick<App, 'commandLine'>, platform: NodeJS.Platform): void {
  if (platform === 'linux') commandLine.appendSwitch('enable-blink-features', 'WebBluetooth');
}

/**
 * Web Bluetooth for our own page only, and only for what its user picks: Electron brings no list of devices, so the page shows one.
 * Called again with a longer list while the search goes on.
 */
export function offerBluetooth(contents: WebContents): void {
  contents.on('select-bluetooth-device', (event, devices, choose) => {
    event.preventDefault();
    if (!isPageUrl(contents.getURL())) return choose('');
    const found: BluetoothChoice[] = devices.map(({ deviceId, deviceName }) => ({ deviceId, deviceName }));
    choosers.set(contents, { known: new Set(found.map(({ deviceId }) => deviceId)), choose });
    contents.send(channels.bluetoothDevices, found);
  });
}

/** The page's answer: one of the devices it was shown, or nothing. */
export function chooseBluetooth(contents: WebContents, deviceId: unknown): void {
  const chooser = choosers.get(contents);
  choosers.delete(contents);
  chooser?.choose(typeof deviceId === 'string' && chooser.known.has(deviceId) ? deviceId : '');
}
