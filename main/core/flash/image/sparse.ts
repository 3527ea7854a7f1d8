import { TalkError } from '../../../../preload/contract/errors.ts';
import { LARGEST_BYTES } from './read-file.ts';
import { SECTOR_BYTES } from './sector.ts';

/** Bytes at an address, as Intel HEX and UF2 files hold them. */
export interface Piece {
  address: number;
  data: Uint8Array;
}

/**
 * Pieces in order of address, beginning on a sector; those that follow each other or share a sector are made one: erasing takes
 * whole sectors, so what is missing in them reads as erased flash. Fails with `flash/bad-file` when two say the same address.
 */
export function joinPieces(pieces: readonly Piece[], name: string): Piece[] {
  const sorted = pieces.filter(({ data }) => data.length > 0).sort((a, b) => a.address - b.address);
  const runs: { start: number; end: number; pieces: Piece[] }[] = [];
  let endOfLast = 0;
  let sizeBytes = 0;
  for (const piece of sorted) {
    const end = piece.address + piece.data.length;
    if (piece.address < endOfLast)
      throw new TalkError('flash/bad-file', { path: name, reason: `0x${piece.address.toString(16)} stands in it twice` });
    if (end > 2 ** 32) throw new TalkError('flash/bad-file', { path: name, reason: 'runs over the end of the address space' });
    endOfLast = end;
    const start = piece.address - (piece.address % SECTOR_BYTES);
    const last = runs.at(-1);
    if (last !== undefined && (piece.address === last.end || start < last.end)) {
      sizeBytes += end - last.end;
      last.end = end;
      last.pieces.push(piece);
    } else {
      sizeBytes += end - start;
      runs.push({ start, end, pieces: [piece] });
    }
    if (sizeBytes > LARGEST_BYTES) throw new TalkError('too-large', { name, limitBytes: LARGEST_BYTES, sizeBytes });
  }
  return runs.map((run) => {
    const data = new Uint8Array(run.end - run.start).fill(0xff);
    for (const piece of run.pieces) data.set(piece.data, piece.address - run.start);
    return { address: run.start, data };
  });
}
