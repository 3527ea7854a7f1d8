import type { Database } from 'better-sqlite3';
import type { LogDirection } from '../../../preload/contract/logs.ts';
import { blockColumns, columnsOf, directionOf } from '../logs/block.ts';
import type { PackedColumns } from '../logs/packed-columns.ts';
import type { BookRow } from '../logs/row.ts';
import { type BlockRow, namesOf } from './block-row.ts';
import { type CrossingPieces, type Piece, redactAlike } from './redact-crossing.ts';
import { createStreamReader } from './stream-reader.ts';

/** Where lines that stand in several rows are read as one, by the rows' seqs. */
export interface SplitLines {
  texts: CrossingPieces;
  /** Of the bytes, a character each, where they are told too. */
  bytes?: CrossingPieces | undefined;
}

type Block = Pick<BlockRow, 'first_seq' | 'row_count' | 'names' | 'columns'>;

/** A row of a stream, which is what a port received or sent. */
interface Place {
  address: string;
  direction: LogDirection;
  seq: number;
  block: Block;
  /** Of the row's bytes; below 0 where they are not known. */
  offset: number;
  length: number;
}

interface Stream extends Place {
  name: string;
}

const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];

/**
 * A line that stands in several rows: a board paused within it, or it was too long. Of other rows neither text nor bytes are read.
 */
export function readSplitRows(database: Database, sessionKey: number, lines: SplitLines): void {
  const blocks = database.prepare<[number], Block>(
    'SELECT first_seq, row_count, names, columns FROM log_block WHERE session_key = ? ORDER BY first_seq',
  );
  const textOf = database.prepare<[number, number], string>('SELECT text FROM log_block WHERE session_key = ? AND first_seq = ?').pluck();
  const bytesOf = createStreamReader(database, sessionKey);
  const streams = new Map<string, Stream>();
  const open = new Map<string, { texts: Piece[]; bytes: Piece[] }>();
  let held: { seq: number; texts: string[] } = { seq: -1, texts: [] };

  const addPiece = (name: string, { block, seq, address, direction, offset, length }: Place) => {
    const { texts, bytes } = open.get(name) ?? { texts: [], bytes: [] };
    open.set(name, { texts, bytes });
    if (held.seq !== block.first_seq) held = { seq: block.first_seq, texts: (textOf.get(sessionKey, block.first_seq) ?? '').split('\n') };
    texts.push({ key: seq, text: held.texts[seq - block.first_seq] ?? '' });
    if (lines.bytes !== undefined) bytes.push({ key: seq, text: latin1(bytesOf.bytes(address, direction, offset, length) ?? []) });
  };
  const close = (name: string) => {
    const pieces = open.get(name);
    if (pieces === undefined) return;
    open.delete(name);
    lines.texts.read(pieces.texts);
    lines.bytes?.read(pieces.bytes);
  };

  const streamOf = (address: string, direction: LogDirection, block: Block): Stream => {
    const name = `${direction} ${address}`;
    const known = streams.get(name) ?? { name, address, direction, seq: -1, block, offset: -1, length: 0 };
    streams.set(name, known);
    return known;
  };
  /** Rows of one report (a panic's, a modem's answer) continue its first too, each a line of its own. */
  const isEnded = ({ address, direction, offset, length }: Place): boolean =>
    offset >= 0 && endsLine(bytesOf.bytes(address, direction, offset + length - 1, 1) ?? []);

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
      const known = byCode[code] ?? streamOf(addresses[ports[at] ?? 0] ?? '', directionOf(kinds[at] ?? 0), block);
      byCode[code] = known;
      const goesOn = !Number.isNaN(continues[at]) && known.seq >= 0 && !isEnded(known);
      if (!goesOn) close(known.name);
      else if (!open.has(known.name)) addPiece(known.name, known);
      known.seq = block.first_seq + at;
      known.block = block;
      known.offset = offsets[at] ?? -1;
      known.length = lengths[at] ?? 0;
      if (goesOn) addPiece(known.name, known);
    }
  }
  for (const name of [...open.keys()]) close(name);
}

/** The same of rows in memory, all of them, in order. */
export function joinSplitRows(rows: Iterable<BookRow>, lines: SplitLines): void {
  const open = new Map<string, BookRow[]>();
  const close = (line: readonly BookRow[]) => {
    if (line.length < 2) return;
    lines.texts.read(line.map(({ seq, text }) => ({ key: seq, text })));
    lines.bytes?.read(line.map(({ seq, raw }) => ({ key: seq, text: latin1(raw) })));
  };
  for (const row of rows) {
    const name = `${row.direction} ${row.port}`;
    const line = open.get(name) ?? [];
    if (row.continues !== undefined && line.length > 0 && !endsLine(line.at(-1)?.raw ?? [])) line.push(row);
    else {
      close(line);
      open.set(name, [row]);
    }
  }
  for (const line of open.values()) close(line);
}

/** What a row says, and what was read from it, where its text is told as `text`. */
export function toldAs(row: Pick<BookRow, 'text' | 'message' | 'payload'>, text: string): Pick<BookRow, 'text' | 'message' | 'payload'> {
  const alike = <Value>(value: Value): Value => redactAlike(row.text, text, value) as Value;
  return { text, message: alike(row.message), ...(row.payload === undefined ? {} : { payload: alike(row.payload) }) };
}

function endsLine(bytes: ArrayLike<number>): boolean {
  const end = bytes[bytes.length - 1];
  return end === LINE_FEED || end === CARRIAGE_RETURN;
}

function latin1(bytes: Uint8Array | readonly number[]): string {
  return Buffer.from(bytes).toString('latin1');
}
