import { TalkError } from '../../../../preload/contract/errors.ts';
import type { ChipIdentity, Partition } from '../../../../preload/contract/flash.ts';
import { chips } from '../esp/chips.ts';
import { headerPatchOf, requireHeaderValues } from './header.ts';
import { partitionAt } from './partition-table.ts';
import type { EspFlash, Region } from './region.ts';
import { SECTOR_BYTES } from './sector.ts';

/** Fails with `flash/overlap` {first, second}. `regions` in order of offset. */
export function requireApart(regions: readonly Region[]): void {
  regions.forEach((region, index) => {
    const next = regions[index + 1];
    if (next !== undefined && Math.ceil((region.offset + region.sizeBytes) / SECTOR_BYTES) * SECTOR_BYTES > next.offset)
      throw new TalkError('flash/overlap', { first: region.name, second: next.name });
  });
}

/** Fails with `flash/too-big` {offset, sizeBytes, flashBytes, file}. */
export function requireRoom(regions: readonly Region[], flashBytes: number): void {
  for (const { offset, sizeBytes, name } of regions)
    if (offset + sizeBytes > flashBytes) throw new TalkError('flash/too-big', { offset, sizeBytes, flashBytes, file: name });
}

/** Fails with `flash/wrong-chip` {expected, actual, file}. */
export function requireChip(regions: readonly Region[], expected: string): void {
  for (const { chip, name } of regions)
    if (chip !== null && chip !== expected) throw new TalkError('flash/wrong-chip', { expected: chip, actual: expected, file: name });
}

/** Fails with `flash/does-not-fit`: what begins in a partition and runs over its end. */
export function requirePartitionRoom(regions: readonly Region[], table: readonly Partition[]): void {
  for (const { offset, sizeBytes, name } of regions) {
    const partition = partitionAt(table, offset);
    if (partition !== undefined && offset + sizeBytes > partition.offset + partition.sizeBytes)
      throw new TalkError('flash/does-not-fit', { name, sizeBytes, partition: partition.name, partitionBytes: partition.sizeBytes });
  }
}

/**
 * What was planned, against the board that answered, before a byte is written. `boardTable`: the partition table on it; null
 * when it has none. Fails with `flash/wrong-chip`, `flash/too-big`, `flash/does-not-fit`, `bad-request`.
 */
export function requireFits(flash: EspFlash, identity: ChipIdentity, boardTable: readonly Partition[] | null): void {
  const { plan, regions } = flash;
  if (plan.expectChip !== null && plan.expectChip !== identity.chip)
    throw new TalkError('flash/wrong-chip', { expected: plan.expectChip, actual: identity.chip });
  requireChip(regions, identity.chip);
  requireHeaderValues(
    headerPatchOf(plan.options),
    chips.filter(({ name }) => name === identity.chip),
  );
  if (identity.flashBytes !== null) requireRoom(regions, identity.flashBytes);
  const table = flash.table ?? boardTable;
  if (table !== null && !plan.options.force) requirePartitionRoom(regions, table);
}
