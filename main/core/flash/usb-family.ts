import { realpath } from 'node:fs/promises';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { FlashFamily } from '../../../preload/contract/flash.ts';
import type { PortInfo } from '../../../preload/contract/ports.ts';
import { isDownloadPort, isRunPort } from './cat1/ports.ts';

const ESPRESSIF = '303a';
/** Espressif's USB bridge (ESP-Prog 2, or any ESP32-S3 with its firmware), behind which may be anything. */
const ESPRESSIF_BRIDGE = '1002';

const titles: Readonly<Record<FlashFamily, string>> = { esp: 'ESP32', cat1: 'LTE module', bk7258: 'BK7258' };

/** What a USB device certainly is, by its ids. Null for a USB-UART bridge and whatever else nothing is known of. */
export function familyByUsb(info: PortInfo): FlashFamily | null {
  if (isRunPort(info) || isDownloadPort(info)) return 'cat1';
  return info.vendorId === ESPRESSIF && info.productId !== ESPRESSIF_BRIDGE ? 'esp' : null;
}

/** The port in a list of them, also by another name of it, as those of /dev/serial/by-id are. */
export async function portInfoOf(ports: readonly PortInfo[], address: string): Promise<PortInfo | null> {
  const path = await realpath(address).catch(() => address);
  // macOS has two names for each, and lists one.
  const listed = [address, path, address.replace('/dev/cu.', '/dev/tty.')];
  return ports.find((info) => listed.includes(info.address)) ?? null;
}

/** A module would take a loader's requests for its console, and what resets one board does something else to another. Fails with `flash/wrong-port`. */
export function requireFamily(info: PortInfo | null, address: string, wanted: FlashFamily): void {
  const found = info === null ? null : familyByUsb(info);
  if (found !== null && found !== wanted)
    throw new TalkError('flash/wrong-port', { address, expected: titles[wanted], actual: titles[found] });
}
