/** Espressif's serial loader protocol, its bytes (esptool's documentation, “Serial Protocol”). From 0xd0 on the stub's only. */
export const opcodes = {
  flashBegin: 0x02,
  flashData: 0x03,
  flashEnd: 0x04,
  memoryBegin: 0x05,
  memoryEnd: 0x06,
  memoryData: 0x07,
  sync: 0x08,
  writeRegister: 0x09,
  readRegister: 0x0a,
  spiSetParameters: 0x0b,
  spiAttach: 0x0d,
  readFlashSlow: 0x0e,
  changeBaudRate: 0x0f,
  deflateBegin: 0x10,
  deflateData: 0x11,
  deflateEnd: 0x12,
  flashMd5: 0x13,
  securityInfo: 0x14,
  eraseFlash: 0xd0,
  eraseRegion: 0xd1,
  readFlash: 0xd2,
} as const;

export type CommandName = keyof typeof opcodes;

const REQUEST = 0x00;
const RESPONSE = 0x01;
const CHECKSUM_SEED = 0xef;

export const syncPayload = Uint8Array.from([0x07, 0x07, 0x12, 0x20, ...Array<number>(32).fill(0x55)]);

export interface Response {
  opcode: number;
  value: number;
  /** Data and status, as they came. */
  body: Uint8Array;
}

/** A request before SLIP. `checksum` is for the *Data commands, over what follows their 16-byte header. */
export function encodeRequest(name: CommandName, data: Uint8Array = new Uint8Array(), checksum = 0): Uint8Array {
  const packet = new Uint8Array(8 + data.length);
  const view = new DataView(packet.buffer);
  packet[0] = REQUEST;
  packet[1] = opcodes[name];
  view.setUint16(2, data.length, true);
  view.setUint32(4, checksum, true);
  packet.set(data, 8);
  return packet;
}

/** Null when the packet is no response: noise, the application's text, our own echo. */
export function parseResponse(packet: Uint8Array): Response | null {
  if (packet.length < 8 || packet[0] !== RESPONSE) return null;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const length = view.getUint16(2, true);
  if (packet.length < 8 + length) return null;
  return { opcode: packet[1] ?? 0, value: view.getUint32(4, true), body: packet.subarray(8, 8 + length) };
}

/** Little-endian u32s: what most requests are made of. */
export function words(...values: readonly number[]): Uint8Array {
  const out = new Uint8Array(values.length * 4);
  const view = new DataView(out.buffer);
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value >>> 0, true);
  return out;
}

/** The body of a *Data request and its checksum. */
export function dataBlock(block: Uint8Array, sequence: number): { data: Uint8Array; checksum: number } {
  const data = new Uint8Array(16 + block.length);
  data.set(words(block.length, sequence, 0, 0));
  data.set(block, 16);
  let checksum = CHECKSUM_SEED;
  for (const byte of block) checksum ^= byte;
  return { data, checksum };
}

const statusReasons: Record<number, string> = {
  256: 'undefined error',
  257: 'invalid parameter',
  258: 'out of memory',
  259: 'message could not be sent',
  260: 'message could not be received',
  261: 'unsupported command or bad format',
  262: 'command failed',
  263: 'checksum mismatch',
  264: 'flash write failed',
  265: 'flash read failed',
  266: 'bad length',
  267: 'inflate failed',
  268: 'adler32 mismatch',
  49152: 'bad data length',
  49408: 'checksum mismatch',
  49664: 'bad block size',
  49920: 'unsupported command',
  50176: 'SPI operation failed',
  50432: 'SPI unlock failed',
  50688: 'not in flash mode',
  50944: 'inflate failed',
  51200: 'too little data',
  51456: 'too much data',
};

/** Both status bytes as one number, the loader's first byte high. The stub's codes need their own byte only. */
export function statusReason(status: number): string {
  return statusReasons[status] ?? statusReasons[status & 0xff00] ?? 'unknown error';
}
