import type { FlashPlan, Partition, PlannedFile } from '../../../preload/contract/flash.ts';

/** What is written into a stretch of flash. */
export interface Filling {
  file: PlannedFile;
  /** Of the stretch, from its beginning; a file that comes from before it begins at 0. */
  fromBytes: number;
  /** How much of the stretch it takes. */
  usedBytes: number;
  /** How far it goes on beyond the end. */
  overBytes: number;
  /** It begins before the stretch. */
  isFromBefore: boolean;
}

/** A stretch of the flash: a partition, what is before the first of them, or a hole between two. */
export interface MapPart {
  name: string | null;
  partition: Partition | null;
  offset: number;
  sizeBytes: number;
  fillings: Filling[];
}

/** Smaller holes are alignment and not worth a stretch of their own. */
const smallestHoleBytes = 0x1000;

/**
 * The flash from its beginning to its end, in order. Without a partition table the files themselves are the stretches. Empty
 * when there is nothing to draw.
 */
export function flashMap({ files, partitions, flashBytes }: Pick<FlashPlan, 'files' | 'partitions' | 'flashBytes'>): MapPart[] {
  const named: MapPart[] =
    partitions === null
      ? files.map((file) => part(file.name, null, file.offset, file.sizeBytes))
      : partitions.map((each) => part(each.name, each, each.offset, each.sizeBytes));
  named.sort((a, b) => a.offset - b.offset);
  const last = named.at(-1);
  if (last === undefined) return [];

  const parts: MapPart[] = [];
  let reached = 0;
  for (const each of named) {
    if (each.offset - reached >= smallestHoleBytes) parts.push(part(null, null, reached, each.offset - reached));
    parts.push(each);
    reached = Math.max(reached, each.offset + each.sizeBytes);
  }
  if (flashBytes !== null && flashBytes - reached >= smallestHoleBytes) parts.push(part(null, null, reached, flashBytes - reached));
  for (const each of parts) each.fillings = fillingsOf(each, files);
  return parts;
}

function part(name: string | null, partition: Partition | null, offset: number, sizeBytes: number): MapPart {
  return { name, partition, offset, sizeBytes, fillings: [] };
}

function fillingsOf({ offset, sizeBytes }: MapPart, files: readonly PlannedFile[]): Filling[] {
  const end = offset + sizeBytes;
  return files
    .filter((file) => file.sizeBytes > 0 && file.offset < end && file.offset + file.sizeBytes > offset)
    .map((file) => {
      const from = Math.max(file.offset, offset);
      const to = Math.min(file.offset + file.sizeBytes, end);
      return {
        file,
        fromBytes: from - offset,
        usedBytes: to - from,
        overBytes: Math.max(0, file.offset + file.sizeBytes - end),
        isFromBefore: file.offset < offset,
      };
    });
}

/** A partition that a file runs out of, or into. */
export function isOverfull({ partition, fillings }: MapPart): boolean {
  return partition !== null && fillings.some(({ overBytes, isFromBefore }) => overBytes > 0 || isFromBefore);
}

/**
 * Widths in a bar of `totalPx`: to scale, but none narrower than `leastPx`, or as narrow as they all must be. What the small ones
 * get more, the large ones give in proportion to their size.
 */
export function widthsOf(sizes: readonly number[], totalPx: number, leastPx: number): number[] {
  const least = Math.min(leastPx, totalPx / Math.max(1, sizes.length));
  const small = new Set<number>();
  for (;;) {
    const scaledBytes = sizes.reduce((sum, size, index) => sum + (small.has(index) ? 0 : size), 0);
    const scalePx = totalPx - small.size * least;
    const widthOf = (size: number): number => (scaledBytes === 0 ? least : (size / scaledBytes) * scalePx);
    const found = sizes.findIndex((size, index) => !small.has(index) && widthOf(size) < least);
    if (found < 0) return sizes.map((size, index) => (small.has(index) ? least : widthOf(size)));
    small.add(found);
  }
}
