import type { ResetReason } from './boot-words.ts';
import type { ChipFacts, EspKind } from './chips.ts';
import { type AppDescriptor, type FirmwareImage, readImage } from './firmware-image.ts';
import type { FlashMemory } from './flash-memory.ts';
import { PARTITION_TABLE_BYTES, PARTITION_TABLE_OFFSET, type Partition, readPartitionTable } from './partition-table.ts';

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

export function downloadBanner(chip: ChipFacts, reason: ResetReason): string {
  return `${romBanner(chip, reason, chip.boot.download)}waiting for download\r\n`;
}

/**
 * What the ROM, the second-stage bootloader and the start of an ESP-IDF application print when the chip boots from `flash`,
 * in their own shapes (reference/esp.md §3, §4; ESP-IDF 5). Each line follows from what the flash holds: an erased chip says
 * "invalid header", a missing partition table its own error.
 */
export function planBoot(chip: ChipFacts, kind: EspKind, flash: FlashMemory, reason: ResetReason): BootPlan {
  const log = new BootLog();
  log.raw(0, romBanner(chip, reason, chip.boot.fromFlash));
  const bootloader = readImage((offset, length) => flash.read(offset, length), chip.bootloaderOffset, chip.chipId);
  if (typeof bootloader === 'string') return giveUpInRom(log, flash, chip.bootloaderOffset);

  const megabytes = FLASH_MEGABYTES[bootloader.flashSizeCode] ?? 0;
  for (const line of chip.boot.mode) log.raw(1, `${line}\r\n`);
  for (const { address, lengthBytes } of bootloader.segments) {
    // The first ROM counts in decimal.
    const length = chip.beginWords === 4 ? `${lengthBytes}` : `0x${lengthBytes.toString(16)}`;
    log.raw(1, `load:0x${address.toString(16)},len:${length}\r\n`);
  }
  log.raw(2, `entry 0x${bootloader.entry.toString(16)}\r\n`);
  const idf = bootloader.app?.idfVersion ?? 'v5.3.1';
  log.info(26, 'boot', `ESP-IDF ${idf} 2nd stage bootloader`);
  log.info(27, 'boot', 'compile time Jan  5 2026 09:00:00');
  if (chip.cores === 2) log.info(27, 'boot', 'Multicore bootloader');
  log.info(30, 'boot', `chip revision: ${chip.revision}`);
  if (chip.boot.pageSize) log.info(32, `boot.${kind}`, 'MMU Page Size  : 64K');
  log.info(34, `boot.${kind}`, `SPI Speed      : ${chip.flashFrequency.text}`);
  log.info(38, `boot.${kind}`, 'SPI Mode       : DIO');
  log.info(43, `boot.${kind}`, `SPI Flash Size : ${megabytes}MB`);
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
  return bootApp(log, chip, flash, partitions);
}

function bootApp(log: BootLog, chip: ChipFacts, flash: FlashMemory, partitions: readonly Partition[]): BootPlan {
  for (const partition of partitions.filter(({ type }) => type === 0x00)) {
    const image = readImage((offset, length) => flash.read(offset, length), partition.offset, chip.chipId);
    if (typeof image === 'string') {
      log.error(
        100,
        'esp_image',
        `image at 0x${partition.offset.toString(16)} has invalid ${image === 'magic' ? 'magic byte (nothing flashed here?)' : image}`,
      );
      continue;
    }
    return runApp(log, chip, partition, image);
  }
  log.error(110, 'boot', 'No bootable app partitions in the partition table');
  return { lines: log.lines, app: null, watchdogMs: 400 };
}

function runApp(log: BootLog, chip: ChipFacts, partition: Partition, image: FirmwareImage): BootPlan {
  image.segments.forEach((segment, index) => {
    const size = segment.lengthBytes.toString(16).padStart(5, '0');
    log.info(
      101 + index * 12,
      'esp_image',
      `segment ${index}: paddr=${hex8(partition.offset + segment.offset)} vaddr=${hex8(segment.address)} size=${size}h (${String(segment.lengthBytes).padStart(6)}) ${isMapped(chip, segment.address) ? 'map' : 'load'}`,
    );
  });
  const cores = chip.cores === 2 ? 'Multicore' : 'Unicore';
  log.info(163, 'boot', `Loaded app from partition at offset 0x${partition.offset.toString(16)}`);
  log.info(164, 'boot', 'Disabling RNG early entropy source...');
  log.info(176, 'cpu_start', `${cores} app`);
  log.info(186, 'cpu_start', 'Pro cpu start user code');
  log.info(186, 'cpu_start', `cpu freq: ${chip.cpuHz} Hz`);
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
  log.info(216, 'efuse_init', `Max chip rev:     ${chip.revision.replace(/\..*/, '.99')} `);
  log.info(220, 'efuse_init', `Chip rev:         ${chip.revision}`);
  log.info(224, 'heap_init', 'Initializing. RAM available for dynamic allocation:');
  for (const [index, line] of chip.boot.heap.entries()) log.info(231 + index * 5, 'heap_init', line);
  log.info(247, 'spi_flash', 'detected chip: gd');
  log.info(251, 'spi_flash', 'flash io: dio');
  log.info(259, 'main_task', 'Started on CPU0');
  log.info(269, 'main_task', 'Calling app_main()');
  return { lines: log.lines, app: { descriptor: app, atMs: 270 }, watchdogMs: 0 };
}

/** Constants and code stay in the flash and are seen through its cache, in windows of some megabytes. */
function isMapped({ memory }: ChipFacts, address: number): boolean {
  return [memory.constants, memory.code].some((start) => address >= start - (start % 0x10000) && address < start + 0x400000);
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
function giveUpInRom(log: BootLog, flash: FlashMemory, bootloaderOffset: number): BootPlan {
  const word = new DataView(flash.read(bootloaderOffset, 4).buffer).getUint32(0, true);
  for (let count = 0; count < 8; count++) log.raw(1 + count * 30, `invalid header: 0x${word.toString(16)}\r\n`);
  return { lines: log.lines, app: null, watchdogMs: 300 };
}

function romBanner({ boot }: ChipFacts, reason: ResetReason, mode: string): string {
  return [...boot.rom, `rst:${boot.resets[reason]},boot:${mode}`, ''].join('\r\n');
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
