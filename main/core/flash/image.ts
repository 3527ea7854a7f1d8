import { createHash } from 'node:crypto';
import { TalkError } from '../../../preload/contract/errors.ts';
import { type Chip, flashSizeCodes } from './esp/chips.ts';

/** Espressif's application image (reference/esp.md §3, "Image"). */
const MAGIC = 0xe9;
const HEADER_BYTES = 24;
const APP_DESCRIPTOR_MAGIC = 0xabcd5432;
const MAX_SEGMENTS = 16;
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
  /** Null: none is appended. */
  isDigestRight: boolean | null;
}

/** Null when `data` is no ESP32-family image (a partition table, a file system, anything). */
export function readImage(data: Uint8Array): ImageInfo | null {
  if (data.length < HEADER_BYTES || data[0] !== MAGIC) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const count = view.getUint8(1);
  if (count === 0 || count > MAX_SEGMENTS) return null;
  const segments: ImageInfo['segments'] = [];
  let at = HEADER_BYTES;
  for (let index = 0; index < count; index++) {
    if (at + 8 > data.length) return null;
    const lengthBytes = view.getUint32(at + 4, true);
    segments.push({ address: view.getUint32(at, true), lengthBytes });
    at += 8 + lengthBytes;
  }
  const bodyBytes = Math.ceil((at + 1) / 16) * 16;
  if (bodyBytes > data.length) return null;
  return {
    chipId: view.getUint16(12, true),
    segments,
    entry: view.getUint32(4, true),
    app: readAppDescriptor(data),
    bodyBytes,
    isDigestRight: data[23] === 1 ? digestOf(data, bodyBytes).equals(data.subarray(bodyBytes, bodyBytes + 32)) : null,
  };
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
  if (image === null) return data;
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
