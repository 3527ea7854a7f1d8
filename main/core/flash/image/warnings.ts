import type { Partition, PlanWarning } from '../../../../preload/contract/flash.ts';
import type { ImageInfo } from './esp-image.ts';
import { slotsOf } from './merged.ts';
import { partitionAt } from './partition-table.ts';
import type { Region } from './region.ts';

const MOST_NAMES = 10;

export interface WarnedFlash {
  regions: readonly Region[];
  table: readonly Partition[] | null;
  /** The partition of the board's own values. */
  nvs: Partition | null;
  flashBytes: number | null;
  bootloader: ImageInfo | null;
  leftOut: readonly string[];
  expectChip: string | null;
}

/** What deserves a look before writing, and is no mistake. */
export function warningsOf(flash: WarnedFlash): PlanWarning[] {
  return [...wholeness(flash), ...flash.regions.flatMap((region) => [...ofRegion(region, flash)]), ...ofTable(flash)];
}

/** A board that has none of its own starts nothing without them. */
function* wholeness({ regions, table, bootloader, leftOut, expectChip }: WarnedFlash): Iterable<PlanWarning> {
  const has = (kind: Region['kind']) => regions.some((region) => region.kind === kind);
  if (bootloader === null && (has('app') || has('partition-table'))) yield { code: 'no-bootloader', data: { chip: expectChip } };
  if (table === null && (has('app') || has('bootloader'))) yield { code: 'no-partition-table', data: {} };
  if (leftOut.length > 0) yield { code: 'not-written', data: { names: leftOut.slice(0, MOST_NAMES) } };
}

function* ofRegion(region: Region, { table }: WarnedFlash): Iterable<PlanWarning> {
  const { name, offset, chip, kind } = region;
  if (chip?.startsWith('chip id ') === true) yield { code: 'unknown-chip', data: { chip } };
  if (region.isSigned && kind === 'bootloader') yield { code: 'signed', data: { name } };
  if (table === null || (kind !== 'app' && kind !== 'data' && kind !== 'nvs')) return;
  const partition = partitionAt(table, offset);
  if (partition?.offset !== offset) yield { code: 'not-at-partition', data: { name, offset } };
  else if (kind === 'app' && partition.type !== 'app') yield { code: 'app-not-bootable', data: { name, partition: partition.name } };
}

function* ofTable({ regions, table, nvs, flashBytes }: WarnedFlash): Iterable<PlanWarning> {
  if (table === null) return;
  const endBytes = Math.max(...table.map(({ offset, sizeBytes }) => offset + sizeBytes));
  if (flashBytes !== null && endBytes > flashBytes) yield { code: 'beyond-table', data: { flashBytes, endBytes } };

  const covers = ({ offset, sizeBytes }: Partition) =>
    regions.some((region) => region.offset < offset + sizeBytes && region.offset + region.sizeBytes > offset);
  const choice = table.find(({ type, subtype }) => type === 'data' && subtype === 'ota');
  const written = regions.find(({ kind, partition }) => kind === 'app' && partition !== null)?.partition;
  const slots = slotsOf(table);
  if (choice !== undefined && slots.length > 0 && written !== undefined && written !== null && !covers(choice))
    yield { code: 'ota-stays', data: { partition: written } };

  for (const partition of table)
    if (partition.type === 'data' && partition.subtype === 'nvs' && (partition === nvs || covers(partition)))
      yield { code: 'nvs-replaced', data: { partition: partition.name } };
}
