import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { LogFilter } from '../../../preload/contract/logs.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { BookRow } from '../logs/row.ts';
import { fileHead, rowFormatter } from '../logs/row-formats.ts';
import { createBlockReader, createRowFiller, storedRows } from './block-reader.ts';
import { createLogScan } from './log-scan.ts';
import { createRedact, type Redact, redactChunks, redactStretch } from './redact.ts';
import { CrossingPieces } from './redact-crossing.ts';
import { readSplitRows, type SplitLines, toldAs } from './redact-split-rows.ts';
import type { BulkRequests, Handlers, LogExportRequest, ReplyOf } from './requests.ts';

type LogExport = Pick<Handlers<BulkRequests>, 'log.export'>;
type Piece = ReplyOf<BulkRequests, 'log.export'>;

/** Rows judged at a time. */
const STRETCH_ROWS = 1024;

interface Session {
  session_key: number;
  started_wall_ms: number;
}

/** Where the next piece begins: a byte of the stream. */
const cursorShape = z.object({ at: z.number().int().min(0), doneRows: z.number().int() });
/**
 * Or a row, with collapsed repeats the ports whose newest row is in the file, and of which file: of a session that is being recorded it has
 * the rows that there were at its beginning.
 */
const rowCursorShape = cursorShape.extend({ wantedPorts: z.array(z.string()).optional(), file: z.string(), end: z.number().int().min(0) });
type Cursor = z.output<typeof cursorShape>;
type RowCursor = z.output<typeof rowCursorShape>;

