import type { MonoUs } from '../../../preload/contract/time.ts';
import { ChunkText } from './chunk-text.ts';
import { espBinaryFrames } from './framing/esp-binary.ts';
import type { Frame, FrameContext, FrameFormat, FrameFormatName } from './framing/frame.ts';
import { luatosFrames } from './framing/luatos.ts';
import { socFrames } from './framing/soc.ts';
import { unilogFrames } from './framing/unilog.ts';

/**
 * What a port's bytes are besides lines of text. 'auto': every known frame, as soon as one is right in every part; 'text': lines only;
 * one of the formats: that one and lines between; 'none': bytes, neither lines nor frames.
 */
export type Framing = 'auto' | 'text' | 'luatos' | 'soc' | 'esp-binary' | 'none';

const formatsOf: Readonly<Record<Framing, readonly FrameFormat[]>> = {
  auto: [luatosFrames, socFrames, espBinaryFrames, unilogFrames],
  text: [],
  luatos: [luatosFrames],
  soc: [socFrames],
  'esp-binary': [espBinaryFrames],
  none: [],
};
/** Bytes a row where there are no lines. */
const OPAQUE_BYTES = 256;

/** The bytes `start` … `end` of `chunk`: text, or (with `format`) a frame. Put together over all pieces they are the input. */
export interface Piece {
  chunk: Buffer;
  start: number;
  end: number;
  offset: number;
  /** When its first byte came. */
  atUs: MonoUs;
  frame?: Frame;
  format?: FrameFormatName;
}

/** Takes frames out of a byte stream. Holds at most one that has begun, and text only while it may be one. */
export class Framer {
  readonly #framing: Framing;
  readonly #context: FrameContext;
  readonly #formats: readonly FrameFormat[];
  readonly #chunkText: ChunkText;
  /** A byte that a frame can begin with. */
  readonly #start: RegExp;
  /** The format of the last frame that was right. */
  #expected: FrameFormat | null;
  #held: Buffer | null = null;
  #heldFormat: FrameFormat | null = null;
  #heldOffset = 0;
  #heldAtUs = 0 as MonoUs;
  /** The byte before what comes next. */
  #previous = 0;

  constructor(framing: Framing, context: FrameContext = {}, chunkText: ChunkText = new ChunkText()) {
    this.#framing = framing;
    this.#context = context;
    this.#formats = formatsOf[framing];
    this.#expected = framing === 'auto' ? null : (this.#formats[0] ?? null);
    this.#chunkText = chunkText;
    this.#start = anyOf(this.#formats.flatMap(({ starts }) => starts));
  }

  /** Bytes wait for the rest of what may be a frame. */
  get isPending(): boolean {
    return this.#held !== null;
  }

