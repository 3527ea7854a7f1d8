import { createHash } from 'node:crypto';
import type { AppDescriptor } from '../../../../preload/contract/flash.ts';
import { chipByImageId } from '../esp/chips.ts';

/** Espressif's application image, version 1 of its format: header, segments, checksum, and perhaps a SHA-256 of it all. */
const MAGIC = 0xe9;
const HEADER_BYTES = 24;
const APP_DESCRIPTOR_MAGIC = 0xabcd5432;
const MAX_SEGMENTS = 16;
const CHECKSUM_SEED = 0xef;
const DIGEST_BYTES = 32;
const SIGNATURE_SECTOR_BYTES = 0x1000;

/** 100 × major + minor. */
export interface ChipRevisions {
  oldest: number;
  /** Null: any newer one. */
  newest: number | null;
}

export interface ImageInfo {
  chipId: number;
  revisions: ChipRevisions | null;
  segments: { address: number; lengthBytes: number }[];
  entry: number;
  app: AppDescriptor | null;
  /** As built: in the units of the header's codes. */
  flash: { mode: number; size: number; frequency: number };
  /** End of the checksummed part; the appended SHA-256, if any, stands here. */
  bodyBytes: number;
  /** With that SHA-256. What is behind it is padding, a signature, or another file of a merged image. */
  imageBytes: number;
  /** A signature for secure boot (version 2) is behind it: changing a byte would void it. */
  isSigned: boolean;
}

/** Whether a chip there is would read on: all that can be told of one that is damaged, or cut off. */
export function beginsLikeImage(data: Uint8Array): boolean {
  const [magic, count = 0] = data;
  if (data.length < HEADER_BYTES || magic !== MAGIC || count === 0 || count > MAX_SEGMENTS) return false;
  return chipByImageId(viewOf(data).getUint16(12, true)) !== undefined;
}

/** Why a chip would refuse to boot it. */
export type ImageProblem = 'truncated' | 'bad checksum' | 'bad digest';

/**
 * Null when `data` is no ESP32-family image (a partition table, a file system, anything), a problem when it is a damaged one.
 * What merely begins like an image is one when it says it is for a chip there is, or adds up.
 */
export function readImage(data: Uint8Array): ImageInfo | ImageProblem | null {
  const [magic, count = 0, mode = 0xff, sizeAndFrequency = 0] = data;
  if (data.length < HEADER_BYTES || magic !== MAGIC || count === 0 || count > MAX_SEGMENTS || mode > 5) return null;
  const view = viewOf(data);
  const chipId = view.getUint16(12, true);
  const body = readSegments(data, count);
  if (typeof body === 'string') return chipByImageId(chipId) === undefined ? null : body;
  return {
    chipId,
    revisions: readRevisions(view, chipId),
    entry: view.getUint32(4, true),
    app: readAppDescriptor(data),
    flash: { mode, size: sizeAndFrequency >> 4, frequency: sizeAndFrequency & 0x0f },
    ...body,
    isSigned: isSigned(data, body.imageBytes),
  };
}

function readSegments(data: Uint8Array, count: number): Pick<ImageInfo, 'segments' | 'bodyBytes' | 'imageBytes'> | ImageProblem {
  const view = viewOf(data);
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
  const imageBytes = bodyBytes + (hasDigest ? DIGEST_BYTES : 0);
  if (imageBytes > data.length) return 'truncated';
  if (data[bodyBytes - 1] !== checksum) return 'bad checksum';
  if (hasDigest && !digestOf(data, bodyBytes).equals(data.subarray(bodyBytes, imageBytes))) return 'bad digest';
  return { segments, bodyBytes, imageBytes };
}

/**
 * Since ESP-IDF 4.4.3 in full; before, one byte with the major number, on the ESP32-C3 the minor one. A header with nothing but
 * zeros, and one that takes any newer chip, bind nothing.
 */
function readRevisions(view: DataView, chipId: number): ChipRevisions | null {
  const oldestFull = view.getUint16(15, true);
  const newestFull = view.getUint16(17, true);
  if (newestFull === 0) {
    const byte = view.getUint8(14);
    const oldest = chipByImageId(chipId)?.name === 'esp32c3' ? byte : byte * 100;
    return oldest === 0 ? null : { oldest, newest: null };
  }
  const newest = newestFull === 0xffff ? null : newestFull;
  return oldestFull === 0 && newest === null ? null : { oldest: oldestFull, newest };
}

/** Secure boot's version 2: the image, padded to a sector, and behind it blocks that begin with E7 02 and its SHA-256. */
function isSigned(data: Uint8Array, imageBytes: number): boolean {
  const at = Math.ceil(imageBytes / SIGNATURE_SECTOR_BYTES) * SIGNATURE_SECTOR_BYTES;
  if (at + 36 > data.length || data[at] !== 0xe7 || data[at + 1] !== 0x02) return false;
  return digestOf(data, at).equals(data.subarray(at + 4, at + 36));
}

export function digestOf(data: Uint8Array, lengthBytes: number): Buffer {
  return createHash('sha256').update(data.subarray(0, lengthBytes)).digest();
}

/** The application's own words, where it has them: ESP-IDF puts them at the start of the first segment. */
export function readAppDescriptor(data: Uint8Array): AppDescriptor | null {
  const at = HEADER_BYTES + 8;
  if (at + 256 > data.length || viewOf(data).getUint32(at, true) !== APP_DESCRIPTOR_MAGIC) return null;
  const text = (offset: number) => {
    const field = Buffer.from(data.subarray(at + offset, at + offset + 32));
    const end = field.indexOf(0);
    return field.toString('utf8', 0, end < 0 ? 32 : end).replaceAll(/\p{Cc}/gu, '�');
  };
  return {
    version: text(16),
    project: text(48),
    idfVersion: text(112),
    elfSha256: Buffer.from(data.subarray(at + 144, at + 176)).toString('hex'),
  };
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}
