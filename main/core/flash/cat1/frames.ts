import { crc32 } from 'node:zlib';

/**
 * Frames of Eigencomm's download protocol (docs/cat1-flashing.md). Request: command, index, order, ~order, length u32, data,
 * check. Answer: command, index, order, ~order, state, length u8, data, check. All little endian.
 */

/** Who answers: the mask ROM, the agentboot receiving an image, the agentboot taking orders. */
export type Phase = 'DL' | 'AG' | 'LPC';

/** What each is woken with, and answers. */
export const syncWords: Readonly<Record<Phase, number>> = { DL: 0x2b02d300, AG: 0x2b02d3aa, LPC: 0x2b02d3cd };
/** What an agentboot that still runs answers to the other two (one source). */
export const RESIDENT_WORD = 0x2b02d3ee;

const IMAGE_ORDER = 0xcd;
const CONTROL_ORDER = 0x4c;

export const imageCommands = {
  GET_VERSION: 0x20,
  SEL_IMAGE: 0x21,
  VERIFY_IMAGE: 0x22,
  DATA_HEAD: 0x31,
  DOWNLOAD_DATA: 0x32,
  DONE: 0x3a,
  DISCONNECT: 0x40,
} as const;

export const controlCommands = {
  FLASH_ERASE: 0x10,
  READ_MEM: 0x21,
  BURN_ONE: 0x42,
  GET_BURN_STATUS: 0x44,
  SYS_RST: 0xaa,
} as const;

export type ImageCommand = keyof typeof imageCommands;
export type ControlCommand = keyof typeof controlCommands;

/** In one DOWNLOAD_DATA. */
export const MAX_DATA_BYTES = 0x10000;

/** A request's facts. `phase` decides its order bytes and its check. */
export type Request =
  | { phase: 'DL' | 'AG'; command: ImageCommand; index?: number; data?: Uint8Array }
  | { phase: 'LPC'; command: ControlCommand; index?: number; data?: Uint8Array };

/** What an answer to a request begins with, but for its state and data. */
export interface Expected {
  command: number;
  index: number;
  order: number;
  /** Followed by a CRC-32. */
  isChecked: boolean;
  maxDataBytes: number;
}

export function encodeWord(word: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, word, true);
  return bytes;
}

/** Made anew for every sending: the length on the wire is not the length the check is made over. */
export function encodeRequest(request: Request): Uint8Array {
  const data = request.data ?? new Uint8Array();
  if (data.length > MAX_DATA_BYTES) throw new Error(`${data.length} bytes in one ${request.command}`);
  const order = orderOf(request.phase);
  const plain = new Uint8Array(8 + data.length);
  const view = new DataView(plain.buffer);
  plain.set([codeOf(request), request.index ?? 0, order, ~order & 0xff]);
  view.setUint32(4, data.length, true);
  plain.set(data, 8);
  if (request.phase === 'DL') return request.command === 'DOWNLOAD_DATA' ? withTail(plain, byteSum(plain)) : plain;
  const check = crc32(plain);
  if (data.length > 0) plain[7] = crc8Maxim(plain.subarray(4, 7));
  return withTail(plain, check);
}

export function expectedOf(request: Request): Expected {
  const index = request.index ?? 0;
  return {
    command: codeOf(request),
    // The one answer that counts on: it asks for the next.
    index: request.command === 'DOWNLOAD_DATA' ? (index + 1) & 0xff : index,
    order: orderOf(request.phase),
    isChecked: request.phase !== 'DL',
    maxDataBytes: request.phase === 'LPC' ? 0x100 : 12,
  };
}

export function orderOf(phase: Phase): number {
  return phase === 'LPC' ? CONTROL_ORDER : IMAGE_ORDER;
}

function codeOf(request: Request): number {
  return request.phase === 'LPC' ? controlCommands[request.command] : imageCommands[request.command];
}

export function byteSum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) >>> 0;
  return sum;
}

/** CRC-8/MAXIM: '123456789' gives A1. */
export function crc8Maxim(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0x8c);
  }
  return crc;
}

function withTail(bytes: Uint8Array, word: number): Uint8Array {
  const framed = new Uint8Array(bytes.length + 4);
  framed.set(bytes);
  new DataView(framed.buffer).setUint32(bytes.length, word >>> 0, true);
  return framed;
}
