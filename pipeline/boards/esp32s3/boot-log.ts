import type { AppImage } from './image.ts';
import type { Partition } from './partitions.ts';

/** Why the chip came out of reset, as the ROM prints it. */
export type ResetReason = 'POWERON' | 'RTC_SW_SYS_RST' | 'TG0WDT_SYS_RST';

const resetCodes: Record<ResetReason, string> = { POWERON: '0x1', RTC_SW_SYS_RST: '0x3', TG0WDT_SYS_RST: '0x7' };

/** One line of the log and when it comes, milliseconds after reset. */
export interface BootLine {
  atMs: number;
  text: string;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

function banner(reason: ResetReason, boot: string): string[] {
  return ['ESP-ROM:esp32s3-20210327', 'Build:Mar 27 2021', `rst:${resetCodes[reason]} (${reason}),boot:${boot}`];
}

export function downloadModeLog(reason: ResetReason): BootLine[] {
  return [...banner(reason, '0x0 (DOWNLOAD(USB/UART0))'), 'waiting for download'].map((text) => ({ atMs: 0, text }));
}

/** Blank or foreign flash: the ROM tries, complains, and its watchdog starts it over. */
export function invalidHeaderLog(reason: ResetReason, header: number): BootLine[] {
  const complaint = `invalid header: 0x${hex(header, 8)}`;
  return [...banner(reason, '0x8 (SPI_FAST_FLASH_BOOT)'), ...Array<string>(8).fill(complaint)].map((text, index) => ({
    atMs: index * 4,
    text,
  }));
}

/** How long the ROM's watchdog lets it complain. */
export const WATCHDOG_MS = 300;

/** ROM and second-stage boot loader of ESP-IDF, up to where they start the application or say why they cannot. */
export function bootLog(
  reason: ResetReason,
  bootloader: AppImage,
  partitions: Partition[] | null,
  app: { partition: Partition; image: AppImage } | null,
): BootLine[] {
  const lines: BootLine[] = [
    ...banner(reason, '0x8 (SPI_FAST_FLASH_BOOT)'),
    'SPIWP:0xee',
    'mode:DIO, clock div:1',
    ...bootloader.segments.map((segment) => `load:0x${hex(segment.address, 8)},len:0x${segment.length.toString(16)}`),
    `entry 0x${hex(bootloader.entry, 8)}`,
  ].map((text) => ({ atMs: 0, text }));
  let tick = 26;
  const log = (level: 'I' | 'E', tag: string, message: string): void => {
    const colour = level === 'E' ? 31 : 32;
    lines.push({ atMs: tick, text: `\x1b[0;${colour}m${level} (${tick}) ${tag}: ${message}\x1b[0m` });
    tick += 4;
  };
  log('I', 'boot', 'ESP-IDF v5.5 2nd stage bootloader');
  log('I', 'boot', 'compile time Nov 21 2026 09:00:00');
  log('I', 'boot', 'Multicore bootloader');
  log('I', 'boot', 'chip revision: v0.2');
  log('I', 'boot.esp32s3', 'Boot SPI Speed : 80MHz');
  log('I', 'boot.esp32s3', 'SPI Mode       : DIO');
  log('I', 'boot.esp32s3', 'SPI Flash Size : 8MB');
  log('I', 'boot', 'Enabling RNG early entropy source...');
  if (partitions === null) {
    log('E', 'flash_parts', 'partition 0 invalid magic number 0xffff');
    log('E', 'boot', 'Failed to verify partition table');
    log('E', 'boot', 'load partition table error!');
    return lines;
  }
  log('I', 'boot', 'Partition Table:');
  log('I', 'boot', '## Label            Usage          Type ST Offset   Length');
  for (const [index, { label, type, subtype, offset, length }] of partitions.entries()) {
    const usage = type === 0 ? 'factory app' : subtype === 2 ? 'WiFi data' : subtype === 1 ? 'RF data' : 'Unknown data';
    const row = [
      String(index).padStart(2),
      label.padEnd(16),
      usage.padEnd(16),
      hex(type, 2),
      hex(subtype, 2),
      hex(offset, 8),
      hex(length, 8),
    ];
    log('I', 'boot', row.join(' '));
  }
  log('I', 'boot', 'End of partition table');
  if (app === null) {
    log('E', 'boot', 'No bootable app partitions in the partition table');
    return lines;
  }
  for (const [index, { address, offset, length }] of app.image.segments.entries()) {
    const kind = address >= 0x3c000000 && address < 0x3d000000 ? 'map' : address >= 0x42000000 ? 'map' : 'load';
    log(
      'I',
      'esp_image',
      `segment ${index}: paddr=${hex(offset, 8)} vaddr=${hex(address, 8)} size=${hex(length, 5)}h (${String(length).padStart(6)}) ${kind}`,
    );
    tick += Math.round(length / 12_000);
  }
  if (!app.image.isDigestRight) {
    log('E', 'esp_image', 'Image hash failed - image is corrupt');
    log('E', 'boot', 'Factory app partition is not bootable');
    log('E', 'boot', 'No bootable app partitions in the partition table');
    return lines;
  }
  log('I', 'boot', `Loaded app from partition at offset 0x${app.partition.offset.toString(16)}`);
  log('I', 'boot', 'Disabling RNG early entropy source...');
  tick += 12;
  log('I', 'cpu_start', 'Multicore app');
  log('I', 'cpu_start', 'Pro cpu start user code');
  log('I', 'cpu_start', 'cpu freq: 240000000 Hz');
  log('I', 'app_init', 'Application information:');
  log('I', 'app_init', `Project name:     ${app.image.projectName}`);
  log('I', 'app_init', `App version:      ${app.image.version}`);
  log('I', 'app_init', `Compile time:     ${app.image.compiledAt}`);
  log('I', 'app_init', `ELF file SHA256:  ${app.image.elfSha256.slice(0, 9)}...`);
  log('I', 'app_init', `ESP-IDF:          ${app.image.idfVersion}`);
  log('I', 'heap_init', 'Initializing. RAM available for dynamic allocation:');
  log('I', 'heap_init', 'At 3FC9D1C8 len 0004C548 (305 KiB): RAM');
  log('I', 'spi_flash', 'detected chip: gd');
  log('I', 'spi_flash', 'flash io: dio');
  log('I', 'main_task', 'Started on CPU0');
  log('I', 'main_task', 'Calling app_main()');
  return lines;
}
