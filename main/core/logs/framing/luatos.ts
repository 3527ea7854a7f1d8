import { decodeText, type Frame, type FrameFormat, isPrintable, linesOf, MAX_FRAME_BYTES, unescapeFrame } from './frame.ts';
import { type PrintfArguments, printf } from './printf.ts';

const FLAG = 0x7e;
const escapes = { flag: FLAG, escape: 0x7d, one: 0x7d, two: FLAG };
const HEADER_BYTES = 12;
const MAX_FORMAT_BYTES = 512;

/**
 * The LuatOS log of EC618/EC7xx modules on USB interface x.2 (reference/cat1.md §6.1): `7E payload 7E`, escapes `7D 01` for 7D and
 * `7D 02` for 7E, no checksum. Payload, little-endian: u32 ms, u32 0, u32 id, a printf format ended by NUL and padded to 4 with
 * whatever stood there before, then the arguments.
 */
export const luatosFrames: FrameFormat = {
  name: 'luatos',
  starts: [FLAG],
  read(bytes, at, end, isExpected) {
    // The zero word tells a frame from a tilde in a text before the rest has come.
    const begun = unescapeFrame(bytes, at, end, escapes, 8);
    if (begun === null || !isHeaderBegun(begun.body)) return null;
    const found = unescapeFrame(bytes, at, end, escapes);
    if (found === null) return null;
    if (found.isOpen) return found.body.length < MAX_FRAME_BYTES ? 'more' : null;
    const frame = readPayload(found.body, found.end);
    if (frame !== null) return frame;
    const isUnreadable = isExpected && found.body.length >= HEADER_BYTES && !isPrintable(found.body);
    return isUnreadable ? { end: found.end, lines: [] } : null;
  },
};

function isHeaderBegun(body: Buffer): boolean {
  for (let index = 4; index < 8 && index < body.length; index++) if (body[index] !== 0) return false;
  return true;
}

function readPayload(body: Buffer, end: number): Frame | null {
  if (body.length < HEADER_BYTES + 4) return null;
  const text = readPrint(body.subarray(HEADER_BYTES));
  return text === null ? null : { end, lines: linesOf(text), deviceMs: body.readUInt32LE(0) };
}

/** A format and its arguments, all of them and nothing more; null when it is not that. */
export function readPrint(body: Buffer): string | null {
  const formatEnd = body.indexOf(0);
  if (formatEnd < 1 || formatEnd > MAX_FORMAT_BYTES || !isPrintable(body.subarray(0, formatEnd))) return null;
  const values = new LittleEndianArguments(body, align(formatEnd + 1));
  const text = printf(decodeText(body.subarray(0, formatEnd)), values);
  return text !== null && values.isUsedUp ? text : null;
}

const align = (at: number) => (at + 3) & ~3;

class LittleEndianArguments implements PrintfArguments {
  readonly #body: Buffer;
  #at: number;

  constructor(body: Buffer, at: number) {
    this.#body = body;
    this.#at = at;
  }

  get isUsedUp(): boolean {
    return this.#body.length <= align(this.#at);
  }

  integer(bits: 8 | 16 | 32 | 64, isSigned: boolean): number | bigint | undefined {
    const at = this.#take(bits === 64 ? 8 : 4);
    if (at === undefined) return undefined;
    if (bits === 64) return isSigned ? this.#body.readBigInt64LE(at) : this.#body.readBigUInt64LE(at);
    if (bits === 32) return isSigned ? this.#body.readInt32LE(at) : this.#body.readUInt32LE(at);
    return isSigned ? this.#body.readIntLE(at, bits / 8) : this.#body.readUIntLE(at, bits / 8);
  }

  float(): number | undefined {
    const at = this.#take(8);
    return at === undefined ? undefined : this.#body.readDoubleLE(at);
  }

  /** Its length stands before it, with `%.*s` too. */
  text(): string | undefined {
    const lengthAt = this.#take(4);
    if (lengthAt === undefined) return undefined;
    const length = this.#body.readUInt32LE(lengthAt);
    const at = this.#take(length);
    if (at === undefined) return undefined;
    this.#at = align(this.#at);
    return decodeText(this.#body.subarray(at, at + length)).replaceAll('\0', '\u2400');
  }

  star(): null {
    return null;
  }

  #take(bytes: number): number | undefined {
    const at = this.#at;
    if (at + bytes > this.#body.length) return undefined;
    this.#at = at + bytes;
    return at;
  }
}
