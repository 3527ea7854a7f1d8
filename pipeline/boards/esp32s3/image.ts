import { createHash } from 'node:crypto';

/** What a boot loader learns from an application image (reference/esp.md §3, "Image"). */
export interface AppImage {
  sizeBytes: number;
  entry: number;
  segments: { address: number; offset: number; length: number }[];
  chipId: number;
  isDigestRight: boolean;
  projectName: string;
  version: string;
  compiledAt: string;
  idfVersion: string;
  /** Of the ELF, hexadecimal, as the application prints it. */
  elfSha256: string;
}

const IMAGE_MAGIC = 0xe9;
const DESCRIPTOR_MAGIC = 0xabcd5432;
const HEADER_BYTES = 24;
const CHECKSUM_SEED = 0xef;
const MAX_SEGMENTS = 16;

/** Reads the image at `offset`, or null when there is none (blank flash, wrong magic, absurd segments). */
export function readImage(read: (offset: number, length: number) => Uint8Array, offset: number): AppImage | null {
  const header = Buffer.from(read(offset, HEADER_BYTES));
  const segmentCount = header[1] ?? 0;
  if (header[0] !== IMAGE_MAGIC || segmentCount === 0 || segmentCount > MAX_SEGMENTS) return null;
  const segments: AppImage['segments'] = [];
  let at = offset + HEADER_BYTES;
  for (let index = 0; index < segmentCount; index++) {
    const head = Buffer.from(read(at, 8));
    const length = head.readUInt32LE(4);
    if (length > 16 << 20) return null;
    segments.push({ address: head.readUInt32LE(0), offset: at + 8, length });
    at += 8 + length;
  }
  // The checksum is the last byte of a 16-byte row.
  const bodyBytes = Math.ceil((at - offset + 1) / 16) * 16;
  const hasDigest = header[23] === 1;
  const body = Buffer.from(read(offset, bodyBytes));
  const digest = Buffer.from(read(offset + bodyBytes, 32));
  const descriptor = Buffer.from(read(segments[0]?.offset ?? offset, 176));
  const hasDescriptor = descriptor.readUInt32LE(0) === DESCRIPTOR_MAGIC;
  const text = (from: number, length: number) =>
    hasDescriptor ? (descriptor.toString('latin1', from, from + length).split('\0')[0] ?? '') : '';
  return {
    sizeBytes: bodyBytes + (hasDigest ? 32 : 0),
    entry: header.readUInt32LE(4),
    segments,
    chipId: header.readUInt16LE(12),
    isDigestRight: !hasDigest || createHash('sha256').update(body).digest().equals(digest),
    version: text(16, 32),
    projectName: text(48, 32),
    compiledAt: `${text(96, 16)} ${text(80, 16)}`.trim(),
    idfVersion: text(112, 32),
    elfSha256: hasDescriptor ? descriptor.toString('hex', 144, 176) : '',
  };
}

/** Makes a format-valid image: header, segments, checksum, appended SHA-256. */
export function makeImage(options: { chipId: number; entry: number; segments: { address: number; data: Uint8Array }[] }): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = IMAGE_MAGIC;
  header[1] = options.segments.length;
  header[2] = 2; // DIO
  header[3] = 0x3f; // 8 MB, 80 MHz
  header.writeUInt32LE(options.entry, 4);
  header[8] = 0xee; // no write-protect pin
  header.writeUInt16LE(options.chipId, 12);
  header.writeUInt16LE(0xffff, 17); // any later revision will do
  header[23] = 1; // SHA-256 follows
  const pieces: Uint8Array[] = [header];
  let checksum = CHECKSUM_SEED;
  for (const { address, data } of options.segments) {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(address, 0);
    head.writeUInt32LE(data.length, 4);
    pieces.push(head, data);
    for (const byte of data) checksum ^= byte;
  }
  const unpadded = Buffer.concat(pieces);
  const body = Buffer.alloc(Math.ceil((unpadded.length + 1) / 16) * 16);
  unpadded.copy(body);
  body[body.length - 1] = checksum;
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

export interface AppDescription {
  projectName: string;
  version: string;
  idfVersion: string;
  date: string;
  time: string;
  elfSha256: Uint8Array;
}

/** The 256-byte application descriptor that stands first in an application's first segment. */
export function makeAppDescriptor(app: AppDescription): Uint8Array {
  const descriptor = Buffer.alloc(256);
  descriptor.writeUInt32LE(DESCRIPTOR_MAGIC, 0);
  descriptor.write(app.version.slice(0, 31), 16, 'latin1');
  descriptor.write(app.projectName.slice(0, 31), 48, 'latin1');
  descriptor.write(app.time.slice(0, 15), 80, 'latin1');
  descriptor.write(app.date.slice(0, 15), 96, 'latin1');
  descriptor.write(app.idfVersion.slice(0, 31), 112, 'latin1');
  descriptor.set(app.elfSha256.subarray(0, 32), 144);
  return descriptor;
}
