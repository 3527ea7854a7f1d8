import { createHash } from 'node:crypto';
import { TalkError } from '../../../preload/contract/errors.ts';
import { type Chip, chipByImageId, flashSizeCodes } from './esp/chips.ts';

/** Espressif's application image (reference/esp.md §3, "Image"). */
const MAGIC = 0xe9;
const HEADER_BYTES = 24;
const APP_DESCRIPTOR_MAGIC = 0xabcd5432;
const MAX_SEGMENTS = 16;
const CHECKSUM_SEED = 0xef;
const DIGEST_BYTES = 32;
const modeCodes: Readonly<Record<string, number>> = { qio: 0, qout: 1, dio: 2, dout: 3 };

export interface AppDescriptor {
  version: string;
  project: string;
  idfVersion: string;
  /** SHA-256 of the ELF the image was made of, hex: how a log finds its symbols. */
  elfSha256: string;
}

export interface ImageInfo {
  chipId: number;
  segments: { address: number; lengthBytes: number }[];
  entry: number;
  app: AppDescriptor | null;
  /** End of the checksummed part; the appended SHA-256, if any, stands here. */
  bodyBytes: number;
}

/** Why a chip would refuse to boot it. */
export type ImageProblem = 'truncated' | 'bad checksum' | 'bad digest';

/**
 * Null when `data` is no ESP32-family image (a partition table, a file system, anything), a problem when it is a damaged one.
 * What merely begins like an image is one when it says it is for a chip there is, or adds up.
 */
export function readImage(data: Uint8Array): ImageInfo | ImageProblem | null {
  const [magic, count = 0, mode = 0xff] = data;
  if (data.length < HEADER_BYTES || magic !== MAGIC || count === 0 || count > MAX_SEGMENTS || mode > 5) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const chipId = view.getUint16(12, true);
  const body = readSegments(data, count);
  if (typeof body === 'string') return chipByImageId(chipId) === undefined ? null : body;
  return { chipId, entry: view.getUint32(4, true), app: readAppDescriptor(data), ...body };
}

function readSegments(data: Uint8Array, count: number): Pick<ImageInfo, 'segments' | 'bodyBytes'> | ImageProblem {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const segments: ImageInfo['segments'] = [];
  let checksum = CHECKSUM_SEED;
  let at = HEADER_BYTES;
  for (let index = 0; index < count; index++) {
    if (at + 8 > data.length) return 'truncated';
    const lengthBytes = view.getUint32(at + 4, true);
    segments.push({ address: view.getUint32(at, true), lengthBytes });
    at += 8;
    if (at + lengthBytes > data.length) return 'truncated';
    for (const end = at + lengthBytes; at < end; at++) checksum ^= data[at] ?? 0;
  }
  const bodyBytes = Math.ceil((at + 1) / 16) * 16;
  const hasDigest = data[23] === 1;
  if (bodyBytes + (hasDigest ? DIGEST_BYTES : 0) > data.length) return 'truncated';
  if (data[bodyBytes - 1] !== checksum) return 'bad checksum';
  if (hasDigest && !digestOf(data, bodyBytes).equals(data.subarray(bodyBytes, bodyBytes + DIGEST_BYTES))) return 'bad digest';
  return { segments, bodyBytes };
}

export interface HeaderPatch {
  mode: string;
  frequency: string;
  size: string;
}

/**
 * A bootloader with the flash's mode, frequency and size in its header, 'keep' leaving each as built. The appended SHA-256 is
 * made anew: it covers the header. (The checksum byte does not.) Returns `data` itself when nothing changes.
 *
 * Fails with `bad-request` for a value this chip does not know.
 */
export function patchHeader(data: Uint8Array, patch: HeaderPatch, chip: Chip): Uint8Array {
  const image = readImage(data);
  if (image === null || typeof image === 'string') return data;
  const mode = patch.mode === 'keep' ? data[2] : codeOf('flashMode', modeCodes, patch.mode);
  const old = data[3] ?? 0;
  const size = patch.size === 'keep' ? old >> 4 : codeOf('flashSize', flashSizeCodes, patch.size.toUpperCase());
  const frequency = patch.frequency === 'keep' ? old & 0x0f : codeOf('flashFrequency', chip.frequencies, patch.frequency);
  if (mode === data[2] && ((size << 4) | frequency) === old) return data;
  const patched = data.slice();
  patched[2] = mode ?? 0;
  patched[3] = (size << 4) | frequency;
  if (patched[23] === 1) patched.set(digestOf(patched, image.bodyBytes), image.bodyBytes);
  return patched;
}

/** Fails with `bad-request` for a value that none of `chips` has. 'keep' is for all, and 'detect' is a size. */
export function requireHeaderValues({ mode, frequency, size }: HeaderPatch, chips: readonly Chip[]): void {
  if (mode !== 'keep') codeOf('flashMode', modeCodes, mode);
  if (size !== 'keep' && size !== 'detect') codeOf('flashSize', flashSizeCodes, size.toUpperCase());
  if (frequency !== 'keep') codeOf('flashFrequency', Object.assign({}, ...chips.map((chip) => chip.frequencies)), frequency);
}

function codeOf(key: string, codes: Readonly<Record<string, number>>, value: string): number {
  const code = codes[value];
  if (code === undefined)
    throw new TalkError('bad-request', { issues: [{ path: [key], message: `not one of ${Object.keys(codes).join(', ')}` }] });
  return code;
}

function digestOf(data: Uint8Array, bodyBytes: number): Buffer {
  return createHash('sha256').update(data.subarray(0, bodyBytes)).digest();
}

function readAppDescriptor(data: Uint8Array): AppDescriptor | null {
  const at = HEADER_BYTES + 8;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (at + 256 > data.length || view.getUint32(at, true) !== APP_DESCRIPTOR_MAGIC) return null;
  const text = (offset: number) => {
    const field = Buffer.from(data.subarray(at + offset, at + offset + 32));
    const end = field.indexOf(0);
    return field.toString('utf8', 0, end < 0 ? 32 : end);
  };
  return {
    version: text(16),
    project: text(48),
    idfVersion: text(112),
    elfSha256: Buffer.from(data.subarray(at + 144, at + 176)).toString('hex'),
  };
}
