import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { decodeText, type Frame, type FrameFormat, isPrintable, linesOf, MAX_FRAME_BYTES, unescapeFrame } from './frame.ts';
import { readPrint } from './luatos.ts';

const FLAG = 0xa5;
const ESCAPE = 0xa6;
const HEADER_BYTES = 24;
const levels: Readonly<Record<number, LogLevel>> = { 1: 'debug', 2: 'info', 3: 'warn', 4: 'error' };

/**
 * The newer SoC log of Air8101, Air1601, Air6208 (reference/cat1.md §6.2, from one source): `A5 header body crc16 A5`, little-endian.
 * Header: u64 ms, u64 tag (8-bit level and eight 7-bit letters), u32 cmd, u16 sn, u8 type, u8 cpu. What the source leaves open is
 * settled by what fits: which escape stands for which byte by the checksum, the order in the tag by which one reads as a word.
 */
export const socFrames: FrameFormat = {
  name: 'soc',
  starts: [FLAG],
  read(bytes, at, end, isExpected) {
    let isOpen = false;
    let unreadable: Frame | null = null;
    for (const [one, two] of [
      [ESCAPE, FLAG],
      [FLAG, ESCAPE],
    ] as const) {
      const escapes = { flag: FLAG, escape: ESCAPE, one, two };
      const begun = unescapeFrame(bytes, at, end, escapes, 8);
      if (begun === null || !isTimePlausible(begun.body)) continue;
      const found = unescapeFrame(bytes, at, end, escapes);
      if (found === null) continue;
      if (found.isOpen) isOpen ||= found.body.length < MAX_FRAME_BYTES;
      else {
        const frame = readFrame(found.body, found.end);
        if (frame !== null) return frame;
        if (found.body.length > HEADER_BYTES && !isPrintable(found.body)) unreadable = { end: found.end, lines: [] };
      }
    }
    return isOpen ? 'more' : isExpected ? unreadable : null;
  },
};

/** No board runs for 34 years: the upper three bytes of its milliseconds are zero, which tells it from Chinese text at once. */
function isTimePlausible(body: Buffer): boolean {
  for (let index = 5; index < 8 && index < body.length; index++) if (body[index] !== 0) return false;
  return true;
}

function readFrame(body: Buffer, end: number): Frame | null {
  if (body.length < HEADER_BYTES + 2) return null;
  const sumAt = body.length - 2;
  if (crc16(body.subarray(0, sumAt)) !== body.readUInt16LE(sumAt)) return null;
  const { level, tag } = readTag(body.readBigUInt64LE(8));
  const frame: Frame = { end, lines: readBody(body.subarray(HEADER_BYTES, sumAt)), deviceMs: Number(body.readBigUInt64LE(0)) };
  const name = levels[level];
  if (name !== undefined) frame.level = name;
  if (tag !== '') frame.tag = tag;
  if (frame.lines.length === 0)
    frame.payload = { cmd: body.readUInt32LE(16), sn: body.readUInt16LE(20), type: body[22], cpu: body[23], bytes: sumAt - HEADER_BYTES };
  return frame;
}

/** Text, or a format with arguments as in the older log. */
function readBody(body: Buffer): string[] {
  const printed = readPrint(body);
  if (printed !== null) return linesOf(printed);
  const end = body.findLastIndex((byte) => byte !== 0) + 1;
  return end > 0 && isPrintable(body.subarray(0, end)) ? linesOf(decodeText(body.subarray(0, end))) : [];
}

function readTag(tag: bigint): { level: number; tag: string } {
  const low = { level: Number(tag & 0xffn), letters: tag >> 8n };
  const high = { level: Number(tag >> 56n), letters: tag & ((1n << 56n) - 1n) };
  for (const { level, letters } of [low, high]) {
    const codes = Array.from({ length: 8 }, (_, index) => Number((letters >> BigInt(7 * index)) & 0x7fn));
    for (const order of [codes, codes.toReversed()]) {
      const word = String.fromCharCode(...order).replace(/\0+$/, '');
      if (/^[\w.\-/]+$/.test(word)) return { level, tag: word };
    }
  }
  return { level: low.level, tag: '' };
}

/** CRC-16 with polynomial A001 (reflected 8005), initial value 0. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}
