/** Espressif's serial loader protocol, in its numbers (reference/esp.md §3), as the chip's end needs it. */
export const command = {
  flashBegin: 0x02,
  flashData: 0x03,
  flashEnd: 0x04,
  memBegin: 0x05,
  memEnd: 0x06,
  memData: 0x07,
  sync: 0x08,
  writeRegister: 0x09,
  readRegister: 0x0a,
  spiSetParameters: 0x0b,
  spiAttach: 0x0d,
  readFlashSlow: 0x0e,
  changeBaud: 0x0f,
  deflateBegin: 0x10,
  deflateData: 0x11,
  deflateEnd: 0x12,
  flashMd5: 0x13,
  securityInfo: 0x14,
  eraseFlash: 0xd0,
  eraseRegion: 0xd1,
  readFlash: 0xd2,
  runUserCode: 0xd3,
} as const;

/** [what the ROM says, what the stub says]. The ROM calls every message it cannot use "invalid". */
export const failure = {
  unsupported: [0x05, 0xc3],
  invalid: [0x05, 0xc0],
  blockSize: [0x05, 0xc2],
  failed: [0x06, 0xc4],
  checksum: [0x07, 0xc1],
  readLength: [0x0a, 0xc0],
  inflate: [0x0b, 0xc7],
  notInFlashMode: [0x06, 0xc6],
  notEnough: [0x06, 0xc8],
  tooMuch: [0x06, 0xc9],
} as const;
export type Failure = keyof typeof failure;

/** What a command comes to: why it failed, or what is answered (`times` over), and what happens once it was. */
export type Outcome = Failure | { value?: number; data?: Uint8Array; times?: number; after?: () => void };

export const SYNC_REPLIES = 8;
/** 07 07 12 20 and thirty-two times 55: the eye of the loader's autobaud. */
export const syncPayload = Uint8Array.from([0x07, 0x07, 0x12, 0x20, ...new Array<number>(32).fill(0x55)]);
export const ROM_BLOCK_BYTES = 0x400;
export const STUB_BLOCK_BYTES = 0x4000;
export const RAM_BLOCK_BYTES = 0x1800;
export const USB_OTG_BLOCK_BYTES = 0x800;

export function wordsOf(data: Uint8Array): number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: Math.floor(data.length / 4) }, (_, index) => view.getUint32(index * 4, true));
}

export function checksumOf(data: Uint8Array): number {
  let sum = 0xef;
  for (const byte of data) sum ^= byte;
  return sum;
}
