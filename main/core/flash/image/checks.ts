import { TalkError } from '../../../../preload/contract/errors.ts';
import type { ChipIdentity, Partition, PlanWarning } from '../../../../preload/contract/flash.ts';
import { chips } from '../esp/chips.ts';
import { noImageWarnings, requireImages } from './boot-places.ts';
import { headerPatchOf, requireHeaderValues } from './header.ts';
import { endOf, PARTITION_TABLE_OFFSET, partitionAt } from './partition-table.ts';
import type { EspFlash, Region } from './region.ts';
import { SECTOR_BYTES } from './sector.ts';
import { placementWarnings } from './warnings.ts';

/** Fails with `flash/overlap` {first, second}. `regions` in order of offset. */
export function requireApart(regions: readonly Region[]): void {
  regions.forEach((region, index) => {
    const next = regions[index + 1];
    if (next !== undefined && Math.ceil((region.offset + region.sizeBytes) / SECTOR_BYTES) * SECTOR_BYTES > next.offset)
      throw new TalkError('flash/overlap', { first: region.name, second: next.name });
  });
}

/** Fails with `flash/too-big` {offset, sizeBytes, flashBytes, file}. */
export function requireRoom(regions: readonly Pick<Region, 'offset' | 'sizeBytes' | 'name'>[], flashBytes: number): void {
  for (const { offset, sizeBytes, name } of regions)
    if (offset + sizeBytes > flashBytes) throw new TalkError('flash/too-big', { offset, sizeBytes, flashBytes, file: name });
}

/** Fails with `flash/wrong-chip` {expected, actual, file}. */
export function requireChip(regions: readonly Region[], expected: string): void {
  for (const { chip, name } of regions)
    if (chip !== null && chip !== expected) throw new TalkError('flash/wrong-chip', { expected: chip, actual: expected, file: name });
}

/**
 * Fails with `flash/does-not-fit` {name, sizeBytes, partition, partitionBytes} for what begins in a partition and runs over its
 * end, and with `flash/overlap` for what begins before one and runs into it, and for a table in one of its own. A merged image is a table's own layout.
 */
export function requirePartitionRoom(regions: readonly Region[], table: readonly Partition[]): void {
  for (const { offset, sizeBytes, name, kind } of regions) {
    if (kind === 'merged') continue;
    const end = offset + sizeBytes;
    const partition = partitionAt(table, offset);
    // It would be looked for elsewhere: partitions begin behind it.
    if (kind === 'partition-table' && partition !== undefined && partition.type !== 'partition_table')
      throw new TalkError('flash/overlap', { first: name, second: partition.name });
    if (partition === undefined) {
      const next = table.find((one) => one.offset > offset && one.offset < end);
      if (next !== undefined) throw new TalkError('flash/overlap', { first: name, second: next.name });
    } else if (end > partition.offset + partition.sizeBytes)
      throw new TalkError('flash/does-not-fit', { name, sizeBytes, partition: partition.name, partitionBytes: partition.sizeBytes });
  }
}

/**
 * What was planned, against the board that answered, before a byte is written. `boardTable`: the partition table on it; null
 * when it has none, or it cannot be read. Gives what deserves a word on this board. Fails with `flash/wrong-chip`,
 * `flash/too-big`, `bad-request`; with `flash/bad-offset` for an application that nothing gave a place and the board has none
 * at the usual one; and unless forced with `flash/does-not-fit`, `flash/overlap`, `flash/wrong-chip` for a revision, and
 * `flash/no-image` for what would stand where the chip starts from.
 */
