import { TalkError } from '../../../../preload/contract/errors.ts';
import type { FlashOptions } from '../../../../preload/contract/flash.ts';
import { type Chip, flashSizeCodes } from '../esp/chips.ts';
import { digestOf, readImage } from './esp-image.ts';

const modeCodes: Readonly<Record<string, number>> = { qio: 0, qout: 1, dio: 2, dout: 3 };
const MEGABYTE = 1024 * 1024;

export interface HeaderPatch {
  mode: string;
  frequency: string;
  size: string;
}

export function headerPatchOf({
  flashMode,
  flashFrequency,
  flashSize,
}: Pick<FlashOptions, 'flashMode' | 'flashFrequency' | 'flashSize'>): HeaderPatch {
  return { mode: flashMode, frequency: flashFrequency, size: flashSize };
}

/**
 * A bootloader with the flash's mode, frequency and size in its header, 'keep' leaving each as built and the size 'detect'
 * being `flashBytes`. The appended SHA-256 is made anew: it covers the header. (The checksum byte does not.) Returns `data`
 * itself when nothing changes, when it is no sound image, and when it is signed: the signature would not hold any more.
 *
 * Fails with `bad-request` for a value this chip does not know.
 */
export function patchHeader(data: Uint8Array, patch: HeaderPatch, chip: Chip, flashBytes: number | null = null): Uint8Array {
  const image = readImage(data);
  if (image === null || typeof image === 'string' || image.isSigned) return data;
  const mode = patch.mode === 'keep' ? image.flash.mode : codeOf('flashMode', modeCodes, patch.mode);
  const sizeName = patch.size === 'detect' ? sizeNameOf(flashBytes) : patch.size.toUpperCase();
  const size = sizeName === 'KEEP' ? image.flash.size : codeOf('flashSize', flashSizeCodes, sizeName);
  const frequency = patch.frequency === 'keep' ? image.flash.frequency : codeOf('flashFrequency', chip.frequencies, patch.frequency);
  if (mode === data[2] && ((size << 4) | frequency) === data[3]) return data;
  const patched = data.slice();
  patched[2] = mode;
  patched[3] = (size << 4) | frequency;
  if (image.imageBytes > image.bodyBytes) patched.set(digestOf(patched, image.bodyBytes), image.bodyBytes);
  return patched;
}

/** Fails with `bad-request` for a value that none of `chips` has. 'keep' is for all, and 'detect' is a size. */
export function requireHeaderValues({ mode, frequency, size }: HeaderPatch, chips: readonly Chip[]): void {
  if (mode !== 'keep') codeOf('flashMode', modeCodes, mode);
  if (size !== 'keep' && size !== 'detect') codeOf('flashSize', flashSizeCodes, size.toUpperCase());
  if (frequency !== 'keep') codeOf('flashFrequency', Object.assign({}, ...chips.map((chip) => chip.frequencies)), frequency);
}

/** Of a size as the header's patch names it ('4MB'); null for 'keep', 'detect' and what is none. */
export function flashBytesOfName(size: string): number | null {
  const code = flashSizeCodes[size.toUpperCase()];
  return code === undefined ? null : 2 ** code * MEGABYTE;
}

function sizeNameOf(flashBytes: number | null): string {
  const name = `${(flashBytes ?? 0) / MEGABYTE}MB`;
  return name in flashSizeCodes ? name : 'KEEP';
}

function codeOf(key: string, codes: Readonly<Record<string, number>>, value: string): number {
  const code = Object.hasOwn(codes, value) ? codes[value] : undefined;
  if (code === undefined)
    throw new TalkError('bad-request', { issues: [{ path: [key], message: `not one of ${Object.keys(codes).join(', ')}` }] });
  return code;
}
