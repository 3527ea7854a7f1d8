import { TalkError, type TalkErrorValue } from '../../../preload/contract/errors.ts';
import type { PortInfo } from '../../../preload/contract/ports.ts';

export interface PortList {
  ports: PortInfo[];
  /** Local serial ports could not be listed; the rest could. */
  problem?: TalkErrorValue;
}

/** What of the driver's answer is used. */
interface DriverPort {
  path: string;
  manufacturer?: string | undefined;
  serialNumber?: string | undefined;
  pnpId?: string | undefined;
  locationId?: string | undefined;
  vendorId?: string | undefined;
  productId?: string | undefined;
}

async function listDriverPorts(): Promise<DriverPort[]> {
  const { SerialPort } = await import('serialport');
  return SerialPort.list();
}

/**
 * Local serial ports, then `virtual`. Never throws: on a Linux without udev, whose `udevadm` the driver asks, `problem` is
 * `port/list-unavailable` {missing: 'udev'}. `listDriver` is injectable for tests.
 */
export async function listPorts(
  virtual: readonly PortInfo[],
  listDriver: () => Promise<DriverPort[]> = listDriverPorts,
): Promise<PortList> {
  try {
    const found = await listDriver();
    return { ports: [...found.filter(isUsable).map(infoOf), ...virtual] };
  } catch (error) {
    const isMissingTool = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const data = isMissingTool ? { missing: 'udev' } : { missing: 'unknown', reason: error instanceof Error ? error.name : typeof error };
    return { ports: [...virtual], problem: new TalkError('port/list-unavailable', data, { cause: error }).value };
  }
}

/** Motherboard UARTs that Linux names whether or not they exist (no USB identity) only hide the boards. */
function isUsable(port: DriverPort): boolean {
  return !(/^\/dev\/ttyS\d+$/.test(port.path) && port.vendorId === undefined && port.pnpId === undefined);
}

function infoOf(port: DriverPort): PortInfo {
  const { path, manufacturer, serialNumber, locationId, vendorId, productId } = port;
  return {
    address: path,
    kind: 'serial',
    label: manufacturer ?? path,
    ...(vendorId === undefined ? {} : { vendorId: vendorId.toLowerCase() }),
    ...(productId === undefined ? {} : { productId: productId.toLowerCase() }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(locationId === undefined ? {} : { location: locationId }),
  };
}