  push(bytes: Buffer, atUs: MonoUs, offset: number): Piece[] {
    if (this.#framing === 'none') return opaquePieces(bytes, atUs, offset);
    const held = this.#held;
    if (held === null) return this.#cut(bytes, offset, 0, atUs, atUs);
    this.#held = null;
    return this.#cut(Buffer.concat([held, bytes]), this.#heldOffset, held.length, this.#heldAtUs, atUs);
  }

  /** After a pause: what is held goes out as text, unless the stream is known to have such frames. */
  flushPause(): Piece[] {
    return this.#heldFormat === this.#expected ? [] : this.flush();
  }

  flush(): Piece[] {
    const chunk = this.#held;
    if (chunk === null) return [];
    this.#held = null;
    const piece: Piece = { chunk, start: 0, end: chunk.length, offset: this.#heldOffset, atUs: this.#heldAtUs };
    if (this.#heldFormat === null || this.#heldFormat !== this.#expected) return [piece];
    return [{ ...piece, frame: { end: chunk.length, lines: [] }, format: this.#heldFormat.name }];
  }

  /** The first `heldBytes` of the chunk came at `heldAtUs`, the rest at `atUs`. */
  #cut(chunk: Buffer, offset: number, heldBytes: number, heldAtUs: MonoUs, atUs: MonoUs): Piece[] {
    // Most chunks are text through and through.
    let at = this.#startFrom(chunk, 0);
    if (at === chunk.length) return this.#text(chunk, offset, heldBytes > 0 ? heldAtUs : atUs);
    const pieces: Piece[] = [];
    const end = chunk.length;
    let textAt = 0;
    let begun: { at: number; format: FrameFormat } | null = null;
    const add = (start: number, to: number, frame?: Frame, format?: FrameFormatName) => {
      const piece: Piece = { chunk, start, end: to, offset: offset + start, atUs: start < heldBytes ? heldAtUs : atUs };
      if (frame !== undefined && format !== undefined) Object.assign(piece, { frame, format });
      pieces.push(piece);
    };
    for (; at < end; at = this.#startFrom(chunk, at)) {
      const found = this.#read(chunk, at, end);
      if (found === null) at++;
      else if (found.frame === 'more') {
        const isExpected = found.format === this.#expected;
        if (begun === null || isExpected) begun = { at, format: found.format };
        if (isExpected) break;
        // What only may be one must not hide a whole one behind it.
        at++;
      } else {
        if (at > textAt) add(textAt, at);
        add(at, found.frame.end, found.frame, found.format.name);
        this.#expected = found.format;
        begun = null;
        at = found.frame.end;
        textAt = at;
      }
    }
    if (begun !== null) {
      if (begun.at > textAt) add(textAt, begun.at);
      this.#hold(chunk, begun.at, begun.format, offset + begun.at, begun.at < heldBytes ? heldAtUs : atUs);
      return pieces;
    }
    if (end > textAt) add(textAt, end);
    this.#previous = chunk[end - 1] ?? 0;
    return pieces;
  }

  /** Where the next frame may begin; the chunk's end when none may. */
  #startFrom(chunk: Buffer, from: number): number {
    this.#start.lastIndex = from;
    return this.#start.test(this.#chunkText.read(chunk)) ? this.#start.lastIndex - 1 : chunk.length;
  }

  #text(chunk: Buffer, offset: number, atUs: MonoUs): Piece[] {
    const end = chunk.length;
    if (end === 0) return [];
    this.#previous = chunk[end - 1] ?? 0;
    return [{ chunk, start: 0, end, offset, atUs }];
  }

  #read(chunk: Buffer, at: number, end: number): { frame: Frame | 'more'; format: FrameFormat } | null {
    const previous = at === 0 ? this.#previous : (chunk[at - 1] ?? 0);
    let more: FrameFormat | null = null;
    for (const format of this.#formats) {
      if (!format.starts.includes(chunk[at] ?? 0)) continue;
      const isExpected = format === this.#expected;
      // In Chinese text these bytes are parts of characters.
      if (!isExpected && previous >= 0x80 && format !== unilogFrames) continue;
      const frame = format.read(chunk, at, end, isExpected, this.#context);
      if (frame === 'more') more ??= format;
      else if (frame !== null) return { frame, format };
    }
    return more === null ? null : { frame: 'more', format: more };
  }

  #hold(chunk: Buffer, at: number, format: FrameFormat, offset: number, atUs: MonoUs): void {
    this.#held = chunk.subarray(at);
    this.#heldFormat = format;
    this.#heldOffset = offset;
    this.#heldAtUs = atUs;
    this.#previous = at === 0 ? this.#previous : (chunk[at - 1] ?? 0);
  }
}

/** Bytes are the characters of the chunk's text. */
function anyOf(bytes: readonly number[]): RegExp {
  return new RegExp(`[${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}]`, 'g');
}

function opaquePieces(chunk: Buffer, atUs: MonoUs, offset: number): Piece[] {
  const pieces: Piece[] = [];
  for (let start = 0; start < chunk.length; start += OPAQUE_BYTES) {
    const end = Math.min(start + OPAQUE_BYTES, chunk.length);
    pieces.push({ chunk, start, end, offset: offset + start, atUs, frame: { end, lines: [] }, format: 'binary' });
  }
  return pieces;
}
