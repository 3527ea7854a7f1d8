import { useCallback } from 'react';
import type { DeviceState } from '../../../preload/contract/device-state.ts';
import { type Fold, useSharedNow, useSharedPart, useSharedStream } from '../../lib/shared-stream.ts';

type DeviceStates = ReadonlyMap<string, DeviceState>;

const fold: Fold<'logs.deviceStates', DeviceStates> = {
  start: (snapshot) => new Map(snapshot.map((device) => [device.port, device])),
  apply: (state, items) => new Map([...state, ...items.map((device): [string, DeviceState] => [device.port, device])]),
};

/** What the boards' logs say of them, by port. */
export function useDeviceStates(): DeviceStates | null {
  return useSharedStream('logs.deviceStates', {}, fold);
}

/** One fact of them, a primitive: they change with what the boards print, and whoever shows one fact need not follow all. */
export function useDeviceFact<Fact extends string | number | null>(pick: (devices: DeviceStates) => Fact): Fact {
  return useSharedPart('logs.deviceStates', {}, fold, (devices) => pick(devices ?? noDevices));
}

/** As they are when something is done. */
export function useDevicesNow(): () => DeviceStates {
  const now = useSharedNow('logs.deviceStates', {}, fold);
  return useCallback(() => now() ?? noDevices, [now]);
}

const noDevices: DeviceStates = new Map();
