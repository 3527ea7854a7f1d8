import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Partition } from '../../../../preload/contract/flash.ts';
import { type Chip, chipByImageId } from '../esp/chips.ts';
import { type ImageInfo, readImage } from './esp-image.ts';
import { isPartitionTable, PARTITION_TABLE_BYTES, PARTITION_TABLE_OFFSET, readPartitionTable } from './partition-table.ts';
import { SECTOR_BYTES } from './sector.ts';

/** One file with everything in it, as `merge-bin` makes it and a read-back of a flash is. */
export interface MergedImage {
  /** Where it begins in flash. */
  offset: number;
  chip: Chip;
  bootloader: ImageInfo;
  table: Partition[];
  /** The application that starts on a fresh board. */
  app: ImageInfo | null;
}

/** A table may be moved away from its usual place to make room for a larger bootloader. */
const LAST_TABLE_OFFSET = 0x20000;

/**
 * Null for anything else. Known by a bootloader where its chip wants it, and a partition table behind it. Fails with
 * `flash/bad-file` {path: `name`, reason} when the bootloader or the application inside is damaged or cut off.
 */
export function readMerged(data: Uint8Array, name: string): MergedImage | null {
  for (const at of [0, 0x1000, 0x2000]) {
    const inside = data.subarray(at);
    if (inside.length < 24 || inside[0] !== 0xe9) continue;
    const chip = chipByImageId((inside[12] ?? 0) | ((inside[13] ?? 0) << 8));
    // Begins at the flash's start, or at the bootloader's.
    if (chip === undefined || (at !== 0 && at !== chip.bootloaderOffset)) continue;
    const offset = chip.bootloaderOffset - at;
    const table = findTable(data, offset);
    if (table === null) continue;
    const bootloader = readImage(inside);
    if (bootloader === null) continue;
    if (typeof bootloader === 'string') throw new TalkError('flash/bad-file', { path: name, reason: `bootloader: ${bootloader}` });
    const app = readApp(data, offset, table, name);
    if (app !== null && app.chipId !== bootloader.chipId)
      throw new TalkError('flash/bad-file', { path: name, reason: 'its bootloader and its application are for different chips' });
    return { offset, chip, bootloader, table, app };
  }
  return null;
}

function findTable(data: Uint8Array, offset: number): Partition[] | null {
  for (let at = PARTITION_TABLE_OFFSET; at <= LAST_TABLE_OFFSET; at += SECTOR_BYTES) {
    const inside = data.subarray(Math.max(0, at - offset), at - offset + PARTITION_TABLE_BYTES);
    if (!isPartitionTable(inside)) continue;
    try {
      return readPartitionTable(inside);
    } catch {
      // Something else that begins like one.
    }
  }
  return null;
}

function readApp(data: Uint8Array, offset: number, table: readonly Partition[], name: string): ImageInfo | null {
  const slot = firstApp(table);
  if (slot === undefined || slot.offset - offset >= data.length) return null;
  const inside = data.subarray(slot.offset - offset, slot.offset - offset + slot.sizeBytes);
  const image = readImage(inside);
  if (typeof image !== 'string') return image;
  throw new TalkError('flash/bad-file', { path: name, reason: `application in ${slot.name}: ${image}` });
}

/** What a board without a choice in its OTA data starts: the factory application, else that of the first slot. */
export function firstApp(table: readonly Partition[]): Partition | undefined {
  const apps = table.filter(({ type }) => type === 'app');
  return apps.find(({ subtype }) => subtype === 'factory') ?? slotsOf(apps)[0];
}

export function slotsOf(table: readonly Partition[]): Partition[] {
  const slot = ({ subtype }: Partition) => Number(subtype.replace('ota_', ''));
  return table.filter(({ type, subtype }) => type === 'app' && /^ota_\d+$/.test(subtype)).sort((a, b) => slot(a) - slot(b));
}
