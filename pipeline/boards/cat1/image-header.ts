import { createHash } from 'node:crypto';

export const ids = { head: 0x54494d48, boot: 0x4f424d49, ap: 0x444b4249, cp: 0x43504249, flex: 0x464c5849 } as const;
export const HEADER_BYTES = 272;

export interface ReadHeader {
  id: number;
  address: number;
  sizeBytes: number;
  /** 0: as it is. */
  baudRate: number;
  /** Of the image, hex. */
  sha256: string;
}

/** Null: a header that a module would not take. */
export function readHeader(bytes: Uint8Array): ReadHeader | null {
  const header = Buffer.from(bytes);
  if (header.length !== HEADER_BYTES) return null;
  const isVersion = header.readUInt32LE(0) === 0x10000001 && header.readUInt32LE(4) === ids.head && header.readUInt32LE(8) === 0x20180507;
  const isOnePlain = header.readUInt32LE(16) === 1 && header[20] === 0xee;
  const hash = header.subarray(32, 64).toString('hex');
  const unhashed = Buffer.from(header).fill(0, 32, 64);
  if (!isVersion || !isOnePlain || createHash('sha256').update(unhashed).digest('hex') !== hash) return null;
  const control = header.readUInt16LE(22);
  return {
    id: header.readUInt32LE(64),
    address: header.readUInt32LE(68),
    sizeBytes: header.readUInt32LE(76),
    baudRate: control === 0 ? 0 : (control & 0x7fff) * 100,
    sha256: header.subarray(96, 128).toString('hex'),
  };
}

export function isImageOf({ sizeBytes, sha256 }: ReadHeader, image: Uint8Array): boolean {
  return image.length === sizeBytes && createHash('sha256').update(image).digest('hex') === sha256;
}
