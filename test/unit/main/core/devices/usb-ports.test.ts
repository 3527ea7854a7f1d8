import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listPorts } from '../../../../../main/core/devices/list.ts';
import { identityOf, listUsbPorts, locate, type UsbPort } from '../../../../../main/core/devices/usb-ports.ts';

let sysfs: string;

beforeEach(async () => {
  sysfs = await mkdtemp(join(tmpdir(), 'talkbench-sysfs-'));
  await mkdir(join(sysfs, 'class/tty/tty0'), { recursive: true });
  await mkdir(join(sysfs, 'class/tty/ttyS0'), { recursive: true });
});
afterEach(() => rm(sysfs, { recursive: true }));

/** A terminal of a USB device, laid out as Linux does: device, interface, and for bridges the port. */
async function plug(tty: string, where: string, usbInterface: number, facts: Record<string, string>): Promise<void> {
  const device = join(sysfs, 'devices/pci0/usb1', where);
  const port = join(device, `${where}:1.${usbInterface}`, ...(tty.startsWith('ttyUSB') ? [tty] : []));
  await mkdir(port, { recursive: true });
  for (const [name, value] of Object.entries(facts)) await writeFile(join(device, name), `${value}\n`);
  await writeFile(join(device, `${where}:1.${usbInterface}`, 'bInterfaceNumber'), `${usbInterface.toString(16).padStart(2, '0')}\n`);
  await mkdir(join(sysfs, 'class/tty', tty), { recursive: true });
  await symlink(port, join(sysfs, 'class/tty', tty, 'device'));
}

const espressif = {
  idVendor: '303a',
  idProduct: '1001',
  serial: 'F4:12:FA:00:11:22',
  manufacturer: 'Espressif',
  product: 'USB JTAG/serial debug unit',
  bNumInterfaces: '3',
};
const ch340 = { idVendor: '1a86', idProduct: '7523', product: 'USB Serial', bNumInterfaces: '1' };
const module = { idVendor: '19d1', idProduct: '0001', serial: '0123456789ABCDEF', product: 'Mobile Module', bNumInterfaces: '8' };

describe('USB ports from sysfs', () => {
  test('with their ids, serial numbers, sockets and interfaces; terminals and motherboard UARTs are none', async () => {
    await plug('ttyACM0', '1-1', 0, espressif);
    await plug('ttyUSB10', '1-2.4', 0, ch340);
    await plug('ttyUSB9', '1-2.3', 0, ch340);
    expect(await listUsbPorts(sysfs)).toEqual([
      {
        path: '/dev/ttyACM0',
        vendorId: '303a',
        productId: '1001',
        serialNumber: 'F4:12:FA:00:11:22',
        manufacturer: 'Espressif',
        product: 'USB JTAG/serial debug unit',
        location: '1-1',
        interface: 0,
      },
      expect.objectContaining({ path: '/dev/ttyUSB9', location: '1-2.3', interface: undefined }),
      expect.objectContaining({ path: '/dev/ttyUSB10', location: '1-2.4', interface: undefined }),
    ]);
  });

  test('the interfaces of an LTE module have their roles', async () => {
    for (const [tty, number] of [
      ['ttyACM0', 2],
      ['ttyACM1', 4],
      ['ttyACM2', 6],
    ] as const)
      await plug(tty, '1-3', number, module);
    const { ports } = await listPorts([], () => listUsbPorts(sysfs));
    expect(ports.map(({ address, role, board }) => [address, role, board])).toEqual([
      ['/dev/ttyACM0', 'log', 'LTE module'],
      ['/dev/ttyACM1', 'epat', 'LTE module'],
      ['/dev/ttyACM2', 'ppp', 'LTE module'],
    ]);
    expect(new Set(ports.map(({ identity }) => identity)).size).toBe(3);
  });

  test('without sysfs there are none', async () => expect(await listUsbPorts(join(sysfs, 'gone'))).toEqual([]));
});

describe('a board’s identity', () => {
  const board: Omit<UsbPort, 'path'> = { vendorId: '303a', productId: '1001', serialNumber: 'F4:12', location: '1-1' };

  test('is its serial number, wherever it is plugged in', () => {
    expect(identityOf(board)).toBe(identityOf({ ...board, location: '1-4.2' }));
    expect(identityOf(board)).not.toBe(identityOf({ ...board, serialNumber: 'F4:13' }));
    expect(identityOf(board)).not.toBe(identityOf({ ...board, interface: 4 }));
  });

  test.each([undefined, '0001', '0', '0123456789ABCDEF', '12345678'])(
    'is its socket when the serial number (%s) is everybody’s',
    (serialNumber) => {
      const two = ['1-1', '1-2'].map((location) => identityOf({ ...board, serialNumber, location }));
      expect(two[0]).not.toBe(two[1]);
    },
  );
});

describe('where a board is now', () => {
  const board: UsbPort = { path: '/dev/ttyUSB0', vendorId: '10c4', productId: 'ea60', serialNumber: 'ab12', location: '1-1' };
  const other: UsbPort = { ...board, serialNumber: 'cd34', location: '1-2' };
  const wanted = { identity: identityOf(board), location: '1-1' };
  const now = (...ports: UsbPort[]) => locate('/dev/ttyUSB0', wanted, async () => ports);

  test('under its path, or another', async () => {
    expect(await now(board)).toBe('/dev/ttyUSB0');
    expect(await now(other, { ...board, path: '/dev/ttyUSB3', location: '1-4' })).toBe('/dev/ttyUSB3');
  });

  test('nowhere, when another board has its path by now', async () => expect(await now(other)).toBeNull());

  test('in the same socket with another face: a ROM loader after a reset', async () => {
    expect(await now({ ...board, productId: '0009', serialNumber: undefined })).toBe('/dev/ttyUSB0');
  });

  test('its path, as long as nothing is there at all', async () => expect(await now()).toBe('/dev/ttyUSB0'));
});
