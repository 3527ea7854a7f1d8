import type { LogRow } from '../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import { AnsiReader } from './ansi.ts';
import { ChunkText } from './chunk-text.ts';
import { encodings, type LogEncoding, UndecodableText } from './encoding.ts';
import type { Frame, FrameContext } from './framing/frame.ts';
import { Framer, type Framing, type Piece } from './framing.ts';
import { allGrammars } from './grammar/all.ts';
import { atTraffic } from './grammar/at-traffic.ts';
import type { Grammar } from './grammar/grammar.ts';
import { Interpreter } from './grammar/interpreter.ts';
import { plain } from './grammar/plain.ts';
import { fileRules, LF, type Line, type LineRules, LineSplitter, liveRules } from './lines.ts';
import { newRow, type ParsedRow } from './row.ts';

export interface LogParserOptions {
  port: string;
  grammars?: readonly Grammar[];
  encoding?: LogEncoding;
  /** 'auto' unless said. */
  framing?: Framing;
  /** What strings stand at the addresses that binary logs hold instead of them. */
  strings?: FrameContext['strings'];
}

export interface LogParser {
  /**
   * Rows of the lines that these bytes complete. `atUs` is when the bytes came, `offset` where the first of them stands in the port's
   * stream. Rows keep parts of the chunk as their `raw`: it must not be written to any more.
   */
  push(bytes: Uint8Array, atUs: MonoUs, offset: number): ParsedRow[];
  /** A line that goes out to the board, before its answer can come. */
  sent(row: ParsedRow): void;
  /** What has come of an unfinished line, as a row which the rest will continue. For when the board has paused. */
  flushPause(): ParsedRow[];
  /** Everything that is left. */
  flush(): ParsedRow[];
  /** Bytes of an unfinished line, or a blank one that may begin an answer, are waiting. */
  readonly isPending: boolean;
  /** For the lines that are not yet handed out. */
  setEncoding(encoding: LogEncoding): void;
}

/** Bytes of one port to rows. All its state is between calls, so a port may come and go under it. */
export function createLogParser(options: LogParserOptions): LogParser {
  return parserOf(options, liveRules);
}

/** Files are parsed in pieces of about this much, so that few rows are in memory together: most die young, which is cheap. */
const PIECE_BYTES = 1 << 16;

/** One row per line of a file, in order, none missing; a line is what LF ends. The rows' `raw` put together are the file. */
export function* parseFile(bytes: Uint8Array, options: Omit<LogParserOptions, 'port'> = {}): Generator<LogRow> {
  const parser = parserOf({ ...options, port: 'file' }, fileRules);
  let nextSeq = 0;
  for (let start = 0; start < bytes.length; ) {
    // To a line's end: the splitter would copy what it holds of a long line again for every piece.
    const end = bytes.indexOf(LF, start + PIECE_BYTES) + 1 || bytes.length;
    for (const row of parser.push(bytes.subarray(start, end), 0 as MonoUs, start)) yield numbered(row, nextSeq++);
    start = end;
  }
  for (const row of parser.flush()) yield numbered(row, nextSeq++);
}

/** Field by field: spreading a row takes longer than parsing it. */
function numbered(row: ParsedRow, seq: number): LogRow {
  row.seq = seq;
  const { port, atUs, direction, text, raw, grammar, message } = row;
  const numberedRow: LogRow = { seq, port, atUs, direction, text, raw, grammar, message };
  if (row.level !== undefined) numberedRow.level = row.level;
  if (row.deviceMs !== undefined) numberedRow.deviceMs = row.deviceMs;
  if (row.deviceTime !== undefined) numberedRow.deviceTime = row.deviceTime;
  if (row.tag !== undefined) numberedRow.tag = row.tag;
  if (row.file !== undefined) numberedRow.file = row.file;
  if (row.function !== undefined) numberedRow.function = row.function;
  if (row.line !== undefined) numberedRow.line = row.line;
  if (row.event !== undefined) numberedRow.event = row.event;
  if (row.payload !== undefined) numberedRow.payload = row.payload;
  if (row.opener?.seq !== undefined) numberedRow.continues = row.opener.seq;
  if (row.colours !== undefined) numberedRow.colours = row.colours;
  return numberedRow;
}

