import { TalkError } from '../../../../../preload/contract/errors.ts';
import type { ModuleImage } from '../burn.ts';
import type { Dialect } from '../dialect.ts';
import type { PackageFamily } from '../families.ts';
import type { Binpkg, BinpkgEntry } from './binpkg.ts';

/** Where EC7xx and the application processor of the EC618 see their flash. */
const MAPPED_AT = 0x800000;
/** A page: writing takes a whole one. */
const SECTOR_BYTES = 0x1000;

/** One for the flash, and what it is called in the package. */
export interface PackageImage extends ModuleImage {
  type: 'BL' | 'AP' | 'CP' | 'FLEX';
}

/** Entries that only tell the tool something. */
const toolTypes = ['CFG', 'INI', 'VIRTUALIMG'];

/** What of the package is written where, in its order, and what is not. Fails with 'flash/does-not-fit', 'flash/overlap', 'flash/protected', 'flash/too-big'. */
export function imagesOf(
  { entries }: Binpkg,
  script: { data: Uint8Array; address: number } | null,
  family: PackageFamily | null,
  dialect: Pick<Dialect, 'scriptAs' | 'bootloaderAt'>,
): { images: PackageImage[]; skipped: { name: string; type: string }[] } {
  const images: PackageImage[] = [];
  const skipped: { name: string; type: string }[] = [];
  for (const entry of entries) {
    const image = imageOf(entry, family, dialect);
    if (image !== null) images.push(image);
    else if (!toolTypes.includes(entry.type.toUpperCase()) && !/\.\w*ini$/i.test(entry.name))
      skipped.push({ name: entry.name, type: entry.type });
  }
  if (script !== null) {
    const isFile = dialect.scriptAs === 'flex';
    const address = isFile ? mapped(script.address) : plain(script.address);
    images.push({ name: 'script', type: 'FLEX', kind: isFile ? 'flex' : 'ap', address, isInCpFlash: false, data: script.data });
  }
  for (const image of images) requireUnprotected(image, family);
  requireApart(images);
  return { images, skipped };
}

function imageOf(entry: BinpkgEntry, family: PackageFamily | null, { bootloaderAt }: Pick<Dialect, 'bootloaderAt'>): PackageImage | null {
  const type = entry.type.toUpperCase();
  if (type !== 'BL' && type !== 'AP' && type !== 'CP') return null;
  const { name, data, roomBytes } = entry;
  if (data.length === 0) throw new TalkError('flash/bad-file', { path: name, reason: 'empty' });
  // One source only says that it is the room: what is no number of pages is something else.
  if (roomBytes > 0 && roomBytes % SECTOR_BYTES === 0 && data.length > roomBytes)
    throw new TalkError('flash/does-not-fit', { name, sizeBytes: data.length, partition: type, partitionBytes: roomBytes });
  const common = { name, type, data, isInCpFlash: false } as const;
  if (type === 'BL') return { ...common, kind: 'boot', address: bootloaderAt === 'zero' ? 0 : plain(entry.address) };
  if (type === 'AP') return { ...common, kind: 'ap', address: plain(entry.address) };
  // The EC618's modem has a flash of its own, which it fills from its beginning.
  const isInCpFlash = family === 'ec618';
  return { ...common, kind: 'cp', address: isInCpFlash ? 0 : plain(entry.address), isInCpFlash };
}

function plain(address: number): number {
  return address >= MAPPED_AT ? address - MAPPED_AT : address;
}

function mapped(address: number): number {
  return address < MAPPED_AT ? address + MAPPED_AT : address;
}

interface Range {
  from: number;
  to: number;
}

const inFlash = (image: ModuleImage): Range => ({ from: plain(image.address), to: plain(image.address) + image.data.length });
const touches = (a: Range, b: Range) => a.from < b.to && b.from < a.to;

/** Of the common flash as every family maps it, and of the modem's own. Behind it an address wraps around, or is another thing. */
const FLASH_BYTES = 0x800000;
const CP_FLASH_BYTES = 0x100000;

/**
 * Made in the factory for this one module, and kept by everything that writes. The EC718's is an EC718P's, whose 4 MB are seen again
 * behind themselves; of the EC618 two places are known and not where the second ends. Of the others nobody has told.
 */
const calibration: Partial<Record<PackageFamily, { ranges: readonly Range[]; isInCpFlash: boolean }>> = {
  ec618: { ranges: [{ from: 0xce000, to: CP_FLASH_BYTES }], isInCpFlash: true },
  ec718: { ranges: [keptOfEc718(0), keptOfEc718(0x400000)], isInCpFlash: false },
  ec7xx: { ranges: [keptOfEc718(0)], isInCpFlash: false },
};

function keptOfEc718(at: number): Range {
  return { from: at + 0x3f2000, to: at + 0x3fe000 };
}

/** Fails with 'flash/protected' {offset, sizeBytes, what}, and with 'flash/too-big' for what no module has flash for. */
export function requireUnprotected(image: ModuleImage, family: PackageFamily | null): void {
  const { address: offset, isInCpFlash } = image;
  const sizeBytes = image.data.length;
  const kept = family === null ? undefined : calibration[family];
  const isTouched = kept?.isInCpFlash === isInCpFlash && kept.ranges.some((range) => touches(inFlash(image), range));
  if (isTouched) throw new TalkError('flash/protected', { offset, sizeBytes, what: 'calibration' });
  const flashBytes = isInCpFlash ? CP_FLASH_BYTES : FLASH_BYTES;
  // A file's address is the mapped one.
  const flashEnd = image.kind === 'flex' ? MAPPED_AT + flashBytes : flashBytes;
  if (offset + sizeBytes > flashEnd) throw new TalkError('flash/too-big', { offset, sizeBytes, flashBytes, file: image.name });
}

function requireApart(images: readonly PackageImage[]): void {
  const sectors = (image: PackageImage): Range => {
    const { from, to } = inFlash(image);
    return { from, to: Math.ceil(to / SECTOR_BYTES) * SECTOR_BYTES };
  };
  images.forEach((first, index) => {
    const second = images
      .slice(index + 1)
      .find((other) => other.isInCpFlash === first.isInCpFlash && !isWithin(first, other) && touches(sectors(first), sectors(other)));
    if (second !== undefined) throw new TalkError('flash/overlap', { first: first.name, second: second.name });
  });
}

/** The script's place is within the application's, and a production package fills it already. What comes later counts. */
function isWithin(first: PackageImage, later: PackageImage): boolean {
  return first.type === 'AP' && later.type === 'FLEX';
}
