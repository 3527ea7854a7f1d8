import { type AppDescriptor, type FirmwareImage, readImage } from './firmware-image.ts';
import type { FlashMemory } from './flash-memory.ts';
import { PARTITION_TABLE_BYTES, PARTITION_TABLE_OFFSET, type Partition, readPartitionTable } from './partition-table.ts';

/** Why the chip left reset, in the ROM's words. */
export type ResetReason = 'POWERON' | 'RTC_SW_SYS_RST' | 'TG0WDT_SYS_RST';

const reasonNumber: Record<ResetReason, number> = { POWERON: 0x1, RTC_SW_SYS_RST: 0x3, TG0WDT_SYS_RST: 0x7 };

/** One line as it stands on the wire, and when it is said, counted from the chip's leaving reset. */
export interface BootLine {
  atMs: number;
  text: string;
}

export interface BootPlan {
  lines: BootLine[];
  /** What runs at the end; null when the chip gives up and its watchdog resets it. */
  app: { descriptor: AppDescriptor | null; atMs: number } | null;
  /** When the watchdog bites, if nothing boots. */
  watchdogMs: number;
}

const FLASH_MEGABYTES = [1, 2, 4, 8, 16, 32, 64, 128];

export function downloadBanner(reason: ResetReason): string {
  return `${romBanner(reason, '0x0 (DOWNLOAD(USB/UART0))')}waiting for download\r\n`;
}

/**
 * What the ROM, the second-stage bootloader and the start of an ESP-IDF application print when the chip boots from `flash`,
 * in their own shapes (reference/esp.md §3, §4; ESP-IDF 5). Each line follows from what the flash holds: an erased chip says
 * "invalid header", a missing partition table its own error.
 */
export function planBoot(flash: FlashMemory, reason: ResetReason): BootPlan {
  const log = new BootLog();
  log.raw(0, romBanner(reason, '0x8 (SPI_FAST_FLASH_BOOT)'));
  const bootloader = readImage((offset, length) => flash.read(offset, length), 0);
  if (typeof bootloader === 'string') return giveUpInRom(log, flash);

  const megabytes = FLASH_MEGABYTES[bootloader.flashSizeCode] ?? 0;
  log.raw(1, 'SPIWP:0xee\r\nmode:DIO, clock div:1\r\n');
  for (const segment of bootloader.segments)
    log.raw(1, `load:0x${segment.address.toString(16)},len:0x${segment.lengthBytes.toString(16)}\r\n`);
  log.raw(2, `entry 0x${bootloader.entry.toString(16)}\r\n`);
  const idf = bootloader.app?.idfVersion ?? 'v5.3.1';
  log.info(26, 'boot', `ESP-IDF ${idf} 2nd stage bootloader`);
  log.info(27, 'boot', 'compile time Jan  5 2026 09:00:00');
  log.info(27, 'boot', 'Multicore bootloader');
  log.info(30, 'boot', 'chip revision: v0.2');
  log.info(34, 'boot.esp32s3', 'SPI Speed      : 80MHz');
  log.info(38, 'boot.esp32s3', 'SPI Mode       : DIO');
  log.info(43, 'boot.esp32s3', `SPI Flash Size : ${megabytes}MB`);
  log.info(48, 'boot', 'Enabling RNG early entropy source...');

  const partitions = readPartitionTable(flash.read(PARTITION_TABLE_OFFSET, PARTITION_TABLE_BYTES));
  if (partitions === null) {
    const [low = 0xff, high = 0xff] = flash.read(PARTITION_TABLE_OFFSET, 2);
    log.error(53, 'flash_parts', `partition 0 invalid magic number 0x${((high << 8) | low).toString(16)}`);
    log.error(59, 'boot', 'Failed to verify partition table');
    log.error(63, 'boot', 'load partition table error!');
    return { lines: log.lines, app: null, watchdogMs: 400 };
  }
  listPartitions(log, partitions);
  return bootApp(log, flash, partitions);
}

function bootApp(log: BootLog, flash: FlashMemory, partitions: readonly Partition[]): BootPlan {
  for (const partition of partitions.filter(({ type }) => type === 0x00)) {
    const image = readImage((offset, length) => flash.read(offset, length), partition.offset);
    if (typeof image === 'string') {
      log.error(
        100,
        'esp_image',
        `image at 0x${partition.offset.toString(16)} has invalid ${image === 'magic' ? 'magic byte (nothing flashed here?)' : image}`,
      );
      continue;
    }
    return runApp(log, partition, image);
  }
  log.error(110, 'boot', 'No bootable app partitions in the partition table');
  return { lines: log.lines, app: null, watchdogMs: 400 };
}