/** A log as a file, piece by piece, so that none of it need be in memory together. */
export function createLogExport(database: Database): LogExport {
  const reader = createBlockReader(database);
  const scan = createLogScan(database);
  const inOneView = <Value>(work: () => Value): Value => database.transaction(work)();
  const sessionOf = database.prepare<[string], Session>('SELECT session_key, started_wall_ms FROM session WHERE id = ?');
  const endOf = database
    .prepare<[number], number>('SELECT first_seq + row_count FROM log_block WHERE session_key = ? ORDER BY first_seq DESC LIMIT 1')
    .pluck();
  const portsOf = database.prepare<[number], string>('SELECT address FROM port WHERE session_key = ?').pluck();
  const totals = database.prepare<[number, string], { rows: number; bytes: number; port_key: number }>(
    'SELECT port_key, row_count AS rows, raw_bytes AS bytes FROM port WHERE session_key = ? AND address = ?',
  );
  const chunkStart = database
    .prepare<[number, number], number>(
      "SELECT offset FROM raw_chunk WHERE port_key = ? AND direction = 'received' AND offset <= ? ORDER BY offset DESC LIMIT 1",
    )
    .pluck();
  const chunks = database.prepare<[number, number], { offset: number; bytes: Buffer }>(
    "SELECT offset, bytes FROM raw_chunk WHERE port_key = ? AND direction = 'received' AND offset >= ? ORDER BY offset",
  );

  /** Of the file that a piece was made of last: the pieces of a file come one after the other, mostly to one thread. */
  let known: { file: string; lines: SplitLines } | null = null;
  function splitLines(key: number, request: LogExportRequest, { file }: RowCursor): SplitLines {
    const { sessionId, format, includeIdentities, secrets } = request;
    const name = JSON.stringify([file, sessionId, format, includeIdentities, secrets]);
    if (known?.file === name) return known.lines;
    const lines = { texts: new CrossingPieces(request), bytes: hasBytes(request) ? new CrossingPieces(request) : undefined };
    inOneView(() => readSplitRows(database, key, lines));
    known = { file: name, lines };
    return lines;
  }

  /** The rows wanted, stretch by stretch, with their bytes; what lies across the rows of a cut line is blacked out. */
  function* rowsOf(session: Session, request: LogExportRequest, cursor: RowCursor): Generator<{ rows: BookRow[]; next: RowCursor | null }> {
    const { sessionId, filter } = request;
    const { file, end } = cursor;
    const { texts, bytes } = splitLines(session.session_key, request, cursor);
    const fill = createRowFiller(database, session.session_key);
    let { at, doneRows, wantedPorts = [] } = cursor;
    while (at < end) {
      const toSeq = Math.min(end, at + STRETCH_ROWS);
      // While a session is recorded, blocks are put together between one look and the next.
      const rows = inOneView(() => {
        const found = scan({ sessionId, filter, fromSeq: at, toSeq, wantedPorts });
        ({ wantedPorts } = found);
        const { seqs, isCounted } = found;
        const wanted = [
          ...decoded(session.session_key, isCounted === undefined ? seqs : seqs.filter((_, index) => isCounted[index] === 0)),
        ];
        for (const { block, row } of wanted) {
          const text = texts.found.get(row.seq);
          if (text !== undefined) Object.assign(row, toldAs(row, text));
          // Where bytes could not be kept they are the text's.
          if (bytes !== undefined) fill(block, row.seq - block.firstSeq, [row]);
          const raw = bytes?.found.get(row.seq);
          if (raw !== undefined) row.raw = new Uint8Array(Buffer.from(raw, 'latin1'));
        }
        return wanted.map(({ row }) => row);
      });
      at = toSeq;
      doneRows += rows.length;
      yield { rows, next: at < end ? { at, doneRows, wantedPorts, file, end } : null };
    }
  }

  function* decoded(key: number, seqs: Uint32Array) {
    let block = seqs[0] === undefined ? undefined : reader.blockAt(key, seqs[0]);
    let rows: BookRow[] | null = null;
    for (const seq of seqs) {
      if (block !== undefined && seq >= block.firstSeq + block.rowCount) {
        block = reader.blockAt(key, seq);
        rows = null;
      }
      if (block === undefined) return;
      rows ??= storedRows(block, 0, block.rowCount);
      const row = rows[seq - block.firstSeq];
      if (row !== undefined) yield { block, row };
    }
  }

  function rowPiece(session: Session, request: LogExportRequest, cursor: RowCursor | null, redact: Redact): Piece {
    const { format, style, pieceBytes } = request;
    const begin = cursor ?? { at: 0, doneRows: 0, file: randomUUID(), end: endOf.get(session.session_key) ?? 0 };
    const lines = format === 'raw' ? null : rowFormatter(format, { style, startedWallMs: session.started_wall_ms, redact });
    const parts: Uint8Array[] = [];
    if (cursor === null && format !== 'raw') parts.push(Buffer.from(fileHead(format)));
    let size = 0;
    let doneRows = begin.doneRows;
    for (const { rows, next } of rowsOf(session, request, begin)) {
      const bytes =
        lines === null
          ? Buffer.concat(
              [
                ...redactChunks(
                  redact,
                  rows.map(({ raw }) => ({ bytes: raw })),
                ),
              ].map((chunk) => chunk.bytes),
            )
          : Buffer.from(rows.map(lines).join(''));
      parts.push(bytes);
      size += bytes.byteLength;
      doneRows += rows.length;
      if (next !== null && size >= pieceBytes) return { data: whole(parts), cursor: JSON.stringify(next), doneRows };
    }
    known = null;
    return { data: whole(parts), cursor: null, doneRows };
  }

  /** All that was received of a port, rows or not. */
  function streamPiece(session: Session, port: string, cursor: Cursor, request: LogExportRequest, redact: Redact): Piece {
    const total = totals.get(session.session_key, port);
    if (total === undefined) return { data: new Uint8Array(0), cursor: null, doneRows: 0 };
    const parts: { bytes: Uint8Array }[] = [];
    let size = 0;
    let end = cursor.at;
    let isMore = false;
    for (const { offset, bytes } of chunks.iterate(total.port_key, chunkStart.get(total.port_key, cursor.at) ?? 0)) {
      if (offset + bytes.length <= end) continue;
      if (size >= request.pieceBytes) {
        isMore = true;
        break;
      }
      const part = bytes.subarray(Math.max(0, end - offset));
      parts.push({ bytes: part });
      size += part.length;
      end = offset + bytes.length;
    }
    const all = Buffer.concat(parts.map(({ bytes }) => bytes));
    // What must be blacked out may go on in the next piece.
    const stretch = redactStretch(redact, all);
    const released = isMore ? stretch.end : all.length;
    const data = whole([stretch.redacted.subarray(0, released)]);
    end -= all.length - released;
    // Rows are not counted here; their share of the bytes is near enough for a progress bar.
    const doneRows = total.bytes === 0 ? total.rows : Math.min(total.rows, Math.round((total.rows * end) / total.bytes));
    return isMore
      ? { data, cursor: JSON.stringify({ at: end, doneRows } satisfies Cursor), doneRows }
      : { data, cursor: null, doneRows: total.rows };
  }

  return {
    'log.export': (request) => {
      const session = sessionOf.get(request.sessionId);
      if (session === undefined) throw new TalkError('session/not-found', { id: request.sessionId });
      const redact = createRedact(request);
      const { cursor } = request;
      const rowCursor = () => (cursor === null ? null : parsed(rowCursorShape, cursor));
      if (request.format !== 'raw') return rowPiece(session, request, rowCursor(), redact);
      const ports = request.filter.ports ?? portsOf.all(session.session_key);
      const [port] = ports;
      if (port === undefined || ports.length > 1) throw badRequest('source', 'raw bytes are of one port');
      if (isOnlyPort(request.filter)) {
        const from = cursor === null ? { at: 0, doneRows: 0 } : parsed(cursorShape, cursor);
        return streamPiece(session, port, from, request, redact);
      }
      return rowPiece(session, { ...request, filter: { ...request.filter, ports: [port], directions: ['received'] } }, rowCursor(), redact);
    },
  };
}

/** Nothing but ports and directions is asked of the rows. */
function isOnlyPort({ ports: _ports, directions: _directions, keepPlain: _keepPlain, ...rest }: LogFilter): boolean {
  return Object.values(rest).every((part) => part === undefined || part === false || (Array.isArray(part) && part.length === 0));
}

function parsed<Schema extends z.ZodType>(schema: Schema, cursor: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(cursor));
  } catch (error) {
    throw badRequest('cursor', String(error));
  }
}

function hasBytes({ format }: LogExportRequest): boolean {
  return format === 'raw' || format === 'jsonl';
}

function badRequest(path: string, message: string): TalkError {
  return new TalkError('bad-request', { issues: [{ path, message }] });
}

function whole(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}
