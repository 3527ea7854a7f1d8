import { crc32 } from 'node:zlib';

/** The module's end of the download protocol: written apart from the bench's, so that one mistake is not made twice. */

export type Part = 'DL' | 'AG' | 'LPC';

export const words: Readonly<Record<Part, string>> = { DL: '00d3022b', AG: 'aad3022b', LPC: 'cdd3022b' };
export const RESIDENT = Uint8Array.of(0xee, 0xd3, 0x02, 0x2b);

const IMAGE = [0xcd, 0x32] as const;
const ORDER = [0x4c, 0xb3] as const;
const MAX_BYTES = 0x10000;

const names: Record<number, Record<number, string>> = {
  [IMAGE[0]]: {
    32: 'GET_VERSION',
    33: 'SEL_IMAGE',
    34: 'VERIFY_IMAGE',
    49: 'DATA_HEAD',
    50: 'DOWNLOAD_DATA',
    58: 'DONE',
    64: 'DISCONNECT',
  },
  [ORDER[0]]: { 16: 'FLASH_ERASE', 33: 'READ_MEM', 66: 'BURN_ONE', 68: 'GET_BURN_STATUS', 170: 'SYS_RST' },
};

export interface Frame {
  isOrder: boolean;
  code: number;
  name: string;
  index: number;
  data: Uint8Array;
  /** Its check, and that of its length, are right. */
  isSound: boolean;
}

export type Heard = { kind: 'word'; part: Part } | { kind: 'frame'; frame: Frame };

/** Cuts what the host sends. `isChecked`: the agentboot listens, not the ROM. */
export class RequestReader {
  isChecked = false;
  #bytes = Buffer.alloc(0);

  push(data: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, data]);
  }

  /** What was begun and never ended. */
  forget(): void {
    this.#bytes = Buffer.alloc(0);
  }

  next(): Heard | null {
    for (; this.#bytes.length >= 4; this.#bytes = this.#bytes.subarray(1)) {
      const head = this.#bytes.subarray(0, 4).toString('hex');
      const part = (['DL', 'AG', 'LPC'] as const).find((name) => words[name] === head);
      if (part !== undefined) {
        this.#bytes = this.#bytes.subarray(4);
        return { kind: 'word', part };
      }
      const [code = 0, index = 0, order = 0, inverse = 0] = this.#bytes;
      const name = names[order]?.[code];
      if (name === undefined || (order ^ inverse) !== 0xff) continue;
      if (this.#bytes.length < 8) return null;
      const length = this.isChecked ? this.#bytes.readUIntLE(4, 3) : this.#bytes.readUInt32LE(4);
      if (length > MAX_BYTES) continue;
      const hasTail = this.isChecked || name === 'DOWNLOAD_DATA';
      const end = 8 + length;
      if (this.#bytes.length < end + (hasTail ? 4 : 0)) return null;
      const frame = {
        isOrder: order === ORDER[0],
        code,
        name,
        index,
        data: Uint8Array.from(this.#bytes.subarray(8, end)),
        isSound: this.#isSound(end, hasTail),
      };
      this.#bytes = this.#bytes.subarray(end + (hasTail ? 4 : 0));
      return { kind: 'frame', frame };
    }
    return null;
  }

  #isSound(end: number, hasTail: boolean): boolean {
    if (!hasTail) return true;
    const plain = Buffer.from(this.#bytes.subarray(0, end));
    const tail = this.#bytes.readUInt32LE(end);
    if (!this.isChecked) return plain.reduce((sum, byte) => (sum + byte) >>> 0, 0) === tail;
    const length = plain.readUIntLE(4, 3);
    if (length > 0 && lengthCheck(plain.subarray(4, 7)) !== plain[7]) return false;
    plain[7] = 0;
    return crc32(plain) === tail;
  }
}

export function encodeAnswer(frame: Frame, state: number, data: Uint8Array, isChecked: boolean): Uint8Array {
  const index = frame.name === 'DOWNLOAD_DATA' ? (frame.index + 1) & 0xff : frame.index;
  const body = Buffer.from([frame.code, index, ...(frame.isOrder ? ORDER : IMAGE), state, data.length, ...data]);
  if (!isChecked) return Uint8Array.from(body);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(crc32(body));
  return Uint8Array.from(Buffer.concat([body, tail]));
}

/** Bit by bit, as Maxim's application note 27 draws it. */
function lengthCheck(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = ((crc ^ (byte >> bit)) & 1) === 1;
      crc = isOdd ? ((crc ^ 0x18) >> 1) | 0x80 : crc >> 1;
    }
  }
  return crc;
}
