import type { MonoUs } from '../../../preload/contract/time.ts';

export const LF = 0x0a;
const CR = 0x0d;
const ESC = 0x1b;

export interface LineRules {
  /** A CR that no LF follows ends a line, as a progress display redraws. Off for files, whose lines are what LF ends. */
  isLoneReturnAnEnd: boolean;
  /** A longer line is cut into pieces that continue each other. */
  maxLineBytes: number;
}

export const liveRules: LineRules = { isLoneReturnAnEnd: true, maxLineBytes: 64 * 1024 };
export const fileRules: LineRules = { isLoneReturnAnEnd: false, maxLineBytes: Number.POSITIVE_INFINITY };

export interface Line {
  /** The exact bytes, terminator included. Concatenated over all lines they are the input. */
  raw: Uint8Array<ArrayBuffer>;
  /** When the first byte came that is more than a colour: a reset of the line before may have come long ago. */
  atUs: MonoUs;
  /** The beginning of this line was already handed out: it had grown too long, or the board had paused in it. */
  isContinuation: boolean;
}

/**
 * Cuts a byte stream into lines ended by LF, CR LF or (live) a lone CR. Holds at most one unfinished line. Cut only between
 * characters: an unfinished UTF-8 character or escape sequence waits for its rest.
 */
export class LineSplitter {
  readonly #rules: LineRules;
  #held: Uint8Array = new Uint8Array(0);
  #heldAtUs = 0 as MonoUs;
  #lastAtUs = 0 as MonoUs;
  #isContinuation = false;
  /** A line that ended in CR was handed out in a pause; an LF that comes next still belongs to it. */
  #endedInReturn = false;

  constructor(rules: LineRules = liveRules) {
    this.#rules = rules;
  }

  /** Bytes of an unfinished line are waiting. */
  get isPending(): boolean {
    return this.#held.length > 0;
  }

  push(bytes: Uint8Array, atUs: MonoUs): Line[] {
    const lines: Line[] = [];
    if (bytes.length === 0) return lines;
    this.#lastAtUs = atUs;
    const heldBytes = this.#held.length;
    if (heldBytes > 0 && isOnlyEscapes(this.#held)) this.#heldAtUs = atUs;
    const all = heldBytes === 0 ? bytes : concatenate(this.#held, bytes);
    let start = 0;
    let search = heldBytes > 0 && this.#held[heldBytes - 1] === CR ? heldBytes - 1 : heldBytes;

    const cut = (end: number, isFinished: boolean) => {
      const raw = copyOf(all, start, end);
      if (this.#endedInReturn) {
        this.#endedInReturn = false;
        this.#isContinuation = raw.length === 1 && raw[0] === LF;
      }
      lines.push({ raw, atUs: start < heldBytes ? this.#heldAtUs : atUs, isContinuation: this.#isContinuation });
      this.#isContinuation = !isFinished;
      start = end;
    };

    for (;;) {
      const end = this.#endAfter(all, search);
      const limit = start + this.#rules.maxLineBytes;
      if ((end ?? all.length) > limit) {
        const boundary = safeCut(all, start, limit);
        cut(boundary > start ? boundary : limit, false);
        search = Math.max(search, start);
        continue;
      }
      if (end === null) break;
      cut(end, true);
      search = end;
    }
    if (start < all.length) {
      if (start >= heldBytes) this.#heldAtUs = atUs;
      this.#held = copyOf(all, start, all.length);
    } else this.#held = new Uint8Array(0);
    return lines;
  }

  /** After a pause: hands out what is there of the unfinished line, save the beginning of a character or escape sequence. */
  flushPause(): Line[] {
    const held = this.#held;
    // The colour reset that the TWeTalk SDK prints at the start of the next line is not yet a line.
    if (held.length === 0 || isOnlyEscapes(held)) return [];
    const boundary = safeCut(held, 0, held.length);
    return this.#handOut(boundary > 0 ? boundary : held.length);
  }

  /** At the end: hands out everything. */
  flush(): Line[] {
    return this.#held.length === 0 ? [] : this.#handOut(this.#held.length);
  }

  #handOut(end: number): Line[] {
    const raw = copyOf(this.#held, 0, end);
    const line: Line = { raw, atUs: this.#heldAtUs, isContinuation: this.#endedInReturn ? false : this.#isContinuation };
    this.#held = copyOf(this.#held, end, this.#held.length);
    // What is kept back is a few bytes at the end of the last chunk.
    this.#heldAtUs = this.#lastAtUs;
    this.#isContinuation = true;
    this.#endedInReturn = this.#rules.isLoneReturnAnEnd && raw[raw.length - 1] === CR;
    return [line];
  }

  /** Where the next line ends: just past its terminator. Null when that is not in yet (a last CR may be half of CR LF). */
  #endAfter(bytes: Uint8Array, from: number): number | null {
    const lf = bytes.indexOf(LF, from);
    if (this.#rules.isLoneReturnAnEnd) {
      const found = bytes.subarray(from, lf < 0 ? bytes.length : lf).indexOf(CR);
      if (found >= 0) {
        let cr = from + found;
        // CR CR LF is one end: a terminal driver translated an end that was already translated.
        while (bytes[cr + 1] === CR) cr++;
        if (cr + 1 === bytes.length) return null;
        return bytes[cr + 1] === LF ? cr + 2 : cr + 1;
      }
    }
    return lf < 0 ? null : lf + 1;
  }
}

/** The greatest index ≤ `end`, ≥ `start`, that splits neither a UTF-8 character nor an escape sequence. */
function safeCut(bytes: Uint8Array, start: number, end: number): number {
  const escapeAt = bytes.lastIndexOf(ESC, end - 1);
  // A CSI sequence is short; an ESC further back was finished or is noise.
  if (escapeAt >= start && end - escapeAt < 24 && !isEscapeFinished(bytes, escapeAt, end)) return escapeAt;
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

function isEscapeFinished(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 1 >= end) return false;
  if (bytes[at + 1] !== 0x5b) return true;
  for (let index = at + 2; index < end; index++) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x20 || byte > 0x3f) return true;
  }
  return false;
}

/** Nothing to see: only escape sequences, the last perhaps unfinished. */
function isOnlyEscapes(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== ESC) return false;
    if (bytes[at + 1] !== undefined && bytes[at + 1] !== 0x5b) return false;
    at += 2;
    // Parameters and intermediates up to the final byte.
    while (at < bytes.length && (bytes[at] ?? 0) >= 0x20 && (bytes[at] ?? 0) <= 0x3f) at++;
    at++;
  }
  return true;
}

/** A copy that shares no memory; a Buffer's own slice() would. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.subarray(start, end));
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
