import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { Partition } from '../../../../preload/contract/flash.ts';
import { PARTITION_TABLE_BYTES, PARTITION_TABLE_OFFSET, readPartitionTable } from '../image/partition-table.ts';
import { SECTOR_BYTES } from '../image/region.ts';
import type { EspBoard } from './board.ts';
import { readFlash } from './read.ts';

/** The partition table on the board; null when it has none that can be read: blank, damaged, encrypted, or elsewhere. */
export async function readBoardTable(board: EspBoard): Promise<Partition[] | null> {
  if (board.isLocked) return null;
  const bytes = await readFlash(board, PARTITION_TABLE_OFFSET, PARTITION_TABLE_BYTES);
  try {
    return readPartitionTable(bytes);
  } catch (error) {
    if (isTalkError(error, 'flash/bad-file')) return null;
    throw error;
  }
}

/**
 * For an application whose place nothing says, on a board without a table to confirm it: where something stands at the table's place all
 * the same, the table may be elsewhere, perhaps where the application would go. Fails with `flash/no-offset`.
 */
export async function requireNothingThere(board: EspBoard, { name }: { name: string }): Promise<void> {
  const bytes = await readFlash(board, PARTITION_TABLE_OFFSET, PARTITION_TABLE_BYTES);
  if (bytes.some((byte) => byte !== 0xff)) throw new TalkError('flash/no-offset', { name, reason: 'unconfirmed' });
}

/** More than any of these chips can address: what a damaged table says beyond it is no partition. */
const LARGEST_FLASH_BYTES = 128 * 1024 * 1024;

/** Fails with `flash/no-partition`, and `flash/too-big` or `flash/bad-offset` for one that the table puts where no flash is. */
export function requirePartition(table: readonly Partition[] | null, name: string, flashBytes: number | null): Partition {
  const found = table?.find((partition) => partition.name === name);
  if (found === undefined) throw new TalkError('flash/no-partition', { partition: name });
  const { offset, sizeBytes } = found;
  const endBytes = flashBytes ?? LARGEST_FLASH_BYTES;
  if (offset + sizeBytes > endBytes) throw new TalkError('flash/too-big', { offset, sizeBytes, flashBytes: endBytes, file: name });
  if (offset % SECTOR_BYTES !== 0 || sizeBytes % SECTOR_BYTES !== 0)
    throw new TalkError('flash/bad-offset', { offset, reason: 'partition-off-sectors', partition: name });
  return found;
}
