import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { decodeText, type FrameFormat, isPrintable, linesOf } from './frame.ts';
import { type PrintfArguments, printf } from './printf.ts';

const BOOTLOADER = 0x01;
const APPLICATION = 0x02;
const MIN_BYTES = 15;
const letters: ReadonlyArray<readonly [string, LogLevel] | undefined> = [
  undefined,
  ['E', 'error'],
  ['W', 'warn'],
  ['I', 'info'],
  ['D', 'debug'],
  ['V', 'verbose'],
];

/**
 * The binary log of ESP-IDF's log version 2 (reference/esp.md §4), big-endian: 01 (bootloader) or 02 (application); u16 control with
 * length 10 bits, level 3, 64-bit time 1, version 2; format, tag, ms, arguments; CRC-8 over all. A string is its address in the
 * ELF file, or stands in place when its first six bits are set: i16 of 1 − length, then the bytes. Lines come out as the text log
 * has them; without the ELF file the address of the format is shown and the arguments as they are.
 */
export const espBinaryFrames: FrameFormat = {
  name: 'esp-binary',
  starts: [BOOTLOADER, APPLICATION],
  read(bytes, at, end, _isExpected, context) {
    if (end - at < 3) return 'more';
    const control = bytes.readUInt16BE(at + 1);
    const length = control & 0x3ff;
    const level = letters[(control >> 10) & 7];
    if (control >> 14 !== 0 || level === undefined || length < MIN_BYTES) return null;
    // What text follows a stray 01 is no address.
    if (end - at >= 4 && !isStringBegun(bytes[at + 3] ?? 0)) return null;
    if (end - at < length) return 'more';
    const frame = bytes.subarray(at, at + length);
    if (crc8(frame) !== 0) return null;
    const image = bytes[at] === BOOTLOADER ? 'bootloader' : 'app';
    const reader = new BigEndianArguments(frame.subarray(3, -1), (pointer) => context.strings?.(pointer, image));
    const format = reader.pointed();
    const tag = reader.pointed();
    const ms = Number(reader.integer((control >> 13) & 1 ? 64 : 32, false) ?? 0);
    reader.beginArguments();
    const head = `${level[0]} (${ms}) ${tag?.text ?? address(tag)}: `;
    const found = { end: at + length, level: level[1], deviceMs: ms };
    if (format?.text !== undefined) return { ...found, lines: messagesOf(format.text, reader).map((message) => head + message) };
    // Enough to find the text once the ELF file is there.
    const payload = {
      image,
      formatAddress: format?.address ?? 0,
      ...(typeof tag?.address === 'number' ? { tagAddress: tag.address } : {}),
    };
    return { ...found, lines: [head + unreadMessage(format, reader)], payload };
  },
};

/** An address of code or constants on any chip, of a section that is not loaded (00…), or a string in place (FC…). */
const isStringBegun = (byte: number) => byte === 0 || (byte >= 0x3c && byte <= 0x5f) || byte >= 0xfc;

interface Pointed {
  address: number | null;
  text: string | undefined;
}

const address = (pointed: Pointed | undefined) => `0x${(pointed?.address ?? 0).toString(16).padStart(8, '0')}`;

function messagesOf(format: string, reader: BigEndianArguments): string[] {
  const dump = /^__ESP_BUFFER_(HEXDUMP|HEX|CHAR)_FORMAT__/.exec(format)?.[1];
  if (dump !== undefined) return dumpLines(dump, reader);
  const text = printf(format, reader);
  if (text !== null) return linesOf(text);
  reader.rewind();
  return linesOf(`${format} ${reader.rest()}`);
}

/** `<0x3f4007dc> 0x00000003 "spi_flash"`: without the format, nobody knows where an argument begins but at its four bytes. */
function unreadMessage(format: Pointed | undefined, reader: BigEndianArguments): string {
  const rest = reader.rest();
  return `<${address(format)}>${rest === '' ? '' : ` ${rest}`}`;
}

