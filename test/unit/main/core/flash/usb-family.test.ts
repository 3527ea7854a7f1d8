import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { familyByUsb, portInfoOf, requireFamily } from '../../../../../main/core/flash/usb-family.ts';
import type { PortInfo } from '../../../../../preload/contract/ports.ts';

function info(ids: string, address = '/dev/ttyUSB0'): PortInfo {
  const [vendorId, productId] = ids.split(':');
  return { address, kind: 'serial', label: address, ...(vendorId && productId ? { vendorId, productId } : {}) };
}

describe('what a port is by its USB ids', () => {
  it.each(['303a:1001', '303a:0002', '303a:0009', '303a:0012', '303a:4001'])('an ESP32: %s', (ids) => {
    expect(familyByUsb(info(ids))).toBe('esp');
  });

  it.each(['19d1:0001', '17d1:0001', '05c6:9330'])('an LTE module: %s', (ids) => {
    expect(familyByUsb(info(ids))).toBe('cat1');
  });

  it.each(['10c4:ea60', '1a86:7523', '1a86:55d3', '0403:6001', '067b:2303', '303a:1002', '05c6:9008', '2341:0043', ''])(
    'nothing certain, as bridges are: %s',
    (ids) => {
      expect(familyByUsb(info(ids))).toBeNull();
      for (const family of ['esp', 'cat1', 'bk7258'] as const) expect(() => requireFamily(info(ids), '/dev/ttyUSB0', family)).not.toThrow();
    },
  );

  it('is no word against a port that no system lists', () => {
    expect(() => requireFamily(null, 'socket://bench:4000', 'cat1')).not.toThrow();
  });

  it('is known by the name that macOS does not list', async () => {
    const listed = info('303a:1001', '/dev/tty.usbmodem101');
    expect(await portInfoOf([info('19d1:0001', '/dev/tty.usbmodem1'), listed], '/dev/cu.usbmodem101')).toBe(listed);
  });

  it('is known by another name of the same port', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'talkbench-ports-'));
    try {
      const port = join(folder, 'ttyACM0');
      await writeFile(port, '');
      await symlink('ttyACM0', join(folder, 'usb-Espressif_JTAG'));
      const listed = info('303a:1001', port);
      expect(await portInfoOf([listed], join(folder, 'usb-Espressif_JTAG'))).toBe(listed);
      expect(await portInfoOf([listed], 'COM3')).toBeNull();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
