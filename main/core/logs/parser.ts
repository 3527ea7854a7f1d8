import type { LogRow } from '../../../preload/contract/logs.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { AnsiReader } from './ansi.ts';
import { espIdf } from './grammar/esp-idf.ts';
import { espPanic } from './grammar/esp-panic.ts';
import { espRom } from './grammar/esp-rom.ts';
import type { Block, Grammar, GrammarMatch } from './grammar/grammar.ts';
import { parseJson } from './grammar/grammar.ts';
import { plain } from './grammar/plain.ts';
import { twetalk } from './grammar/twetalk.ts';
import { fileRules, LF, type Line, LineSplitter, liveRules } from './lines.ts';

/** In the order they are asked: what can cut into another's line first, what claims any following line last. */
const allGrammars: readonly Grammar[] = [espPanic, espIdf, espRom, twetalk];

/** Other programs' stamps before the board's own text: `17:54:44.041 -> `, `[14:04:29]`, and colour codes copied as letters. */
const hostPrefix = /^(?:\d\d:\d\d:\d\d(?:\.\d+)? -> |\[\d\d:\d\d:\d\d(?:\.\d+)?\] ?|(?:ESC|\^\[\[?)\[?[\d;]*m)+/;

export interface LogParser {
  /** Rows of the lines that these bytes complete. `atUs` is when the bytes came. */
  push(bytes: Uint8Array, atUs: MonoUs): LogRow[];
  /** What has come of an unfinished line, as a row which the rest will continue. For when the board has paused. */
  flushPause(): LogRow[];
  /** Everything that is left. */
  flush(): LogRow[];
  /** Bytes of an unfinished line are waiting. */
  readonly isPending: boolean;
  /** Rows so far: the number the next will have. */
  readonly rowCount: number;
  /** Numbers start from 0 again: a new session. What of a line has come stays. */
  renumber(): void;
  /** A row that is not the board's: sent data or a notice. Takes the next number, keeping the port's one sequence. */
  add(row: Pick<LogRow, 'atUs' | 'direction' | 'text' | 'raw' | 'grammar'> & Partial<LogRow>): LogRow;
}

/** Bytes of one port to rows, numbered from 0 (or `firstSeq`). All its state is between calls, so a port may come and go under it. */
export function createLogParser(options: { port: string; clock: Clock; grammars?: readonly Grammar[]; firstSeq?: number }): LogParser {
  return parserOf(options.port, new LineSplitter(liveRules), options.grammars ?? allGrammars, options.firstSeq ?? 0);
}

/** Files are parsed in pieces of about this much, so that the rows of a large one need not be in memory together. */
const PIECE_BYTES = 1 << 20;

/** One row per line of a file, in order, none missing; a line is what LF ends. The rows' `raw` put together are the file. */
export function* parseFile(bytes: Uint8Array): Generator<LogRow> {
  const parser = parserOf('file', new LineSplitter(fileRules), allGrammars, 0);
  for (let start = 0; start < bytes.length; ) {
    // To a line's end: the splitter would copy what it holds of a long line again for every piece.
    const end = bytes.indexOf(LF, start + PIECE_BYTES) + 1 || bytes.length;
    yield* parser.push(bytes.subarray(start, end), 0 as MonoUs);
    start = end;
  }
  yield* parser.flush();
}

function parserOf(port: string, splitter: LineSplitter, grammars: readonly Grammar[], firstSeq: number): LogParser {
  const ansi = new AnsiReader();
  let nextSeq = firstSeq;
  let block: Block | null = null;
  /** The last row of the board's, which the rest of a line handed out early continues. */
  let lastSeq = firstSeq;

  function match(text: string): { grammar: Grammar; found: GrammarMatch } {
    const bare = text.replace(hostPrefix, '').trimStart();
    for (const grammar of grammars) {
      const found = grammar.match(bare, block?.grammar === grammar.name ? block : null);
      if (found !== null) return { grammar, found };
    }
    return { grammar: plain, found: { facts: { message: text } } };
  }

  function rowOf(line: Line): LogRow {
    const seq = nextSeq++;
    const { text, colours } = ansi.read(decode(line.raw));
    const base = {
      seq,
      port,
      atUs: line.atUs,
      direction: 'received',
      text,
      raw: line.raw,
      ...(colours === undefined ? {} : { colours }),
    } as const;
    if (line.isContinuation) {
      // In a new session the line's beginning is in the old one.
      const row: LogRow = { ...base, grammar: plain.name, message: text, ...(lastSeq < seq ? { continues: lastSeq } : {}) };
      lastSeq = seq;
      return row;
    }
    lastSeq = seq;
    const { grammar, found } = match(text);
    const row: LogRow = { ...base, grammar: grammar.name, message: text, ...found.facts };
    if (found.continues !== undefined && block !== null) row.continues = block.seq;
    if (row.payload === undefined) addJson(row);
    block = blockAfter(block, row, found);
    return row;
  }

  const rowsOf = (lines: Line[]) => lines.map(rowOf);
  return {
    push: (bytes, atUs) => rowsOf(splitter.push(bytes, atUs)),
    flushPause: () => rowsOf(splitter.flushPause()),
    flush: () => rowsOf(splitter.flush()),
    get isPending() {
      return splitter.isPending;
    },
    get rowCount() {
      return nextSeq;
    },
    renumber() {
      nextSeq = 0;
      block = null;
    },
    add: (row) => ({ message: row.text, ...row, port, seq: nextSeq++ }),
  };
}

function blockAfter(block: Block | null, row: LogRow, found: GrammarMatch): Block | null {
  const told = {
    event: row.event ?? (found.continues === undefined ? undefined : block?.event),
    payload: row.payload ?? (found.continues === undefined ? undefined : block?.payload),
  };
  if (found.opens !== undefined) return { grammar: row.grammar, name: found.opens, seq: row.seq, rows: 1, text: row.text, ...told };
  if (found.continues !== undefined)
    return block === null ? null : { ...block, ...told, rows: block.rows + 1, text: found.continues.text ?? block.text };
  // Blank lines and unknown ones stand inside a crash or a banner; another grammar's line ends the block.
  return row.grammar === plain.name && block?.name !== 'line' ? block : null;
}

function addJson(row: LogRow): void {
  const trimmed = row.message.trim();
  if (!(trimmed.startsWith('{') && trimmed.endsWith('}'))) return;
  const value = parseJson(trimmed);
  if (value !== undefined) row.payload = value;
}

/** UTF-8 without the line's terminator; bytes that are not UTF-8 become U+FFFD. */
function decode(raw: Uint8Array): string {
  let end = raw.length;
  if (raw[end - 1] === 0x0a) end--;
  while (end > 0 && raw[end - 1] === 0x0d) end--;
  return Buffer.from(raw.buffer, raw.byteOffset, end).toString('utf8');
}
