import type { DeviceState } from '../../../preload/contract/device-state.ts';
import { type Fold, useSharedStream } from '../../lib/shared-stream.ts';

const fold: Fold<'logs.deviceStates', ReadonlyMap<string, DeviceState>> = {
  start: (snapshot) => new Map(snapshot.map((device) => [device.port, device])),
  apply: (state, items) => new Map([...state, ...items.map((device): [string, DeviceState] => [device.port, device])]),
};

/** What the boards' logs say of them, by port. */
export function useDeviceStates(): ReadonlyMap<string, DeviceState> | null {
  return useSharedStream('logs.deviceStates', {}, fold);
}
