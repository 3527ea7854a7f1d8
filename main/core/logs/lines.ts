import type { MonoUs } from '../../../preload/contract/time.ts';
import { ChunkText } from './chunk-text.ts';
import { type Encoding, encodings } from './encoding.ts';

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

const empty = Buffer.alloc(0);

/** The bytes `start` … `end` of `chunk`, terminator included. Put together over all lines they are the input. */
export interface Line {
  chunk: Buffer;
  start: number;
  end: number;
  /** Where its first byte stands in the stream. */
  offset: number;
  /** When the first byte came that is more than a colour: a reset of the line before may have come long ago. */
  atUs: MonoUs;
  /** The beginning of this line was already handed out: it had grown too long, or the board had paused in it. */
  isContinuation: boolean;
}

/**
 * Cuts a byte stream into lines ended by LF, CR LF or (live) a lone CR. Holds at most one unfinished line; a line that came in one
 * chunk is not copied out of it. Cut only between characters: an unfinished character or escape sequence waits for its rest.
 */
export class LineSplitter {
  encoding: Encoding = encodings['utf-8'];
  readonly #rules: LineRules;
  readonly #chunkText: ChunkText;
  /** Where in the chunk at work the next of them stand, as far as it was searched; behind it when there is none. */
  #feedAt = 0;
  #returnAt = 0;
  /** The unfinished line, in a buffer with room to grow. */
  #held: Buffer = empty;
  #heldBytes = 0;
  #heldOffset = 0;
  #heldAtUs = 0 as MonoUs;
  #lastAtUs = 0 as MonoUs;
  #isContinuation = false;
  /** A line that ended in CR was handed out in a pause; an LF that comes next still belongs to it. */
  #endedInReturn = false;

  constructor(rules: LineRules = liveRules, chunkText: ChunkText = new ChunkText()) {
    this.#rules = rules;
    this.#chunkText = chunkText;
  }

  /** Bytes of an unfinished line are waiting. */
  get isPending(): boolean {
    return this.#heldBytes > 0;
  }

