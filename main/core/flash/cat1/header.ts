import { createHash } from 'node:crypto';

/** What an image is for, as the module names it. */
export const imageIds = {
  /** The header itself. */
  head: 0x54494d48,
  /** The agentboot in RAM, and the bootloader in flash. */
  boot: 0x4f424d49,
  ap: 0x444b4249,
  cp: 0x43504249,
  flex: 0x464c5849,
} as const;

export type ImageKind = Exclude<keyof typeof imageIds, 'head'>;

export const HEADER_BYTES = 272;
const VERSION = 0x10000001;
const FORMAT_DATE = 0x20180507;
const NO_SIGNATURE = 0xee;
const LOAD_ADDRESS = 0x04010000;
const HEADER_HASH_AT = 32;
const IMAGE_HASH_AT = 96;

export interface HeaderOptions {
  kind: ImageKind;
  /** Where the flash takes it; 0 for what goes into RAM. */
  address: number;
  image: Uint8Array;
  /** The rate the agentboot shall speak at; 0: as it is. */
  baudRate?: number;
  pullUpQspi?: boolean;
  /** Over a UART only; null: over USB. */
  dribble?: { isOn: boolean } | null;
}

/** The 272 bytes before every image. The hash covers them all, itself as zeros. */
export function imageHeader({ kind, address, image, baudRate = 0, pullUpQspi = false, dribble = null }: HeaderOptions): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, VERSION, true);
  view.setUint32(4, imageIds.head, true);
  view.setUint32(8, FORMAT_DATE, true);
  view.setUint32(16, 1, true);
  view.setUint8(20, NO_SIGNATURE);
  view.setUint16(22, baudControl(baudRate), true);
  view.setUint32(24, (pullUpQspi ? 1 : 0) | dribbleBits(address, dribble), true);
  view.setUint32(64, imageIds[kind], true);
  view.setUint32(68, address, true);
  view.setUint32(72, LOAD_ADDRESS, true);
  view.setUint32(76, image.length, true);
  header.set(sha256(image), IMAGE_HASH_AT);
  header.set(sha256(header), HEADER_HASH_AT);
  return header;
}

/** Fifteen bits of hundreds. */
export const LARGEST_RATE = 0x7fff * 100;

/** 921600 is A400. */
export function baudControl(baudRate: number): number {
  return baudRate === 0 ? 0 : (Math.floor(baudRate / 100) & 0x7fff) + 0x8000;
}

/** Over USB, and at address 0, none. */
function dribbleBits(address: number, dribble: { isOn: boolean } | null): number {
  if (dribble === null || address === 0) return 0;
  return dribble.isOn ? 0b010 : 0b100;
}

function sha256(data: Uint8Array): Uint8Array {
  return createHash('sha256').update(data).digest();
}