function parserOf(options: LogParserOptions, rules: LineRules): LogParser {
  const { port, strings } = options;
  const chunkText = new ChunkText();
  const framer = new Framer(options.framing ?? 'auto', strings === undefined ? {} : { strings }, chunkText);
  const lines = new LineSplitter(rules, chunkText);
  const ansi = new AnsiReader();
  const interpreter = new Interpreter(options.grammars ?? allGrammars);
  const views = new ChunkViews();
  const undecodable = new UndecodableText();
  let encoding = encodings[options.encoding ?? 'utf-8'];
  lines.encoding = encoding;
  /** The last line's row, which the rest of a line handed out early continues. */
  let last: ParsedRow | null = null;

  /** A live blank row, until it is known whether it begins a modem's answer: those come as CR LF, text, CR LF. */
  let blank: ParsedRow | null = null;
  const joinsBlanks = rules === liveRules;

  const rowWith = (offset: number, atUs: MonoUs, raw: Uint8Array, text: string): ParsedRow =>
    newRow({ port, atUs, direction: 'received', offset, text, raw, grammar: plain.name, message: text });

  function rowOf(line: Line): ParsedRow {
    const { chunk, start } = line;
    const end = textEnd(line);
    const ascii = chunkText.ascii(chunk, start, end);
    const { text, colours } = ansi.read(ascii ?? encoding.decode(chunk, start, end));
    const row = rowWith(line.offset, line.atUs, views.of(chunk, start, line.end), text);
    if (colours !== undefined) row.colours = colours;
    if (line.isContinuation && last !== null) continueLine(row, last);
    else interpreter.read(row);
    if (encoding === encodings['utf-8'] && row.event === undefined) {
      if (ascii === null) tellUndecodable(row);
      else undecodable.sawAscii();
    }
    last = row;
    return row;
  }

  function tellUndecodable(row: ParsedRow): void {
    const looksLike = undecodable.judge(row.text, row.raw);
    if (looksLike === null) return;
    row.event = 'text.undecodable';
    row.payload = { looksLike };
  }

  /** A row for each line the frame says, the first with its bytes; one that cannot be read is a row of bytes. */
  function frameRows({ chunk, start, end, offset, atUs, frame, format }: Framed): ParsedRow[] {
    const raw = views.of(chunk, start, end);
    if (frame.lines.length === 0) {
      const row = rowWith(offset, atUs, raw, hexText(raw));
      row.grammar = format;
      addFrameFacts(row, frame);
      row.payload ??= { bytes: raw.length };
      return [row];
    }
    const rows = frame.lines.map((text, index) =>
      index === 0 ? rowWith(offset, atUs, raw, text) : rowWith(offset + raw.length, atUs, raw.subarray(raw.length), text),
    );
    const [opener] = rows;
    for (const row of rows) {
      interpreter.read(row);
      if (row.grammar === plain.name) row.grammar = format;
      addFrameFacts(row, frame);
      if (row !== opener && opener !== undefined) row.opener ??= opener;
    }
    return rows;
  }

  function rowsOf(pieces: readonly Piece[]): ParsedRow[] {
    const rows: ParsedRow[] = [];
    for (const piece of pieces) {
      if (isFramed(piece)) {
        // What stands of a line before a frame is its row; what comes after the frame continues it.
        for (const line of lines.flush()) addRow(rows, rowOf(line));
        addBlank(rows);
        rows.push(...frameRows(piece));
      } else for (const line of lines.push(piece.chunk, piece.start, piece.end, piece.atUs, piece.offset)) addRow(rows, rowOf(line));
    }
    return rows;
  }

  function addRow(rows: ParsedRow[], row: ParsedRow): void {
    if (blank !== null) {
      if (row.grammar === atTraffic.name && row.offset === blank.offset + blank.raw.length) {
        row.offset = blank.offset;
        row.raw = joined(blank.raw, row.raw);
        blank = null;
      } else addBlank(rows);
    }
    if (row.text === '' && joinsBlanks && interpreter.isOpen(atTraffic)) blank = row;
    else rows.push(row);
  }

  function addBlank(rows: ParsedRow[]): void {
    if (blank !== null) rows.push(blank);
    blank = null;
  }

  /** `left`: what stands of a line, if that is all there will be for now. */
  function withRest(rows: ParsedRow[], left: readonly Line[]): ParsedRow[] {
    for (const line of left) addRow(rows, rowOf(line));
    addBlank(rows);
    return rows;
  }

  return {
    push: (bytes, atUs, offset) => rowsOf(framer.push(bufferOf(bytes), atUs, offset)),
    sent: (row) => interpreter.sent(row),
    flushPause: () => withRest(rowsOf(framer.flushPause()), lines.flushPause()),
    flush: () => withRest(rowsOf(framer.flush()), lines.flush()),
    get isPending() {
      return framer.isPending || lines.isPending || blank !== null;
    },
    setEncoding(name) {
      encoding = encodings[name];
      lines.encoding = encoding;
    },
  };
}

/** Parts of one chunk after another. A chunk's buffer is asked for once: that takes as long as the view on it. */
class ChunkViews {
  #chunk: Buffer | null = null;
  #buffer: ArrayBufferLike = new ArrayBuffer(0);
  #offset = 0;

  of(chunk: Buffer, start: number, end: number): Uint8Array {
    if (chunk !== this.#chunk) {
      this.#chunk = chunk;
      this.#buffer = chunk.buffer;
      this.#offset = chunk.byteOffset;
    }
    return new Uint8Array(this.#buffer, this.#offset + start, end - start);
  }
}

/** Bytes that follow each other: mostly in one chunk. */
function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.buffer === second.buffer && first.byteOffset + first.length === second.byteOffset)
    return new Uint8Array(first.buffer, first.byteOffset, first.length + second.length);
  return new Uint8Array(Buffer.concat([first, second]));
}

type Framed = Piece & Required<Pick<Piece, 'frame' | 'format'>>;
const isFramed = (piece: Piece): piece is Framed => piece.frame !== undefined;

/** Where the text says it too, the text is right. */
function addFrameFacts(row: ParsedRow, { level, deviceMs, tag, payload }: Frame): void {
  if (level !== undefined) row.level ??= level;
  if (deviceMs !== undefined) row.deviceMs ??= deviceMs;
  if (tag !== undefined) row.tag ??= tag;
  if (payload !== undefined) row.payload ??= payload;
}

const SHOWN_BYTES = 32;

/** `7e 00 5a … (300 bytes)`. */
function hexText(raw: Uint8Array): string {
  const shown = Array.from(raw.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return raw.length > SHOWN_BYTES ? `${shown} … (${raw.length} bytes)` : shown;
}

/** The rest of a line is of its level and tag, or a filter would cut it off. */
function continueLine(row: ParsedRow, last: ParsedRow): void {
  row.opener = last.opener ?? last;
  if (last.level !== undefined) row.level = last.level;
  if (last.tag !== undefined) row.tag = last.tag;
  if (last.file !== undefined) row.file = last.file;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Where the line's text ends and its terminator begins. */
function textEnd({ chunk, start, end }: Line): number {
  let at = end;
  if (chunk[at - 1] === 0x0a) at--;
  while (at > start && chunk[at - 1] === 0x0d) at--;
  return at;
}
