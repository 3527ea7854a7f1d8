import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { Partition } from '../../../../preload/contract/flash.ts';
import { PARTITION_TABLE_BYTES, PARTITION_TABLE_OFFSET, readPartitionTable } from '../image/partition-table.ts';
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

/** Fails with `flash/no-partition`. */
export function requirePartition(table: readonly Partition[] | null, name: string): Partition {
  const found = table?.find((partition) => partition.name === name);
  if (found === undefined) throw new TalkError('flash/no-partition', { partition: name });
  return found;
}
