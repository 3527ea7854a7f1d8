import { isUtf8 } from 'node:buffer';
import type { LogLevel } from '../../../../preload/contract/logs.ts';

export type FrameFormatName = 'luatos' | 'soc' | 'esp-binary' | 'unilog' | 'binary';

/** A piece of a stream that is no text. */
export interface Frame {
  /** Just past its last byte. */
  end: number;
  /** What it says, one or more lines as the family prints them in text. Empty: it cannot be read, only kept. */
  lines: readonly string[];
  /** What the frame itself tells; where a line tells it too, the line is right. */
  level?: LogLevel;
  deviceMs?: number;
  tag?: string;
  payload?: unknown;
}

/** What a decoder may need from outside. */
export interface FrameContext {
  /** The string at an address of the board's program, where its ELF file is at hand. */
  strings?: (pointer: number, image: 'app' | 'bootloader') => string | undefined;
}

export interface FrameFormat {
  readonly name: FrameFormatName;
  /** The bytes a frame can begin with. */
  readonly starts: readonly number[];
  /**
   * What stands at `at`, the bytes from `end` on not having come yet: a whole frame, 'more' when one may become of it, null when
   * not. `isExpected`: the stream has had such frames or was said to have them; until then a frame counts only when all of it is right.
   */
  read(bytes: Buffer, at: number, end: number, isExpected: boolean, context: FrameContext): Frame | 'more' | null;
}

/** Longer ones are noise that looked like a beginning. */
export const MAX_FRAME_BYTES = 8192;

const gb18030 = new TextDecoder('gb18030');

/** Texts in frames say nothing of their encoding: UTF-8 when they are, else GBK. */
export function decodeText(bytes: Uint8Array): string {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8') : gb18030.decode(bytes);
}

/** Rows hold one line each. */
export function linesOf(text: string): string[] {
  return text.replace(/[\r\n\0]+$/, '').split(/\r?\n/);
}

/** No control characters but tabs and line ends. */
export function isPrintable(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 0x20 ? byte !== 0x7f : byte === 0x09 || byte === 0x0a || byte === 0x0d));
}

export interface Escapes {
  flag: number;
  escape: number;
  /** What `escape 01` and `escape 02` stand for. */
  one: number;
  two: number;
}

/**
 * The bytes of a frame after the flag at `at` without its escapes, up to the closing flag or at most `maxBytes`; `isOpen` when the
 * flag has not come there. Null when an escape is wrong.
 */
export function unescapeFrame(
  bytes: Buffer,
  at: number,
  end: number,
  { flag, escape: mark, one, two }: Escapes,
  maxBytes = MAX_FRAME_BYTES,
): { body: Buffer; end: number; isOpen: boolean } | null {
  const body = Buffer.allocUnsafe(Math.min(end - at, maxBytes));
  let length = 0;
  let index = at + 1;
  for (; index < end && length < body.length; index++) {
    let byte = bytes[index] ?? 0;
    if (byte === flag) return { body: body.subarray(0, length), end: index + 1, isOpen: false };
    if (byte === mark) {
      if (index + 1 === end) break;
      const code = bytes[++index];
      if (code !== 1 && code !== 2) return null;
      byte = code === 1 ? one : two;
    }
    body[length++] = byte;
  }
  return { body: body.subarray(0, length), end: index, isOpen: true };
}
