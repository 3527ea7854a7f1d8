import type { PortRole } from '../../../preload/contract/ports.ts';

/** What USB ids say of what is plugged in. `roles`: what each interface of a device with several is for. */
interface KnownUsb {
  board: string;
  roles?: Readonly<Record<number, PortRole>>;
  role?: PortRole;
}

/** By vendor and product, else by vendor. (Espressif's and the bridges' own tables; LTE modules: reference/cat1.md §2.) */
const known: Readonly<Record<string, KnownUsb>> = {
  '303a:1001': { board: 'ESP32 USB Serial/JTAG' },
  '303a:0002': { board: 'ESP32-S2 in its ROM loader', role: 'download' },
  '303a:0009': { board: 'ESP32-S3 in its ROM loader', role: 'download' },
  '303a:0012': { board: 'ESP32-P4 in its ROM loader', role: 'download' },
  '303a:4001': { board: 'ESP32 with TinyUSB' },
  '303a': { board: 'Espressif board' },
  '10c4:ea60': { board: 'CP210x' },
  '10c4:ea70': { board: 'CP2105' },
  '10c4:ea71': { board: 'CP2108' },
  '1a86:7523': { board: 'CH340' },
  '1a86:7522': { board: 'CH340K' },
  '1a86:5523': { board: 'CH341' },
  '1a86:55d3': { board: 'CH343' },
  '1a86:55d4': { board: 'CH9102' },
  '1a86:55d2': { board: 'CH342' },
  '1a86:55d5': { board: 'CH344' },
  '1a86:55d8': { board: 'CH9101' },
  '0403:6001': { board: 'FT232R' },
  '0403:6010': { board: 'FT2232H' },
  '0403:6011': { board: 'FT4232H' },
  '0403:6014': { board: 'FT232H' },
  '0403:6015': { board: 'FT231X' },
  '067b:2303': { board: 'PL2303' },
  '067b:23a3': { board: 'PL2303GC' },
  '2341': { board: 'Arduino' },
  '2e8a:000a': { board: 'Raspberry Pi Pico' },
  '2e8a:000c': { board: 'Debugprobe' },
  '0483:374b': { board: 'ST-Link' },
  '1366': { board: 'J-Link' },
  '0d28:0204': { board: 'DAPLink' },
  '17d1:0001': { board: 'LTE module in download mode', role: 'download' },
  '19d1:0001': { board: 'LTE module', roles: { 2: 'log', 3: 'log', 4: 'epat', 5: 'epat', 6: 'ppp', 7: 'ppp' } },
  '05c6:9330': { board: 'LTE module in download mode', role: 'download' },
};

/** Lower-case hexadecimal ids, four digits each. */
export function boardByUsb(
  vendorId: string | undefined,
  productId: string | undefined,
  interfaceNumber: number | undefined,
): { board?: string; role?: PortRole } {
  if (vendorId === undefined) return {};
  const found = known[`${vendorId}:${productId ?? ''}`] ?? known[vendorId];
  if (found === undefined) return {};
  const role = found.role ?? (interfaceNumber === undefined ? undefined : found.roles?.[interfaceNumber]);
  return { board: found.board, ...(role === undefined ? {} : { role }) };
}
