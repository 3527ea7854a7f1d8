import { readdir } from 'node:fs/promises';
import { TalkError, type TalkErrorValue } from '../../../preload/contract/errors.ts';
import type { PortInfo } from '../../../preload/contract/ports.ts';
import type { ApprovedCommand } from './command-list.ts';
import { boardByUsb } from './usb-boards.ts';
import { type DriverPort, identityOf, interfaceIn, listByDriver, listUsbPorts } from './usb-ports.ts';

export interface PortList {
  ports: PortInfo[];
  /** Local serial ports could not be listed; the rest could. */
  problem?: TalkErrorValue;
}

/** A port as it was found. Linux's own list knows more of it than the driver's. */
type FoundPort = DriverPort & { product?: string | undefined; location?: string | undefined; interface?: number | undefined };

/** UARTs of single-board computers, which are no USB devices: Raspberry Pi, Jetson, i.MX, Rockchip, USB gadget. */
const boardUart = /^tty(?:AMA|THS|mxc|FIQ|MSM|STM|gs|HS)\d+$/;

/** On Linux from sysfs: complete without udev, and without starting a program. Elsewhere the driver knows. */
async function listDriverPorts(): Promise<FoundPort[]> {
  if (process.platform === 'linux') {
    const names = await readdir('/sys/class/tty').catch(() => []);
    return [...(await listUsbPorts()), ...names.filter((name) => boardUart.test(name)).map((name) => ({ path: `/dev/${name}` }))];
  }
  return listByDriver();
}

/**
 * Local serial ports, then `others`: virtual boards, commands. Never throws: where the driver cannot list, `problem` is
 * 'port/list-unavailable' {missing}. `listDriver` is injectable for tests.
 */
export async function listPorts(others: readonly PortInfo[], listDriver: () => Promise<FoundPort[]> = listDriverPorts): Promise<PortList> {
  try {
    const found = await listDriver();
    return { ports: [...found.filter(isUsable).map(infoOf), ...others] };
  } catch (error) {
    const isMissingTool = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const data = isMissingTool ? { missing: 'udev' } : { missing: 'unknown', reason: error instanceof Error ? error.name : typeof error };
    return { ports: [...others], problem: new TalkError('port/list-unavailable', data, { cause: error }).value };
  }
}

/** Motherboard UARTs that Linux names whether or not they exist (no USB identity) only hide the boards. */
function isUsable(port: FoundPort): boolean {
  return !(/^\/dev\/ttyS\d+$/.test(port.path) && port.vendorId === undefined && port.pnpId === undefined);
}

function infoOf(port: FoundPort): PortInfo {
  const { path, manufacturer, serialNumber, product } = port;
  const vendorId = port.vendorId?.toLowerCase();
  const productId = port.productId?.toLowerCase();
  const location = port.location ?? port.locationId;
  const interfaceNumber = port.interface ?? interfaceIn(port.pnpId);
  const { board, role } = boardByUsb(vendorId, productId, interfaceNumber);
  const usb = { vendorId: vendorId ?? '', productId: productId ?? '', serialNumber, location, interface: interfaceNumber };
  return {
    address: path,
    kind: 'serial',
    label: product ?? board ?? manufacturer ?? path,
    identity: vendorId === undefined ? path : identityOf(usb),
    ...(vendorId === undefined ? {} : { vendorId }),
    ...(productId === undefined ? {} : { productId }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(location === undefined ? {} : { location }),
    ...(interfaceNumber === undefined ? {} : { interface: interfaceNumber }),
    ...(board === undefined ? {} : { board }),
    ...(role === undefined ? {} : { role }),
  };
}

export function commandPorts(commands: readonly ApprovedCommand[]): PortInfo[] {
  return commands.map(({ name, argv, description }) => ({
    address: `command://${name}`,
    kind: 'command',
    label: name,
    identity: `command://${name}`,
    description: description ?? argv.join(' '),
  }));
}
