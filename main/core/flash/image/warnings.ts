import type { Partition, PlanWarning } from '../../../../preload/contract/flash.ts';
import { readNvs } from '../nvs/read.ts';
import { noImageWarnings } from './boot-places.ts';
import type { ImageInfo } from './esp-image.ts';
import { slotsOf } from './merged.ts';
import { endOf, partitionAt } from './partition-table.ts';
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
  const { regions, table, nvs, flashBytes, expectChip } = flash;
  const noImages = noImageWarnings(regions, { chip: expectChip, table });
  const warnings = [...noImages, ...wholeness(flash), ...regions.flatMap((region) => [...ofRegion(region)])];
  if (table === null) return warnings;
  const endBytes = endOf(table);
  if (flashBytes !== null && endBytes > flashBytes) warnings.push({ code: 'beyond-table', data: { flashBytes, endBytes } });
  if (nvs !== null) warnings.push({ code: 'nvs-replaced', data: { partition: nvs.name } });
  // A firmware that encrypts its NVS has its keys in a partition of their own.
  const hasKeys = table.some((partition) => isData(partition, 'nvs_keys'));
  if (nvs !== null && (nvs.isEncrypted || hasKeys)) warnings.push({ code: 'nvs-encrypted', data: { partition: nvs.name } });
  return [...warnings, ...placementWarnings(regions, table)];
}

/** A board that has none of its own starts nothing without them. */
function* wholeness({ regions, table, bootloader, leftOut, expectChip }: WarnedFlash): Iterable<PlanWarning> {
  const has = (kind: Region['kind']) => regions.some((region) => region.kind === kind);
  if (bootloader === null && (has('app') || has('partition-table'))) yield { code: 'no-bootloader', data: { chip: expectChip } };
  if (table === null && (has('app') || has('bootloader'))) yield { code: 'no-partition-table', data: {} };
  if (leftOut.length > 0) yield { code: 'not-written', data: { names: leftOut.slice(0, MOST_NAMES).join(', ') } };
}

function* ofRegion({ name, chip, kind, isSigned, isEncrypted, data }: Region): Iterable<PlanWarning> {
  if (chip?.startsWith('chip id ') === true) yield { code: 'unknown-chip', data: { chip } };
  if (isSigned && kind === 'bootloader') yield { code: 'signed', data: { name } };
  if (isEncrypted && kind === 'bootloader') yield { code: 'turns-encryption-on', data: {} };
  if (kind === 'nvs' && readNvs(data).values.some(({ value }) => value === null)) yield { code: 'secret-in-file', data: { name } };
}

/** What follows from a table, that of the files or the board's. */
export function* placementWarnings(regions: readonly Region[], table: readonly Partition[]): Iterable<PlanWarning> {
  for (const { kind, name, offset } of regions) {
    if (kind !== 'app' && kind !== 'data' && kind !== 'nvs') continue;
    const partition = partitionAt(table, offset);
    if (partition?.offset !== offset) yield { code: 'not-at-partition', data: { name, offset } };
    else if (kind === 'app' && partition.type !== 'app') yield { code: 'app-not-bootable', data: { name, partition: partition.name } };
  }
  const covers = ({ offset, sizeBytes }: Partition) =>
    regions.some((region) => region.offset < offset + sizeBytes && region.offset + region.sizeBytes > offset);
  const choice = table.find((partition) => isData(partition, 'ota'));
  const hasApp = regions.some(({ kind }) => kind === 'app');
  if (choice !== undefined && hasApp && slotsOf(table).length > 0 && !covers(choice))
    yield { code: 'ota-stays', data: { partition: choice.name } };
  for (const partition of table)
    if (isData(partition, 'nvs') && covers(partition)) yield { code: 'nvs-replaced', data: { partition: partition.name } };
}

function isData(partition: Partition, subtype: string): boolean {
  return partition.type === 'data' && partition.subtype === subtype;
}