function runApp(log: BootLog, partition: Partition, image: FirmwareImage): BootPlan {
  image.segments.forEach((segment, index) => {
    const isMapped =
      segment.address >= 0x3c000000 && segment.address < 0x3e000000 ? true : segment.address >= 0x42000000 && segment.address < 0x44000000;
    const size = segment.lengthBytes.toString(16).padStart(5, '0');
    log.info(
      101 + index * 12,
      'esp_image',
      `segment ${index}: paddr=${hex8(partition.offset + segment.offset)} vaddr=${hex8(segment.address)} size=${size}h (${String(segment.lengthBytes).padStart(6)}) ${isMapped ? 'map' : 'load'}`,
    );
  });
  log.info(163, 'boot', `Loaded app from partition at offset 0x${partition.offset.toString(16)}`);
  log.info(164, 'boot', 'Disabling RNG early entropy source...');
  log.info(176, 'cpu_start', 'Multicore app');
  log.info(186, 'cpu_start', 'Pro cpu start user code');
  log.info(186, 'cpu_start', 'cpu freq: 240000000 Hz');
  const { app } = image;
  if (app !== null) {
    log.info(186, 'app_init', 'Application information:');
    log.info(189, 'app_init', `Project name:     ${app.projectName}`);
    log.info(193, 'app_init', `App version:      ${app.version}`);
    log.info(198, 'app_init', `Compile time:     ${app.date} ${app.time}`);
    log.info(203, 'app_init', `ELF file SHA256:  ${app.elfSha256.slice(0, 9)}...`);
    log.info(207, 'app_init', `ESP-IDF:          ${app.idfVersion}`);
  }
  log.info(212, 'efuse_init', 'Min chip rev:     v0.0');
  log.info(216, 'efuse_init', 'Max chip rev:     v0.99 ');
  log.info(220, 'efuse_init', 'Chip rev:         v0.2');
  log.info(224, 'heap_init', 'Initializing. RAM available for dynamic allocation:');
  log.info(231, 'heap_init', 'At 3FC94D50 len 000549C0 (338 KiB): RAM');
  log.info(236, 'heap_init', 'At 3FCE9710 len 00005724 (21 KiB): RAM');
  log.info(247, 'spi_flash', 'detected chip: gd');
  log.info(251, 'spi_flash', 'flash io: dio');
  log.info(259, 'main_task', 'Started on CPU0');
  log.info(269, 'main_task', 'Calling app_main()');
  return { lines: log.lines, app: { descriptor: app, atMs: 270 }, watchdogMs: 0 };
}

function listPartitions(log: BootLog, partitions: readonly Partition[]): void {
  log.info(52, 'boot', 'Partition Table:');
  log.info(56, 'boot', '## Label            Usage          Type ST Offset   Length');
  partitions.forEach((partition, index) => {
    const { label, type, subtype, offset, sizeBytes } = partition;
    const columns = `${label.padEnd(16)} ${usageOf(partition).padEnd(16)} ${hex2(type)} ${hex2(subtype)} ${hex8(offset)} ${hex8(sizeBytes)}`;
    log.info(63 + index * 7, 'boot', `${String(index).padStart(2)} ${columns}`);
  });
  log.info(98, 'boot', 'End of partition table');
}

function usageOf({ type, subtype }: Partition): string {
  if (type === 0) return subtype === 0 ? 'factory app' : 'OTA app';
  const names: Record<number, string> = { 0: 'OTA data', 1: 'RF data', 2: 'WiFi data' };
  return names[subtype] ?? 'Unknown data';
}

/** The ROM reads the header again and again until its watchdog resets the chip. */
function giveUpInRom(log: BootLog, flash: FlashMemory): BootPlan {
  const word = new DataView(flash.read(0, 4).buffer).getUint32(0, true);
  for (let count = 0; count < 8; count++) log.raw(1 + count * 30, `invalid header: 0x${word.toString(16)}\r\n`);
  return { lines: log.lines, app: null, watchdogMs: 300 };
}

function romBanner(reason: ResetReason, boot: string): string {
  return `ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\nrst:0x${reasonNumber[reason].toString(16)} (${reason}),boot:${boot}\r\n`;
}

class BootLog {
  readonly lines: BootLine[] = [];

  raw(atMs: number, text: string): void {
    this.lines.push({ atMs, text });
  }

  info(atMs: number, tag: string, message: string): void {
    this.raw(atMs, `\x1b[0;32mI (${atMs}) ${tag}: ${message}\x1b[0m\r\n`);
  }

  error(atMs: number, tag: string, message: string): void {
    this.raw(atMs, `\x1b[0;31mE (${atMs}) ${tag}: ${message}\x1b[0m\r\n`);
  }
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, '0');
}
