import { randomBytes } from 'node:crypto';
import { bindToCloud } from '../../../pipeline/boards/wifi-setup/bind.ts';
import type { AirNetwork, SetupBoardOptions } from '../../../pipeline/boards/wifi-setup/board.ts';
import { createLlsyncBoard, type LlsyncBoard } from '../../../pipeline/boards/wifi-setup/llsync-board.ts';
import { type SoftApBoard, startSoftApBoard } from '../../../pipeline/boards/wifi-setup/softap-board.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { WifiSetupFault } from '../../../preload/contract/wifi-setup.ts';
import type { Devices } from '../devices/registry.ts';
import { VIRTUAL_PRODUCT } from '../devices/virtual-boards.ts';
import { type BleRadio, lost } from './radio.ts';

export interface VirtualWifiBoards {
  /** A board in setup mode that the given network will let in. */
  softAp(fault: WifiSetupFault | undefined, network: AirNetwork): Promise<SoftApBoard>;
  /** The same with Bluetooth, and a radio that is connected to it alone. */
  ble(fault: WifiSetupFault | undefined, network: AirNetwork): Promise<BleRadio & Disposable>;
}

export interface VirtualWifiBoardsDeps {
  clock: Clock;
  devices: Pick<Devices, 'put'>;
  /** Where a board's MQTT connects to; null while nothing listens. */
  broker: () => { host: string; port: number } | null;
}

/** What the cloud's side of the SDK says when it cannot be reached. */
const UNREACHABLE = 408;

/** Boards in software as the counterpart of a Wi-Fi setup. They are devices of the lab, and come to its broker. */
export function createVirtualWifiBoards({ clock, devices, broker }: VirtualWifiBoardsDeps): VirtualWifiBoards {
  async function boardOptions(deviceName: string, fault: WifiSetupFault | undefined, network: AirNetwork): Promise<SetupBoardOptions> {
    const device = {
      productId: VIRTUAL_PRODUCT,
      deviceName,
      secret: randomBytes(16).toString('base64'),
    };
    await devices.put(device.productId, device.deviceName, device.secret);
    const { secret: _, ...name } = device;
    return {
      clock,
      device: name,
      network,
      fault,
      bind: async (token, signal) => {
        const found = broker();
        return found === null ? UNREACHABLE : bindToCloud({ broker: found, device, token, signal });
      },
    };
  }
  return {
    softAp: async (fault, network) => startSoftApBoard(await boardOptions('wifi-softap', fault, network)),
    async ble(fault, network) {
      const board = createLlsyncBoard(await boardOptions('wifi-ble', fault, network));
      return { ...radioTo(board), [Symbol.dispose]: () => board.close() };
    },
  };
}

/** A radio that reaches one board of this process. */
export function radioTo(board: LlsyncBoard): BleRadio {
  return {
    name: board.name,
    async open({ onNotify, onLost }, signal) {
      signal.throwIfAborted();
      let isLost = false;
      const connection = board.connect(onNotify, () => {
        isLost = true;
        onLost();
      });
      if (connection === null) throw lost('taken');
      return {
        async write(data) {
          signal.throwIfAborted();
          if (isLost) throw lost('disconnected');
          connection.write(data);
        },
        close: async () => connection.disconnect(),
      };
    },
  };
}
