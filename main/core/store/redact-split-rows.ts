import type { Database } from 'better-sqlite3';
import type { LogDirection } from '../../../preload/contract/logs.ts';
import { blockColumns, columnsOf, directionOf } from '../logs/block.ts';
import type { PackedColumns } from '../logs/packed-columns.ts';
import { type BlockRow, namesOf } from './block-row.ts';
import type { CrossingPieces, Piece } from './redact-crossing.ts';
import { createStreamReader } from './stream-reader.ts';

type Block = Pick<BlockRow, 'first_seq' | 'row_count' | 'names' | 'columns'>;

/** What a port received or sent, and its last row so far. */
interface Stream {
  name: string;
  address: string;
  direction: LogDirection;
  seq: number;
  block: Block;
  /** Of the row's bytes; 0 where they are not known. */
  endOffset: number;
}

const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];

/**
 * A line that stands in several rows: a board paused within it, or it was too long. Reads the texts of such rows as one, by their seqs.
 * Of other rows no text is read.
 */
export function readSplitRows(database: Database, sessionKey: number, crossing: CrossingPieces): void {
  const blocks = database.prepare<[number], Block>(
    'SELECT first_seq, row_count, names, columns FROM log_block WHERE session_key = ? ORDER BY first_seq',
  );
  const textOf = database.prepare<[number, number], string>('SELECT text FROM log_block WHERE session_key = ? AND first_seq = ?').pluck();
  const bytesOf = createStreamReader(database, sessionKey);
  const streams = new Map<string, Stream>();
  const open = new Map<string, Piece[]>();
  let held: { seq: number; texts: string[] } = { seq: -1, texts: [] };

  const pieceOf = (block: Block, seq: number): Piece => {
    if (held.seq !== block.first_seq) held = { seq: block.first_seq, texts: (textOf.get(sessionKey, block.first_seq) ?? '').split('\n') };
    return { key: seq, text: held.texts[seq - block.first_seq] ?? '' };
  };
  const close = (name: string) => {
    const pieces = open.get(name);
    if (pieces === undefined) return;
    open.delete(name);
    crossing.read(pieces);
  };

  const streamOf = (address: string, direction: LogDirection, block: Block): Stream => {
    const name = `${direction} ${address}`;
    const known = streams.get(name) ?? { name, address, direction, seq: -1, block, endOffset: 0 };
    streams.set(name, known);
    return known;
  };
  /** Rows of one report (a panic's, a modem's answer) continue its first too, each a line of its own. */
  const endsLine = ({ address, direction, endOffset }: Stream): boolean => {
    const [end] = endOffset === 0 ? [] : (bytesOf.bytes(address, direction, endOffset - 1, 1) ?? []);
    return end === LINE_FEED || end === CARRIAGE_RETURN;
  };

  for (const block of blocks.iterate(sessionKey)) {
    const columns = columnsOf({ columns: block.columns as PackedColumns, rowCount: block.row_count });
    const ports = columns.read(blockColumns.port);
    const kinds = columns.read(blockColumns.kind);
    const offsets = columns.read(blockColumns.offset);
    const lengths = columns.read(blockColumns.length);
    const continues = columns.read(blockColumns.continues);
    const { ports: addresses } = namesOf(block);
    const byCode: Stream[] = [];
    for (let at = 0; at < block.row_count; at++) {
      const code = (ports[at] ?? 0) * 4 + (((kinds[at] ?? 0) >> 3) & 3);
      const seq = block.first_seq + at;
      const known = byCode[code] ?? streamOf(addresses[ports[at] ?? 0] ?? '', directionOf(kinds[at] ?? 0), block);
      byCode[code] = known;
      if (Number.isNaN(continues[at]) || known.seq < 0 || endsLine(known)) close(known.name);
      else {
        const pieces = open.get(known.name) ?? [pieceOf(known.block, known.seq)];
        open.set(known.name, pieces);
        pieces.push(pieceOf(block, seq));
      }
      known.seq = seq;
      known.block = block;
      const offset = offsets[at] ?? -1;
      known.endOffset = offset < 0 ? 0 : offset + (lengths[at] ?? 0);
    }
  }
  for (const name of [...open.keys()]) close(name);
}
