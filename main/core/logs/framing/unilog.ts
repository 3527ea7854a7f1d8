import type { Frame, FrameFormat } from './frame.ts';

/** A unit of UniLog filler is FF FF FF … FE; what stands between two is taken for one piece. */
const MAX_FILLER = 64;
const PIECE_BYTES = 1024;

/**
 * The UniLog (EPAT) stream of Eigencomm modules on USB interface x.4 (reference/cat1.md §6.3): bit-packed, its strings only in the
 * build's comdb.txt. It is kept as it came, in pieces that begin at its filler.
 */
export const unilogFrames: FrameFormat = {
  name: 'unilog',
  starts: [0xff],
  read(bytes, at, end, isExpected): Frame | 'more' | null {
    const body = fillerEnd(bytes, at, end);
    if (body === null || body === 'more') return body;
    for (let next = bytes.indexOf(0xff, body); next >= 0 && next < end && next - at < PIECE_BYTES; next = bytes.indexOf(0xff, next + 1)) {
      const found = fillerEnd(bytes, next, end);
      if (found === 'more') return 'more';
      if (found !== null) return { end: next, lines: [] };
    }
    if (end - at < PIECE_BYTES) return 'more';
    return isExpected ? { end: at + PIECE_BYTES, lines: [] } : null;
  },
};

/** Where the filler that begins at `at` ends. */
function fillerEnd(bytes: Buffer, at: number, end: number): number | 'more' | null {
  let index = at;
  while (index < end && bytes[index] === 0xff && index - at <= MAX_FILLER) index++;
  if (index - at > MAX_FILLER) return null;
  if (index === end) return 'more';
  return index - at >= 3 && bytes[index] === 0xfe ? index + 1 : null;
}
