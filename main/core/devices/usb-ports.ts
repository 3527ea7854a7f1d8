import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A serial port and the USB device behind it. Ids are four lower-case hexadecimal digits. */
export interface UsbPort {
  path: string;
  vendorId: string;
  productId: string;
  serialNumber?: string | undefined;
  manufacturer?: string | undefined;
  product?: string | undefined;
  /** Where it is plugged in: bus and ports, '1-1.2'. */
  location?: string | undefined;
  /** Number of the interface, of a device with several. */
  interface?: number | undefined;
}

/** Serial numbers that a vendor programs into every device, or that nobody programmed. */
const worthlessSerial = /^(?:0*[01]?|0123456789(?:abcdef)?|12345678(?:90)?|0*ffff+|x+)$/i;

/**
 * The same for the same interface of the same device, whatever path it enumerates under. A device that has no number of its own
 * is known by where it is plugged in.
 */
export function identityOf({ vendorId, productId, serialNumber, location, interface: number }: Omit<UsbPort, 'path'>): string {
  const serial = serialNumber === undefined || worthlessSerial.test(serialNumber) ? `@${location ?? '?'}` : serialNumber;
  return `usb:${vendorId}:${productId}:${serial}${number === undefined ? '' : `:if${number}`}`;
}

/** How far above a terminal its USB device can stand in sysfs: port, interface, device. */
const MAX_STEPS = 5;

/** The serial ports that are USB devices, from sysfs: fast enough to ask twice a second. Linux only; empty elsewhere. */
export async function listUsbPorts(sysfs = '/sys', devices = '/dev'): Promise<UsbPort[]> {
  const names = await readdir(join(sysfs, 'class/tty')).catch(() => []);
  const found = await Promise.all(names.filter((name) => !/^tty\d*$/.test(name)).map((name) => usbPortOf(name, sysfs, devices)));
  return found.filter((port) => port !== null).sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
}

async function usbPortOf(name: string, sysfs: string, devices: string): Promise<UsbPort | null> {
  let folder = await realpath(join(sysfs, 'class/tty', name, 'device')).catch(() => null);
  let interfaceNumber: string | null = null;
  for (let step = 0; folder !== null && step < MAX_STEPS; step++) {
    interfaceNumber ??= await fact(folder, 'bInterfaceNumber');
    const vendorId = await fact(folder, 'idVendor');
    if (vendorId !== null) {
      const count = Number(await fact(folder, 'bNumInterfaces'));
      const number = interfaceNumber === null ? undefined : Number.parseInt(interfaceNumber, 16);
      return {
        path: join(devices, name),
        vendorId: vendorId.toLowerCase(),
        productId: (await fact(folder, 'idProduct'))?.toLowerCase() ?? '',
        serialNumber: (await fact(folder, 'serial')) ?? undefined,
        manufacturer: (await fact(folder, 'manufacturer')) ?? undefined,
        product: (await fact(folder, 'product')) ?? undefined,
        location: basename(folder),
        // A CDC port is two interfaces; what has more than that is several ports.
        interface: count > 2 ? number : undefined,
      };
    }
    folder = dirname(folder);
  }
  return null;
}

async function fact(folder: string, name: string): Promise<string | null> {
  const text = await readFile(join(folder, name), 'utf8').catch(() => null);
  return text === null || text.trim() === '' ? null : text.trim();
}

/** `USB\VID_19D1&PID_0001&MI_02\…` on Windows, `…-if02` in udev's names. */
export function interfaceIn(pnpId: string | undefined): number | undefined {
  const found = /&MI_([0-9a-f]{2})|-if([0-9a-f]{2})/i.exec(pnpId ?? '');
  const digits = found?.[1] ?? found?.[2];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** What of the driver's answer is used. */
export interface DriverPort {
  path: string;
  manufacturer?: string | undefined;
  serialNumber?: string | undefined;
  pnpId?: string | undefined;
  locationId?: string | undefined;
  vendorId?: string | undefined;
  productId?: string | undefined;
}

export async function listByDriver(): Promise<DriverPort[]> {
  const { SerialPort } = await import('serialport');
  return SerialPort.list();
}

/** The same on every system. Where the driver cannot list, boards are known by their path alone. */
async function usbPorts(): Promise<UsbPort[]> {
  if (process.platform === 'linux') return listUsbPorts();
  const found = await listByDriver().catch(() => []);
  return found.flatMap(({ path, vendorId, productId = '', serialNumber, locationId, pnpId }) => {
    if (vendorId === undefined) return [];
    const ids = { vendorId: vendorId.toLowerCase(), productId: productId.toLowerCase() };
    return [{ path, ...ids, serialNumber, location: locationId, interface: interfaceIn(pnpId) }];
  });
}

/** What a port was, so that it is found again. */
export interface PortIdentity {
  identity: string;
  location: string | undefined;
}

export async function identify(path: string, list: () => Promise<UsbPort[]> = usbPorts): Promise<PortIdentity | null> {
  const real = await realpath(path).catch(() => path);
  const port = (await list()).find((candidate) => candidate.path === real || candidate.path === path);
  return port === undefined ? null : { identity: identityOf(port), location: port.location };
}

/**
 * Where a board is now. Under another path than before: that one. Not there: null, also when another board has its path by now.
 * A board with another face (a ROM loader's ids after a reset) in the same socket is the same board.
 */
export async function locate(path: string, wanted: PortIdentity, list: () => Promise<UsbPort[]> = usbPorts): Promise<string | null> {
  const ports = await list();
  const same = ports.find((port) => identityOf(port) === wanted.identity);
  if (same !== undefined) return same.path;
  const real = await realpath(path).catch(() => path);
  const there = ports.find((port) => port.path === real);
  if (there === undefined) return path; // no USB device, or none at all: opening says so
  return there.location !== undefined && there.location === wanted.location ? path : null;
}
