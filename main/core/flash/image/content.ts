import { crc32 } from 'node:zlib';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Partition } from '../../../../preload/contract/flash.ts';
import { chipByImageId } from '../esp/chips.ts';
import { type ImageInfo, readImage } from './esp-image.ts';
import { type MergedImage, readMerged } from './merged.ts';
import { isPartitionTable, readPartitionTable } from './partition-table.ts';
import { SECTOR_BYTES } from './sector.ts';

/** What a file is, by its bytes. */
export type Content =
  | { kind: 'bootloader' | 'app'; image: ImageInfo }
  | { kind: 'partition-table'; partitions: Partition[] }
  | { kind: 'merged'; merged: MergedImage }
  | { kind: 'nvs' | 'ota-data' | 'littlefs' | 'fat' | 'data' };

/** Fails with `flash/bad-file` {path: `name`, reason} for a damaged image or table. */
export function readContent(data: Uint8Array, name: string): Content {
  if (isPartitionTable(data) && data.length <= SECTOR_BYTES) return { kind: 'partition-table', partitions: readPartitionTable(data, name) };
  const merged = readMerged(data, name);
  if (merged !== null) return { kind: 'merged', merged };
  const image = readImage(data);
  if (typeof image === 'string') throw new TalkError('flash/bad-file', { path: name, reason: `image: ${image}` });
  if (image !== null) return { kind: isApp(image) ? 'app' : 'bootloader', image };
  if (isNvs(data)) return { kind: 'nvs' };
  if (isOtaData(data)) return { kind: 'ota-data' };
  if (isLittleFs(data)) return { kind: 'littlefs' };
  if (isFat(data)) return { kind: 'fat' };
  return { kind: 'data' };
}

/** Addresses that the cache maps flash to, [from, to): only an application has segments there. */
const newChips: readonly (readonly [number, number])[] = [
  [0x3c000000, 0x3e000000],
  [0x42000000, 0x44000000],
];
const mappedAddresses: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  esp32: [
    [0x3f400000, 0x3f800000],
    [0x400d0000, 0x40400000],
  ],
  esp32s2: [
    [0x3f000000, 0x3f400000],
    [0x40080000, 0x40c00000],
  ],
  esp32p4: [[0x40000000, 0x4c000000]],
};

function isApp({ app, chipId, segments }: ImageInfo): boolean {
  const ranges = mappedAddresses[chipByImageId(chipId)?.name ?? ''] ?? newChips;
  return app !== null || segments.some(({ address }) => ranges.some(([from, to]) => address >= from && address < to));
}

/** A page's header has a checksum of its own. */
export function isNvs(data: Uint8Array): boolean {
  if (data.length === 0 || data.length % SECTOR_BYTES !== 0) return false;
  const view = viewOf(data);
  const states = [0xfffffffe, 0xfffffffc];
  return (
    states.includes(view.getUint32(0, true)) &&
    (data[8] === 0xfe || data[8] === 0xff) &&
    view.getUint32(28, true) === crc32(data.subarray(4, 28), 0xffffffff)
  );
}

/** One of its two sectors says, with a checksum, which application starts. */
function isOtaData(data: Uint8Array): boolean {
  if (data.length !== 2 * SECTOR_BYTES) return false;
  const view = viewOf(data);
  return [0, SECTOR_BYTES].some((at) => {
    const sequence = view.getUint32(at, true);
    return sequence !== 0xffffffff && view.getUint32(at + 28, true) === crc32(data.subarray(at, at + 4), 0xffffffff);
  });
}

/** Its superblock is in either of the first two blocks. */
function isLittleFs(data: Uint8Array): boolean {
  return [8, SECTOR_BYTES + 8].some((at) => textAt(data, at, 8) === 'littlefs');
}

/** Perhaps behind the sector that wear levelling keeps before it. */
function isFat(data: Uint8Array): boolean {
  return [0, SECTOR_BYTES].some(
    (at) => data[at + 510] === 0x55 && data[at + 511] === 0xaa && [54, 82].some((label) => textAt(data, at + label, 3) === 'FAT'),
  );
}

function textAt(data: Uint8Array, at: number, lengthBytes: number): string {
  return Buffer.from(data.subarray(at, at + lengthBytes)).toString('latin1');
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

const foreign: readonly [beginning: readonly number[], reason: string][] = [
  [[0x7f, 0x45, 0x4c, 0x46], 'an ELF: it is for decoding; give the .bin that the build makes of it'],
  [[0x1f, 0x8b, 0x08], 'packed with gzip: unpack it first'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive: unpack it first'],
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], 'a 7z archive: unpack it first'],
  [[0x42, 0x5a, 0x68], 'packed with bzip2: unpack it first'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'packed with xz: unpack it first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'packed with zstd: unpack it first'],
];

/** Why a file is surely not what its chip reads; null when it may be. */
export function foreignFormat(data: Uint8Array): string | null {
  return foreign.find(([beginning]) => beginning.every((byte, index) => data[index] === byte))?.[1] ?? null;
}