  /** Bytes `from` … `to` of the chunk, the first of them at `offset` of the stream. The chunk must not be written to any more. */
  push(chunk: Buffer, from: number, to: number, atUs: MonoUs, offset: number): Line[] {
    const lines: Line[] = [];
    if (from === to) return lines;
    this.#lastAtUs = atUs;
    this.#feedAt = -1;
    this.#returnAt = -1;
    let at = from;
    if (this.#heldBytes > 0) {
      if (isOnlyEscapes(this.#held, this.#heldBytes)) this.#heldAtUs = atUs;
      at = this.#finishHeld(lines, chunk, from, to);
    }
    const base = offset - from;
    while (at < to) {
      const end = this.#endAfter(chunk, at, to);
      if ((end ?? to) - at > this.#rules.maxLineBytes) {
        const cut = this.#safeCut(chunk, at, at + this.#rules.maxLineBytes);
        lines.push(this.#line(chunk, at, cut, base + at, atUs, false));
        at = cut;
      } else if (end === null) {
        this.#hold(chunk, at, to, base + at, atUs);
        at = to;
      } else {
        lines.push(this.#line(chunk, at, end, base + at, atUs, true));
        at = end;
      }
    }
    return lines;
  }

  /** After a pause: hands out what is there of the unfinished line, save the beginning of a character or escape sequence. */
  flushPause(): Line[] {
    // The colour reset that the TWeTalk SDK prints at the start of the next line is not yet a line.
    if (this.#heldBytes === 0 || isOnlyEscapes(this.#held, this.#heldBytes)) return [];
    return this.#handOut(this.#safeCut(this.#held, 0, this.#heldBytes));
  }

  /** At the end, or before something that is not text: hands out everything. */
  flush(): Line[] {
    return this.#heldBytes === 0 ? [] : this.#handOut(this.#heldBytes);
  }

  /** What follows is not the rest of a line that was handed out unfinished. */
  startLine(): void {
    this.#isContinuation = false;
    this.#endedInReturn = false;
  }

  /** Gives the held line what belongs to it; says where in the chunk the next line starts. */
  #finishHeld(lines: Line[], chunk: Buffer, from: number, to: number): number {
    // The CR at its end waited to see whether an LF follows.
    const isAfterReturn = this.#rules.isLoneReturnAnEnd && this.#held[this.#heldBytes - 1] === CR;
    const end = isAfterReturn ? endAfterReturn(chunk, from, to) : this.#endAfter(chunk, from, to);
    const used = end ?? to;
    if (used > from) this.#grow(chunk, from, used);
    const max = this.#rules.maxLineBytes;
    while (this.#heldBytes > max) lines.push(...this.#handOutPiece(this.#safeCut(this.#held, 0, max)));
    if (end !== null) lines.push(...this.#handOutPiece(this.#heldBytes, true));
    return used;
  }

  #line(chunk: Buffer, start: number, end: number, offset: number, atUs: MonoUs, isFinished: boolean): Line {
    if (this.#endedInReturn) {
      this.#endedInReturn = false;
      this.#isContinuation = end - start === 1 && chunk[start] === LF;
    }
    const line = { chunk, start, end, offset, atUs, isContinuation: this.#isContinuation };
    this.#isContinuation = !isFinished;
    return line;
  }

  #handOutPiece(end: number, isFinished = false): Line[] {
    const line = this.#line(this.#held, 0, end, this.#heldOffset, this.#heldAtUs, isFinished);
    this.#dropHeld(end);
    return [line];
  }

  #handOut(end: number): Line[] {
    const endsInReturn = this.#rules.isLoneReturnAnEnd && this.#held[end - 1] === CR;
    const [line] = this.#handOutPiece(end) as [Line];
    // What is kept back is a few bytes at the end of the last chunk.
    this.#heldAtUs = this.#lastAtUs;
    this.#endedInReturn = endsInReturn;
    return [line];
  }

  #hold(chunk: Buffer, from: number, to: number, offset: number, atUs: MonoUs): void {
    this.#heldOffset = offset;
    this.#heldAtUs = atUs;
    this.#grow(chunk, from, to);
  }

  #grow(chunk: Buffer, from: number, to: number): void {
    const needed = this.#heldBytes + to - from;
    if (needed > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#held.length, 256));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    chunk.copy(this.#held, this.#heldBytes, from, to);
    this.#heldBytes = needed;
  }

  /** The buffer went out with a line; what is left of it goes to a new one. */
  #dropHeld(end: number): void {
    const old = this.#held;
    const left = this.#heldBytes - end;
    this.#held = left === 0 ? empty : Buffer.from(old.subarray(end, this.#heldBytes));
    this.#heldBytes = left;
    this.#heldOffset += end;
  }

  /** Where the line that has no end before `from` ends: just past its terminator. Null when that is not in yet (a last CR may be half of CR LF). */
  #endAfter(chunk: Buffer, from: number, to: number): number | null {
    const text = this.#chunkText.read(chunk);
    if (this.#feedAt < from) this.#feedAt = placeOf(text, '\n', from);
    if (this.#returnAt < from) this.#returnAt = this.#rules.isLoneReturnAnEnd ? placeOf(text, '\r', from) : text.length;
    if (this.#returnAt < this.#feedAt && this.#returnAt < to) return endAfterReturn(chunk, this.#returnAt + 1, to);
    return this.#feedAt < to ? this.#feedAt + 1 : null;
  }

  /** The greatest index ≤ `end` that splits neither a character nor an escape sequence; `end` itself when that leaves nothing. */
  #safeCut(bytes: Buffer, start: number, end: number): number {
    const escapeAt = bytes.lastIndexOf(ESC, end - 1);
    // A CSI sequence is short; an ESC further back was finished or is noise.
    const isInEscape = escapeAt >= start && end - escapeAt < 24 && !isEscapeFinished(bytes, escapeAt, end);
    const cut = isInEscape ? escapeAt : this.encoding.boundary(bytes, start, end);
    return cut > start ? cut : end;
  }
}

/** The text's length when the character does not come. */
function placeOf(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? text.length : at;
}

/** The end of a line whose CR stands before `at`. CR CR LF is one end: a terminal driver translated an end that was already translated. */
function endAfterReturn(bytes: Uint8Array, at: number, to: number): number | null {
  let next = at;
  while (next < to && bytes[next] === CR) next++;
  if (next === to) return null;
  return bytes[next] === LF ? next + 1 : next;
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
function isOnlyEscapes(bytes: Uint8Array, end: number): boolean {
  let at = 0;
  while (at < end) {
    if (bytes[at] !== ESC) return false;
    if (at + 1 < end && bytes[at + 1] !== 0x5b) return false;
    at += 2;
    // Parameters and intermediates up to the final byte.
    while (at < end && (bytes[at] ?? 0) >= 0x20 && (bytes[at] ?? 0) <= 0x3f) at++;
    at++;
  }
  return true;
}
