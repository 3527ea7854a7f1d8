import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Partition } from '../../../../preload/contract/flash.ts';
import { chipByImageId } from '../esp/chips.ts';
import { type Content, readContent } from './content.ts';
import type { ImageInfo } from './esp-image.ts';
import type { GivenFile } from './load.ts';
import { PARTITION_TABLE_OFFSET } from './partition-table.ts';
import { type Unpacked, unpack } from './unpack.ts';

/** A stretch of flash and what it is. */
export interface Recognised {
  file: Unpacked;
  content: Content;
}

/** What a file holds. Fails with `flash/bad-file` {path, reason} and, for one at the wrong place without `force`, `flash/bad-offset`. */
export function recognise(file: GivenFile, force: boolean): Recognised[] {
  return unpack(file, force).map((unpacked) => {
    const content = readContent(unpacked.data, unpacked.name);
    if (!force) {
      requireItsPlace(unpacked, content);
      requireSoundTable(unpacked.name, content);
    }
    // TinyUF2 writes an application from its partition's start on, and counts from there.
    const isFromPartition = unpacked.chip !== null && unpacked.offset === 0 && content.kind === 'app';
    return { file: isFromPartition ? { ...unpacked, offset: undefined } : unpacked, content };
  });
}

/** A chip looks for its bootloader in one place only, which is another one on another chip. */
function requireItsPlace({ offset, name }: Unpacked, content: Content): void {
  const place =
    content.kind === 'merged'
      ? content.merged.offset
      : content.kind === 'bootloader' && offset !== undefined && offset < PARTITION_TABLE_OFFSET
        ? chipByImageId(content.image.chipId)?.bootloaderOffset
        : undefined;
  if (offset === undefined || place === undefined || offset === place) return;
  throw new TalkError('flash/bad-offset', { offset, reason: 'has-its-place', name, place: `0x${place.toString(16)}` });
}

function requireSoundTable(name: string, content: Content): void {
  const sorted = tableOf(content)?.toSorted((a, b) => a.offset - b.offset) ?? [];
  for (const [index, partition] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next !== undefined && partition.offset + partition.sizeBytes > next.offset)
      throw new TalkError('flash/bad-file', { path: name, reason: `partition table: ${partition.name} and ${next.name} overlap` });
  }
}

/** The partition table among the files, alone or in a merged image. */
export function tableAmong(recognised: readonly Recognised[]): Partition[] | null {
  for (const { content } of recognised) {
    const table = tableOf(content);
    if (table !== null) return table;
  }
  return null;
}

function tableOf(content: Content): Partition[] | null {
  if (content.kind === 'partition-table') return content.partitions;
  return content.kind === 'merged' ? content.merged.table : null;
}

export function bootloaderAmong(recognised: readonly Recognised[]): ImageInfo | null {
  for (const { content } of recognised) {
    if (content.kind === 'bootloader') return content.image;
    if (content.kind === 'merged') return content.merged.bootloader;
  }
  return null;
}
