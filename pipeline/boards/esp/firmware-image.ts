import { createHash } from 'node:crypto';

/** Espressif's application image format (reference/esp.md §3, "Image"), as the chip's ROM and bootloader read it. */
const MAGIC = 0xe9;
const HEADER_BYTES = 24;
const CHECKSUM_SEED = 0xef;
const APP_DESCRIPTOR_MAGIC = 0xabcd5432;
const APP_DESCRIPTOR_BYTES = 256;

export interface Segment {
  /** Where it is loaded or mapped. */
  address: number;
  data: Uint8Array;
}

export interface PlacedSegment {
  address: number;
  /** From the image's start. */
  offset: number;
  lengthBytes: number;
}

export interface AppDescriptor {
  version: string;
  projectName: string;
  /** 'HH:MM:SS' and 'Mmm dd yyyy', as the compiler writes them. */
  time: string;
  date: string;
  idfVersion: string;
  /** 64 hex digits. */
  elfSha256: string;
}

export interface FirmwareImage {
  entry: number;
  flashSizeCode: number;
  segments: PlacedSegment[];
  app: AppDescriptor | null;
}

export type ImageProblem = 'magic' | 'chip' | 'segments' | 'checksum' | 'sha256';

/** Reads and checks an image at `offset` through `read`, so that no more than the image is fetched. */
export function readImage(
  read: (offset: number, lengthBytes: number) => Uint8Array,
  offset: number,
  chipId: number,
): FirmwareImage | ImageProblem {
  const header = dataView(read(offset, HEADER_BYTES));
  const segmentCount = header.getUint8(1);
  if (header.getUint8(0) !== MAGIC || segmentCount === 0 || segmentCount > 16) return 'magic';
  if (header.getUint16(12, true) !== chipId) return 'chip';

  const segments: PlacedSegment[] = [];
  let at = HEADER_BYTES;
  let checksum = CHECKSUM_SEED;
  for (let index = 0; index < segmentCount; index++) {
    const segmentHeader = dataView(read(offset + at, 8));
    const lengthBytes = segmentHeader.getUint32(4, true);
    if (lengthBytes > 0x1000000) return 'segments';
    segments.push({ address: segmentHeader.getUint32(0, true), offset: at + 8, lengthBytes });
    for (const byte of read(offset + at + 8, lengthBytes)) checksum ^= byte;
    at += 8 + lengthBytes;
  }
  const end = Math.ceil((at + 1) / 16) * 16;
  if (read(offset + end - 1, 1)[0] !== checksum) return 'checksum';
  if (header.getUint8(23) === 1) {
    const expected = createHash('sha256').update(read(offset, end)).digest();
    if (!expected.equals(read(offset + end, 32))) return 'sha256';
  }
  const first = segments[0];
  const app = first === undefined ? null : readAppDescriptor(read(offset + first.offset, APP_DESCRIPTOR_BYTES));
  return { entry: header.getUint32(4, true), flashSizeCode: header.getUint8(3) >> 4, segments, app };
}

function readAppDescriptor(data: Uint8Array): AppDescriptor | null {
  const view = dataView(data);
  if (view.getUint32(0, true) !== APP_DESCRIPTOR_MAGIC) return null;
  const text = (start: number, length: number) => {
    const field = Buffer.from(data.subarray(start, start + length));
    const end = field.indexOf(0);
    return field.toString('utf8', 0, end < 0 ? length : end);
  };
  return {
    version: text(16, 32),
    projectName: text(48, 32),
    time: text(80, 16),
    date: text(96, 16),
    idfVersion: text(112, 32),
    elfSha256: Buffer.from(data.subarray(144, 176)).toString('hex'),
  };
}

export interface ImageContents {
  chipId: number;
  /** Megabytes: a power of two, and its code in the header is that power. */
  flashMegabytes: number;
  /** Low nibble of the header's fourth byte. */
  frequencyCode: number;
  /** Newest chip revision it runs on: major * 100 + minor. */
  maxRevision: number;
  entry: number;
  segments: readonly Segment[];
}

/** DIO; with checksum and appended SHA-256. */
export function buildImage(image: ImageContents): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = dataView(header);
  header[0] = MAGIC;
  header[1] = image.segments.length;
  header[2] = 2; // DIO
  header[3] = (Math.log2(image.flashMegabytes) << 4) | image.frequencyCode;
  view.setUint32(4, image.entry, true);
  header[8] = 0xee; // the write-protect pin is not used
  view.setUint16(12, image.chipId, true);
  view.setUint16(17, image.maxRevision, true);
  header[23] = 1;

  const parts: Uint8Array[] = [header];
  let checksum = CHECKSUM_SEED;
  let length = header.length;
  for (const segment of image.segments) {
    const segmentHeader = new Uint8Array(8);
    dataView(segmentHeader).setUint32(0, segment.address, true);
    dataView(segmentHeader).setUint32(4, segment.data.length, true);
    for (const byte of segment.data) checksum ^= byte;
    parts.push(segmentHeader, segment.data);
    length += 8 + segment.data.length;
  }
  const padding = new Uint8Array(Math.ceil((length + 1) / 16) * 16 - length);
  padding[padding.length - 1] = checksum;
  const body = Buffer.concat([...parts, padding]);
  return Uint8Array.from(Buffer.concat([body, createHash('sha256').update(body).digest()]));
}

export function buildAppDescriptor(app: AppDescriptor): Uint8Array {
  const data = new Uint8Array(APP_DESCRIPTOR_BYTES);
  dataView(data).setUint32(0, APP_DESCRIPTOR_MAGIC, true);
  const put = (start: number, length: number, text: string) => data.set(Buffer.from(text).subarray(0, length - 1), start);
  put(16, 32, app.version);
  put(48, 32, app.projectName);
  put(80, 16, app.time);
  put(96, 16, app.date);
  put(112, 32, app.idfVersion);
  data.set(Buffer.from(app.elfSha256, 'hex'), 144);
  return data;
}

function dataView(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}