/** ESP_LOG_BUFFER_*: arguments are length, bytes, address; printed 16 a line. */
function dumpLines(kind: string, reader: BigEndianArguments): string[] {
  const length = Number(reader.integer(32, false) ?? 0);
  const bytes = reader.bytes(length);
  const from = Number(reader.integer(32, false) ?? 0);
  if (bytes === undefined) return [`${length} bytes`];
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0'));
    const printable = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : null));
    if (kind === 'HEX') lines.push(hex.join(' '));
    else if (kind === 'CHAR') lines.push(printable.join(''));
    else {
      const columns = `${hex.slice(0, 8).join(' ')}  ${hex.slice(8).join(' ')}`.padEnd(48);
      lines.push(`0x${(from + at).toString(16).padStart(8, '0')}   ${columns}  |${printable.map((letter) => letter ?? '.').join('')}|`);
    }
  }
  return lines;
}

class BigEndianArguments implements PrintfArguments {
  readonly #body: Buffer;
  readonly #strings: (pointer: number) => string | undefined;
  #at = 0;
  #argumentsAt = 0;

  constructor(body: Buffer, strings: (pointer: number) => string | undefined) {
    this.#body = body;
    this.#strings = strings;
  }

  beginArguments(): void {
    this.#argumentsAt = this.#at;
  }

  /** Back to the first argument. */
  rewind(): void {
    this.#at = this.#argumentsAt;
  }

  /** A string in place or by its address; undefined when the frame has ended. */
  pointed(): Pointed | undefined {
    const inPlace = this.#inPlace();
    if (inPlace !== undefined) return { address: null, text: decodeText(inPlace).replace(/\0+$/, '') };
    const at = this.#take(4);
    if (at === undefined) return undefined;
    const pointer = this.#body.readUInt32BE(at);
    return { address: pointer, text: this.#strings(pointer) };
  }

  integer(bits: 8 | 16 | 32 | 64, isSigned: boolean): number | bigint | undefined {
    const at = this.#take(bits === 64 ? 8 : 4);
    if (at === undefined) return undefined;
    if (bits === 64) return isSigned ? this.#body.readBigInt64BE(at) : this.#body.readBigUInt64BE(at);
    const low = at + 4 - bits / 8;
    return isSigned ? this.#body.readIntBE(low, bits / 8) : this.#body.readUIntBE(low, bits / 8);
  }

  float(): number | undefined {
    const at = this.#take(8);
    return at === undefined ? undefined : this.#body.readDoubleBE(at);
  }

  text(maxBytes: number | null): string | undefined {
    const pointed = this.pointed();
    if (pointed === undefined) return undefined;
    const text = pointed.text ?? `<${address(pointed)}>`;
    return maxBytes === null ? text : text.slice(0, maxBytes);
  }

  star(): number | undefined {
    const value = this.integer(32, true);
    return value === undefined ? undefined : Number(value);
  }

  /** The bytes of a dump. Those of an address are in no file at hand: null bytes would be a lie. */
  bytes(length: number): Buffer | undefined {
    const found = this.#inPlace();
    if (found === undefined) this.#take(4);
    return found?.subarray(0, length);
  }

  /** What is left, by its looks. */
  rest(): string {
    const found: string[] = [];
    while (this.#at < this.#body.length) {
      const inPlace = this.#inPlace(isPrintable);
      const word = inPlace === undefined ? this.#take(4) : undefined;
      if (inPlace !== undefined) found.push(JSON.stringify(decodeText(inPlace)));
      else if (word !== undefined) found.push(`0x${this.#body.toString('hex', word, word + 4)}`);
      else {
        found.push(this.#body.toString('hex', this.#at));
        break;
      }
    }
    return found.join(' ');
  }

  #inPlace(isWanted: (bytes: Buffer) => boolean = () => true): Buffer | undefined {
    const at = this.#at;
    if (at + 2 > this.#body.length || (this.#body[at] ?? 0) < 0xfc) return undefined;
    const end = at + 2 + 1 - this.#body.readInt16BE(at);
    const text = this.#body.subarray(at + 2, end);
    if (end > this.#body.length || !isWanted(text)) return undefined;
    this.#at = end;
    return text;
  }

  #take(bytes: number): number | undefined {
    const at = this.#at;
    if (at + bytes > this.#body.length) return undefined;
    this.#at = at + bytes;
    return at;
  }
}

const crcTable = Uint8Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ 0x07 : crc << 1;
  return crc & 0xff;
});

/** CRC-8 with polynomial 07; over a frame with its checksum it is 0. */
export function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = crcTable[crc ^ byte] ?? 0;
  return crc;
}
