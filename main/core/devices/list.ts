import { readdir } from 'node:fs/promises';
import { TalkError, type TalkErrorValue } from '../../../preload/contract/errors.ts';
import type { PortInfo } from '../../../preload/contract/ports.ts';
import type { ApprovedCommand } from './command-list.ts';
import { boardByUsb } from './usb-boards.ts';
import { identityOf, listUsbPorts } from './usb-ports.ts';

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
  /** Linux's own list has these too. */
  product?: string | undefined;
  location?: string | undefined;
  interface?: number | undefined;
}

/** UARTs of single-board computers, which are no USB devices: Raspberry Pi, Jetson, i.MX, Rockchip, USB gadget. */
const boardUart = /^tty(?:AMA|THS|mxc|FIQ|MSM|STM|gs|HS)\d+$/;

/** On Linux from sysfs: complete without udev, and without starting a program. Elsewhere the driver knows. */
async function listDriverPorts(): Promise<DriverPort[]> {
  if (process.platform === 'linux') {
    const names = await readdir('/sys/class/tty').catch(() => []);
    return [...(await listUsbPorts()), ...names.filter((name) => boardUart.test(name)).map((name) => ({ path: `/dev/${name}` }))];
  }
  const { SerialPort } = await import('serialport');
  return SerialPort.list();
}

/**
 * Local serial ports, then `others`: virtual boards, commands. Never throws: where the driver cannot list, `problem` is
 * 'port/list-unavailable' {missing}. `listDriver` is injectable for tests.
 */
export async function listPorts(others: readonly PortInfo[], listDriver: () => Promise<DriverPort[]> = listDriverPorts): Promise<PortList> {
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
function isUsable(port: DriverPort): boolean {
  return !(/^\/dev\/ttyS\d+$/.test(port.path) && port.vendorId === undefined && port.pnpId === undefined);
}

function infoOf(port: DriverPort): PortInfo {
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

/** `USB\VID_19D1&PID_0001&MI_02\…` on Windows, `…-if02` in udev's names. */
function interfaceIn(pnpId: string | undefined): number | undefined {
  const found = /&MI_([0-9a-f]{2})|-if([0-9a-f]{2})/i.exec(pnpId ?? '');
  const digits = found?.[1] ?? found?.[2];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
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
