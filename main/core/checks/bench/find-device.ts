import { type DeviceName, isDeviceName } from '../../../../pipeline/gateways/devices.ts';
import type { VirtualBoard } from '../../../../preload/contract/boards.ts';
import type { DeviceState } from '../../../../preload/contract/device-state.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';

/**
 * Which device a board is: as a board in software knows itself, as the log says, or the only one whose connection comes from the address that
 * the log says the board has. Null where none of them tells: a guess would check another board.
 */
export function deviceOf(seen: {
  board: Pick<VirtualBoard, 'kind' | 'productId' | 'deviceName'> | undefined;
  facts: DeviceState['facts'];
  devices: readonly Pick<DeviceRecord, 'productId' | 'deviceName' | 'isOnline' | 'connection'>[];
}): DeviceName | null {
  const { board, facts, devices } = seen;
  const said = saidDevice(facts);
  if (said !== null) return said;
  if (board !== undefined && board.kind !== 'cat1' && board.kind !== 'bk7258') {
    const { productId, deviceName } = board;
    return { productId, deviceName };
  }
  const byName = devices.filter((device) => device.deviceName === facts.deviceName);
  const fromThere = devices.filter(({ isOnline, connection }) => isOnline && facts.ip !== undefined && connection?.address === facts.ip);
  for (const found of [byName, fromThere]) {
    const [only] = found;
    if (only !== undefined && found.length === 1) return { productId: only.productId, deviceName: only.deviceName };
  }
  return null;
}

/** As the log names it, whole. */
export function saidDevice(facts: DeviceState['facts']): DeviceName | null {
  const said = { productId: String(facts.productId ?? ''), deviceName: String(facts.deviceName ?? '') };
  return isDeviceName(said) ? said : null;
}
