import { TalkError } from '../../../../preload/contract/errors.ts';
import { SECTOR_BYTES } from './sector.ts';

/** More would be no firmware, and a plan nobody can read. */
const MOST_RUNS = 1024;

/** Bytes at an address, as Intel HEX and UF2 files hold them. */
export interface Piece {
  address: number;
  data: Uint8Array;
}

/**
 * Pieces in order of address, beginning on a sector; those that follow each other or share a sector are made one: erasing takes
 * whole sectors, so what is missing in them reads as erased flash. Fails with `flash/bad-file` when two say the same address,
 * and when they are scattered all over.
 */
export function joinPieces(pieces: readonly Piece[], name: string): Piece[] {
  const fail = (reason: string) => new TalkError('flash/bad-file', { path: name, reason });
  const sorted = pieces.filter(({ data }) => data.length > 0).sort((a, b) => a.address - b.address);
  const runs: { start: number; end: number; pieces: Piece[] }[] = [];
  let endOfLast = 0;
  for (const piece of sorted) {
    const end = piece.address + piece.data.length;
    if (piece.address < endOfLast) throw fail(`0x${piece.address.toString(16)} stands in it twice`);
    if (end > 2 ** 32) throw fail('runs over the end of the address space');
    endOfLast = end;
    const start = piece.address - (piece.address % SECTOR_BYTES);
    const last = runs.at(-1);
    if (last !== undefined && (piece.address === last.end || start < last.end)) {
      last.end = end;
      last.pieces.push(piece);
    } else if (runs.length === MOST_RUNS) throw fail('scattered over too many places');
    else runs.push({ start, end, pieces: [piece] });
  }
  return runs.map((run) => {
    const data = new Uint8Array(run.end - run.start).fill(0xff);
    for (const piece of run.pieces) data.set(piece.data, piece.address - run.start);
    return { address: run.start, data };
  });
}
