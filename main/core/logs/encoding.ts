import { isUtf8 } from 'node:buffer';

/** How a board writes text. 'gbk' is read as GB18030, which contains it. */
export type LogEncoding = 'utf-8' | 'gbk' | 'latin1';

export interface Encoding {
  decode(bytes: Buffer, start: number, end: number): string;
  /** The greatest index ≤ `end` that splits no character, when `start` splits none. */
  boundary(bytes: Uint8Array, start: number, end: number): number;
}

const gb18030 = new TextDecoder('gb18030');

export const encodings: Readonly<Record<LogEncoding, Encoding>> = {
  'utf-8': { decode: (bytes, start, end) => bytes.toString('utf8', start, end), boundary: utf8Boundary },
  gbk: { decode: (bytes, start, end) => gb18030.decode(bytes.subarray(start, end)), boundary: gbkBoundary },
  latin1: { decode: (bytes, start, end) => bytes.toString('latin1', start, end), boundary: (_bytes, _start, end) => end },
};

function utf8Boundary(bytes: Uint8Array, start: number, end: number): number {
  for (let back = 1; back <= 3 && end - back >= start; back++) {
    const byte = bytes[end - back] ?? 0;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) {
      const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return size > back ? end - back : end;
    }
  }
  return end;
}

/** A second byte of GBK can look like a first one or like a letter, so characters are counted from the start. */
function gbkBoundary(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const next = at + gbkSize(bytes, at, end);
    if (next > end) return at;
    at = next;
  }
  return end;
}

/** Bytes of the character at `at`: 0x81–0xFE lead two, or four when a digit follows. */
function gbkSize(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x81 || first > 0xfe) return 1;
  // The second is not in yet: at least two.
  const second = at + 1 < end ? (bytes[at + 1] ?? 0) : 0x40;
  if (second >= 0x30 && second <= 0x39) return 4;
  return second >= 0x40 ? 2 : 1;
}

/** What undecodable text may be: GBK, or noise of a wrong baud rate. */
export type TextGuess = 'gbk' | 'noise';

/** Lines of Chinese are no accident. */
const GBK_LINES = 3;
/** Reached by three lines of noise in a row, or most of a longer stretch; not by what a ROM prints at another baud rate. */
const TOO_NOISY = 2.4;

/** Looks for text that is not UTF-8 and says so once. */
export class UndecodableText {
  #gbkLines = 0;
  #noise = 0;
  #wasTold = false;

  /** For each line of nothing but ASCII. */
  sawAscii(): void {
    this.#noise *= 0.8;
  }

  /** For each other line, as decoded from UTF-8. A guess when it is time to tell; that is once. */
  judge(text: string, raw: Uint8Array): TextGuess | null {
    if (this.#wasTold) return null;
    // A line may also have had U+FFFD itself: a log of a log.
    const isBad = text.includes('\uFFFD') && !isUtf8(raw);
    const isGbk = isBad && looksLikeGbk(raw);
    if (isGbk) this.#gbkLines++;
    this.#noise = this.#noise * 0.8 + (isBad && !isGbk ? 1 : 0);
    const guess = this.#gbkLines >= GBK_LINES ? 'gbk' : this.#noise > TOO_NOISY ? 'noise' : null;
    this.#wasTold = guess !== null;
    return guess;
  }
}

/** Text, its other characters in the rows of GB2312 that hold what people write: punctuation and, at least one, Han. */
function looksLikeGbk(raw: Uint8Array): boolean {
  let han = 0;
  for (let at = 0; at < raw.length; at++) {
    const first = raw[at] as number;
    if (first >= 0x20 && first < 0x7f) continue;
    if (first < 0x80) {
      if (first !== 0x09 && first !== 0x0a && first !== 0x0d && first !== 0x1b) return false;
      continue;
    }
    const second = raw[++at] ?? 0;
    if (first < 0xa1 || first > 0xf7 || second < 0xa1 || second > 0xfe) return false;
    if (first >= 0xb0) han++;
  }
  return han > 0;
}
