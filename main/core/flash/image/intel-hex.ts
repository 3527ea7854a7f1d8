import { TalkError } from '../../../../preload/contract/errors.ts';
import { joinPieces, type Piece } from './sparse.ts';

const COLON = 0x3a;
const MOST_RUNS = 100_000;
/** Of records with a fixed length. */
const payloadBytes: Readonly<Record<number, number>> = { 1: 0, 2: 2, 3: 4, 4: 2, 5: 4 };

export function isIntelHex(data: Uint8Array): boolean {
  return data[0] === COLON && /^:[0-9a-f]{10,}\r?\n?/i.test(Buffer.from(data.subarray(0, 64)).toString('latin1'));
}

/**
 * Intel's Hexadecimal Object File Format, revision A: every record's checksum and length, addresses by segment (02) or upper
 * half (04), start addresses (03, 05) read past. Strict: a line that is no record fails with `flash/bad-file` {path: `name`,
 * reason} and its number, and so does a file without its end record.
 */
export function readIntelHex(data: Uint8Array, name: string): Piece[] {
  const reader = new HexReader(data, name);
  return joinPieces(reader.read(), name);
}

interface Run {
  address: number;
  at: number;
  lengthBytes: number;
}

class HexReader {
  readonly #text: Uint8Array;
  readonly #name: string;
  readonly #out: Uint8Array;
  readonly #runs: Run[] = [];
  #outBytes = 0;
  #line = 1;
  #base = 0;
  /** By segments an offset wraps inside its 64 KiB. */
  #isSegmented = false;
  #hasEnded = false;

  constructor(text: Uint8Array, name: string) {
    this.#text = text;
    this.#name = name;
    this.#out = new Uint8Array(text.length >> 1);
  }

  read(): Piece[] {
    const text = this.#text;
    for (let at = 0; at < text.length; this.#line++) {
      let end = text.indexOf(0x0a, at);
      if (end < 0) end = text.length;
      let last = end;
      while (last > at && isSpace(text[last - 1])) last--;
      if (last > at) this.#record(text.subarray(at, last));
      at = end + 1;
    }
    if (!this.#hasEnded) throw this.#error('ends without an end record');
    return this.#runs.map(({ address, at, lengthBytes }) => ({ address, data: this.#out.subarray(at, at + lengthBytes) }));
  }

  #record(line: Uint8Array): void {
    if (this.#hasEnded) throw this.#error('something after the end record');
    if (line[0] !== COLON) throw this.#error('no colon at its start');
    if (line.length % 2 === 0 || line.length < 11) throw this.#error('cut off');
    const bytes = new Uint8Array((line.length - 1) / 2);
    let sum = 0;
    for (let index = 0; index < bytes.length; index++) {
      const value = (digit(line[1 + 2 * index]) << 4) | digit(line[2 + 2 * index]);
      if (value < 0) throw this.#error('not hexadecimal');
      bytes[index] = value;
      sum += value;
    }
    const [lengthBytes = 0, high = 0, low = 0, type = 0] = bytes;
    if (bytes.length !== lengthBytes + 5) throw this.#error('its length is not what it says');
    if ((sum & 0xff) !== 0) throw this.#error('bad checksum');
    this.#take(type, (high << 8) | low, bytes.subarray(4, -1));
  }

  #take(type: number, offset: number, payload: Uint8Array): void {
    if (type === 0) {
      this.#data(offset, payload);
      return;
    }
    const wanted = payloadBytes[type];
    if (wanted === undefined) throw this.#error(`record type ${type}`);
    if (payload.length !== wanted) throw this.#error('its length is not that of its type');
    const value = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
    if (type === 1) this.#hasEnded = true;
    if (type === 2) [this.#base, this.#isSegmented] = [value * 16, true];
    if (type === 4) [this.#base, this.#isSegmented] = [value * 0x10000, false];
  }

  #data(offset: number, payload: Uint8Array): void {
    const untilWrap = this.#isSegmented ? 0x10000 - offset : payload.length;
    this.#append(this.#base + offset, payload.subarray(0, untilWrap));
    if (untilWrap < payload.length) this.#append(this.#base, payload.subarray(untilWrap));
  }

  #append(address: number, payload: Uint8Array): void {
    if (payload.length === 0) return;
    const last = this.#runs.at(-1);
    if (last !== undefined && last.address + last.lengthBytes === address) last.lengthBytes += payload.length;
    else if (this.#runs.length === MOST_RUNS) throw this.#error('scattered over too many places');
    else this.#runs.push({ address, at: this.#outBytes, lengthBytes: payload.length });
    this.#out.set(payload, this.#outBytes);
    this.#outBytes += payload.length;
  }

  #error(reason: string): TalkError {
    return new TalkError('flash/bad-file', { path: this.#name, reason: `Intel HEX, line ${this.#line}: ${reason}` });
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

/** Negative for what is none, and stays so when shifted and joined. */
function digit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -256;
}