export function requireFits(flash: EspFlash, identity: ChipIdentity, boardTable: readonly Partition[] | null): PlanWarning[] {
  const { plan, regions } = flash;
  if (plan.expectChip !== null && plan.expectChip !== identity.chip)
    throw new TalkError('flash/wrong-chip', { expected: plan.expectChip, actual: identity.chip });
  requireChip(regions, identity.chip);
  requireHeaderValues(
    headerPatchOf(plan.options),
    chips.filter(({ name }) => name === identity.chip),
  );
  if (identity.flashBytes !== null) requireRoom(plan.files, identity.flashBytes);
  const table = flash.table ?? boardTable;
  if (flash.table === null && boardTable !== null) requireGuessesRight(regions, boardTable);
  if (!plan.options.force) {
    requireRevision(regions, identity);
    if (flash.table === null && boardTable !== null) requireTableKept(regions);
    if (table !== null) requirePartitionRoom(regions, table);
    // One that was encrypted beforehand looks like anything.
    if (identity.security?.flashEncryption !== true) requireImages(regions, { chip: identity.chip, table });
  }
  return [...warningsOnBoard(flash, identity, boardTable)];
}

/** The board's own table is where it was read. What begins there is meant for it, what runs over it is not. */
function requireTableKept(regions: readonly Region[]): void {
  for (const { offset, sizeBytes, name } of regions)
    if (offset < PARTITION_TABLE_OFFSET && offset + sizeBytes > PARTITION_TABLE_OFFSET)
      throw new TalkError('flash/overlap', { first: name, second: 'partition table' });
}

/** The loader of an image refuses to start it on another revision. */
function requireRevision(regions: readonly Region[], { chip, revision }: ChipIdentity): void {
  if (revision === null) return;
  for (const { revisions, name } of regions) {
    if (revisions === null || (revision >= revisions.oldest && revision <= (revisions.newest ?? revision))) continue;
    const { oldest, newest } = revisions;
    const expected = newest === null ? `${chip} ${versionOf(oldest)} or newer` : `${chip} ${versionOf(oldest)} to ${versionOf(newest)}`;
    throw new TalkError('flash/wrong-chip', { expected, actual: `${chip} ${versionOf(revision)}`, file: name });
  }
}

function versionOf(revision: number): string {
  return `v${Math.floor(revision / 100)}.${revision % 100}`;
}

function requireGuessesRight(regions: readonly Region[], boardTable: readonly Partition[]): void {
  const apps = boardTable.filter(({ type }) => type === 'app');
  for (const { isGuessed, offset, name } of regions) {
    if (!isGuessed || apps.some((app) => app.offset === offset)) continue;
    const places = apps.map((app) => `${app.name} 0x${app.offset.toString(16)}`).join(', ');
    throw new TalkError('flash/bad-offset', { offset, reason: 'applications-elsewhere', name, places });
  }
}

function* warningsOnBoard(
  { plan, regions, table }: EspFlash,
  { chip, flashBytes, security }: ChipIdentity,
  boardTable: readonly Partition[] | null,
): Iterable<PlanWarning> {
  const isToldOf = (offset: unknown) => plan.warnings.some(({ code, data }) => code === 'no-image' && data.offset === offset);
  if (security?.flashEncryption !== true && boardTable !== null)
    yield* noImageWarnings(regions, { chip, table: table ?? boardTable }).filter(({ data }) => !isToldOf(data.offset));
  // A header that is to say what the board has does not count as built.
  const headerBytes = plan.options.flashSize === 'detect' ? 0 : (plan.flashBytes ?? 0);
  const neededBytes = Math.max(headerBytes, endOf(table ?? boardTable ?? []));
  if (flashBytes !== null && neededBytes > flashBytes) yield { code: 'flash-smaller', data: { flashBytes, neededBytes } };
  if (table !== null && boardTable !== null && !isSameLayout(table, boardTable)) yield { code: 'table-replaced', data: {} };
  if (table !== null || boardTable === null) return;
  yield* placementWarnings(regions, boardTable);
}

function isSameLayout(one: readonly Partition[], other: readonly Partition[]): boolean {
  const layout = (table: readonly Partition[]) =>
    table.map(({ name, type, subtype, offset, sizeBytes }) => [name, type, subtype, offset, sizeBytes].join()).join(';');
  return layout(one) === layout(other);
}
