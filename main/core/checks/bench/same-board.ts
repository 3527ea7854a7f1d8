import { realpath } from 'node:fs/promises';
import type { DeviceName } from '../../../../pipeline/gateways/devices.ts';
import type { VirtualBoard } from '../../../../preload/contract/boards.ts';
import type { DeviceState } from '../../../../preload/contract/device-state.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';
import type { PortState } from '../../../../preload/contract/ports.ts';
import type { Identify } from '../run-bench.ts';
import { deviceOf } from './find-device.ts';

export interface SameBoardDeps {
  boards: { list(): readonly VirtualBoard[] };
  devices: { list(): readonly Pick<DeviceRecord, 'productId' | 'deviceName' | 'isOnline' | 'connection'>[] };
  /** What the log has told of the board that is on a port now. */
  told(port: string): DeviceState['facts'];
  portStates(): readonly Pick<PortState, 'address' | 'devicePath' | 'state'>[];
}

/** Which board somebody means, however it was named, as far as it is known before its port is open. */
export function createIdentify({ boards, devices, told, portStates }: SameBoardDeps): Identify {
  return async ({ port, device }) => {
    const held = portStates().find(({ address }) => address === port);
    const path = port === null ? null : await onePath(held?.devicePath ?? port);
    const paths = [port, path];
    const board = boards
      .list()
      .find((each) => (port === null ? isSameDevice(each, device) : paths.includes(each.address) || paths.includes(each.ptyPath)));
    // What a log told of a port that has been let go since may be of another board.
    const open = portStates().find(({ address, state }) => paths.includes(address) && (state === 'open' || state === 'yielded'));
    const facts = open === undefined ? {} : told(open.address);
    return {
      port: board?.address ?? path,
      device: device ?? deviceOf({ board, facts, devices: devices.list() }),
    };
  };
}

function isSameDevice(one: DeviceName, other: DeviceName | null): boolean {
  return one.productId === other?.productId && one.deviceName === other.deviceName;
}

/** Of names of one port: links (/dev/serial/by-id/…) lead to where they point, Windows asks for no capitals. */
async function onePath(port: string): Promise<string> {
  if (port.startsWith('/')) return realpath(port).catch(() => port);
  return /^(?:\\\\\.\\)?(com\d+)$/iu.exec(port)?.[1]?.toUpperCase() ?? port;
}
