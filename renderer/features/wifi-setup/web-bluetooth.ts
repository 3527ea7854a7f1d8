import { llsyncUuids } from '../../../preload/contract/llsync-uuids.ts';

/** The part of Web Bluetooth that is used; TypeScript's library does not have it. */
export interface BleDevice extends EventTarget {
  readonly id: string;
  readonly name?: string;
  readonly gatt?: { connect(): Promise<GattServer>; disconnect(): void };
}
interface GattServer {
  getPrimaryService(service: string): Promise<{ getCharacteristic(characteristic: string): Promise<GattCharacteristic> }>;
}
export interface GattCharacteristic extends EventTarget {
  readonly value?: DataView;
  startNotifications(): Promise<unknown>;
  writeValueWithResponse(data: Uint8Array<ArrayBuffer>): Promise<void>;
}
interface WebBluetooth extends EventTarget {
  getAvailability(): Promise<boolean>;
  requestDevice(options: { filters: { services: (string | number)[] }[]; optionalServices: string[] }): Promise<BleDevice>;
}

function webBluetooth(): WebBluetooth | undefined {
  return (navigator as Navigator & { bluetooth?: WebBluetooth }).bluetooth;
}

/** Hears when a radio was plugged in, switched on, or is gone. Returns its unregister. */
export function onBluetoothChange(listener: () => void): () => void {
  const bluetooth = webBluetooth();
  bluetooth?.addEventListener('availabilitychanged', listener);
  return () => bluetooth?.removeEventListener('availabilitychanged', listener);
}

/** Whether this window has a Bluetooth radio that can be used. */
export async function hasBluetooth(): Promise<boolean> {
  try {
    return (await webBluetooth()?.getAvailability()) ?? false;
  } catch {
    return false;
  }
}

/**
 * Lets the user choose among the boards that advertise Wi-Fi setup. To be called from a click, or the browser refuses. Null when
 * nothing was chosen.
 */
export async function chooseBoard(): Promise<BleDevice | null> {
  try {
    const filters = [{ services: [llsyncUuids.advertised] }, { services: [llsyncUuids.service] }];
    return (await webBluetooth()?.requestDevice({ filters, optionalServices: [llsyncUuids.service] })) ?? null;
  } catch (error) {
    // What every browser calls it when the list was closed, or stayed empty.
    if (error instanceof DOMException && (error.name === 'NotFoundError' || error.name === 'AbortError')) return null;
    throw error;
  }
}
