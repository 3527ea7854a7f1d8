import type { LogDirection } from '../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import { logLevels } from './filter.ts';
import { ColumnReader, type PackedColumns, packColumns } from './packed-columns.ts';
import type { BookRow } from './row.ts';

/**
 * Rows that follow each other in a session's log, as they travel to the store and stand in it: what is searched as one text, all
 * else packed. Plain data that posts to a worker at little cost. Rows' bytes are not here but in the port's stream.
 */
export interface LogBlock {
  /** The rows are `firstSeq` … `firstSeq + rowCount - 1`, none missing. */
  firstSeq: number;
  rowCount: number;
  /** Least and greatest `atUs`. */
  firstUs: number;
  lastUs: number;
  errorCount: number;
  warnCount: number;
  infoCount: number;
  /** Addresses, and how many rows each has. */
  ports: readonly string[];
  portRows: readonly number[];
  /** Grammars, tags, files, functions and events, each once, and how many rows each labels (tag, or file where there is no tag). */
  words: readonly string[];
  labelRows: readonly number[];
  /** The numbers of the rows: `blockColumns`. */
  columns: PackedColumns;
  /** The rows' texts, each ended by a line feed. */
  text: string;
  /** JSON of `Facts`, or empty: what few rows have. */
  facts: string;
}

/** Blocks of about this many rows are found, read and searched best; the store puts smaller ones together. */
export const BLOCK_ROWS = 1024;

/** Columns in their order. Words and ports are indices; absent is NaN. */
export const blockColumns = {
  at: 0,
  port: 1,
  /** Level (0: none, then from error on) + 8 × direction + 32 when it is a repeat. */
  kind: 2,
  /** Where the row's bytes begin in its port's stream of its direction, and how many they are. */
  offset: 3,
  length: 4,
  /** Characters of the text before and after the message; absent where the message is in the facts. */
  messageStart: 5,
  messageCut: 6,
  grammar: 7,
  tag: 8,
  file: 9,
  function: 10,
  event: 11,
  line: 12,
  deviceMs: 13,
  /** How many rows back the row is that this one continues. */
  continues: 14,
  /** The one colour that all of the text has. */
  colour: 15,
} as const;
const COLUMN_COUNT = 16;

/** By row of the block; a value for each of `rows`. */
interface Sparse<Value> {
  rows: number[];
  values: Value[];
}

export interface Facts {
  deviceTime?: Sparse<string>;
  message?: Sparse<string>;
  payload?: Sparse<unknown>;
  colours?: Sparse<[number, number, number][]>;
}

const directions: readonly LogDirection[] = ['received', 'sent', 'notice'];
const noBytes = new Uint8Array(0);

/** Where columns stand until they are packed: new ones for each block would be more work for the collector than all rows are. */
let scratch = newColumns(BLOCK_ROWS);

function newColumns(rowCount: number): Float64Array[] {
  return Array.from({ length: COLUMN_COUNT }, () => new Float64Array(rowCount));
}

/** Rows whose seqs follow each other, at least one. */
export function encodeBlock(rows: readonly BookRow[]): LogBlock {
  const count = rows.length;
  if (count > (scratch[0]?.length ?? 0)) scratch = newColumns(count);
  const columns = scratch.map((column) => column.subarray(0, count));
  const [at, port, kind, offset, length, start, cut, grammar, tag, file, fn, event, line, deviceMs, continues, colour] = columns as Columns;
  const ports = new Dictionary();
  const words = new Dictionary();
  const facts: Facts = {};
  const texts: string[] = [];
  const levels = [0, 0, 0, 0, 0, 0];
  let firstUs = Number.POSITIVE_INFINITY;
  let lastUs = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const row = rows[i] as BookRow;
    // A line feed inside a text would shift every row after it.
    const text = row.text.includes('\n') ? row.text.replaceAll('\n', ' ') : row.text;
    texts.push(text);
    at[i] = row.atUs;
    if (row.atUs < firstUs) firstUs = row.atUs;
    if (row.atUs > lastUs) lastUs = row.atUs;
    const level = row.level === undefined ? 0 : logLevels.indexOf(row.level) + 1;
    levels[level] = (levels[level] as number) + 1;
    kind[i] = level + 8 * directions.indexOf(row.direction) + (row.isRepeat ? 32 : 0);
    const portCode = ports.codeOf(row.port);
    port[i] = portCode;
    ports.count(portCode);
    // The beginning of a line may have come before the session.
    offset[i] = row.offset < 0 ? -1 : row.offset;
    length[i] = row.raw.byteLength;
    const messageAt = placeOf(row.message, text);
    start[i] = messageAt;
    cut[i] = Number.isNaN(messageAt) ? 0 : text.length - messageAt - row.message.length;
    if (Number.isNaN(messageAt)) put(facts, 'message', i, row.message);
    grammar[i] = words.codeOf(row.grammar);
    const tagCode = words.codeOf(row.tag);
    const fileCode = words.codeOf(row.file);
    tag[i] = tagCode;
    file[i] = fileCode;
    fn[i] = words.codeOf(row.function);
    event[i] = words.codeOf(row.event);
    // As `labelOf` has it.
    words.count(row.tag === undefined ? fileCode : tagCode);
    // Boards that print garbage print numbers that are none.
    line[i] = row.line !== undefined && Number.isSafeInteger(row.line) ? row.line : Number.NaN;
    deviceMs[i] = row.deviceMs !== undefined && Number.isFinite(row.deviceMs) ? row.deviceMs : Number.NaN;
    continues[i] = row.continues !== undefined && row.continues < row.seq ? row.seq - row.continues : Number.NaN;
    const whole = colourOf(row, text);
    colour[i] = whole;
    if (row.colours !== undefined && Number.isNaN(whole)) put(facts, 'colours', i, row.colours);
    if (row.deviceTime !== undefined) put(facts, 'deviceTime', i, row.deviceTime);
    if (row.payload !== undefined) put(facts, 'payload', i, row.payload);
  }
  texts.push('');
  return {
    firstSeq: rows[0]?.seq ?? 0,
    rowCount: count,
    firstUs,
    lastUs,
    errorCount: levels[1] ?? 0,
    warnCount: levels[2] ?? 0,
    infoCount: levels[3] ?? 0,
    ports: ports.names,
    portRows: ports.counts,
    words: words.names,
    labelRows: words.counts,
    columns: packColumns(columns),
    text: texts.join('\n'),
    facts: jsonOf(facts),
  };
}

/** The rows `from` … before `to` of a block, without their bytes: whoever has the port's stream adds them. */
export function decodeBlock(block: LogBlock, from = 0, to = block.rowCount): BookRow[] {
  return decodeRows(block, from, to, block.text.slice(lineStart(block.text, from)));
}

/** The same with `texts` that begin at the row `from`. */
export function decodeRows(block: Omit<LogBlock, 'text'>, from: number, to: number, texts: string): BookRow[] {
  const reader = columnsOf(block);
  const columns = Array.from({ length: COLUMN_COUNT }, (_, index) => reader.read(index, from, to));
  const [at, port, kind, offset, , start, cut, grammar, tag, file, fn, event, line, deviceMs, continues, colour] = columns as Columns;
  const { words, ports } = block;
  const wordOf = (code: number) => words[code] ?? '';
  const itself = (number: number) => number;
  const rows: BookRow[] = [];
  let textAt = 0;
  for (let i = 0; i < to - from; i++) {
    const end = texts.indexOf('\n', textAt);
    const text = texts.slice(textAt, end);
    textAt = end + 1;
    const seq = block.firstSeq + from + i;
    const bits = kind[i] ?? 0;
    const row: BookRow = {
      seq,
      port: ports[port[i] ?? 0] ?? '',
      atUs: at[i] as MonoUs,
      direction: directions[(bits >> 3) & 3] ?? 'received',
      text,
      raw: noBytes,
      grammar: words[grammar[i] ?? 0] ?? 'plain',
      message: text.slice(start[i] ?? 0, text.length - (cut[i] ?? 0)),
      offset: offset[i] ?? -1,
      isRepeat: bits >= 32,
    };
    const level = logLevels[(bits & 7) - 1];
    if (level !== undefined) row.level = level;
    set(row, 'tag', tag[i], wordOf);
    set(row, 'file', file[i], wordOf);
    set(row, 'function', fn[i], wordOf);
    set(row, 'event', event[i], wordOf);
    set(row, 'line', line[i], itself);
    set(row, 'deviceMs', deviceMs[i], itself);
    set(row, 'continues', continues[i], (back) => seq - back);
    set(row, 'colours', colour[i], (code): [number, number, number][] => [[0, text.length, code]]);
    rows.push(row);
  }
  const facts = factsOf(block);
  for (const key of factKeys) addFacts(rows, key, facts[key], from);
  return rows;
}

/** Reads the block's `blockColumns`. Throws RangeError when they are damaged. */
export function columnsOf(block: Pick<LogBlock, 'columns' | 'rowCount'>): ColumnReader {
  return new ColumnReader(block.columns, COLUMN_COUNT, block.rowCount);
}

export function factsOf(block: Pick<LogBlock, 'facts'>): Facts {
  return block.facts === '' ? {} : (JSON.parse(block.facts) as Facts);
}

/** Where the text of the row `index` of a block begins. */
function lineStart(text: string, index: number): number {
  let at = 0;
  for (let i = 0; i < index; i++) at = text.indexOf('\n', at) + 1;
  return at;
}

/** The level's index in `logLevels` + 1 of a `kind`, 0 for none. */
export function levelCodeOf(kind: number): number {
  return kind & 7;
}

export function directionOf(kind: number): LogDirection {
  return directions[(kind >> 3) & 3] ?? 'received';
}

export function isRepeatOf(kind: number): boolean {
  return kind >= 32;
}

type Column = Float64Array;
type Columns = [
  Column,
  Column,
  Column,
  Column,
  Column,
  Column,
  Column,
  Column,
  Column,
  Column,
  Column,
  Column,
  Column,
  Column,
  Column,
  Column,
];

/** Names as indices, with a count of each. */
class Dictionary {
  readonly names: string[] = [];
  readonly counts: number[] = [];
  readonly #codes = new Map<string, number>();

  /** NaN for no name. */
  codeOf(name: string | undefined): number {
    if (name === undefined) return Number.NaN;
    const known = this.#codes.get(name);
    if (known !== undefined) return known;
    this.#codes.set(name, this.names.length);
    this.counts.push(0);
    return this.names.push(name) - 1;
  }

  count(code: number): void {
    if (!Number.isNaN(code)) this.counts[code] = (this.counts[code] ?? 0) + 1;
  }
}

/** Where the message stands in the text, NaN when it does not: nearly always at its end. */
function placeOf(message: string, text: string): number {
  if (text.endsWith(message)) return text.length - message.length;
  const at = text.indexOf(message);
  return at < 0 ? Number.NaN : at;
}

/** The code of the one span over all of the text, which is how boards colour; NaN when it is not so. */
function colourOf({ colours }: BookRow, text: string): number {
  const span = colours?.[0];
  return span !== undefined && colours?.length === 1 && span[0] === 0 && span[1] === text.length ? span[2] : Number.NaN;
}

function put<Key extends keyof Facts>(facts: Facts, key: Key, row: number, value: NonNullable<Facts[Key]>['values'][number]): void {
  facts[key] ??= { rows: [], values: [] };
  const column: Sparse<unknown> = facts[key];
  column.rows.push(row);
  column.values.push(value);
}

export const factKeys = ['deviceTime', 'message', 'payload', 'colours'] as const;

function addFacts(rows: BookRow[], key: keyof Facts, column: Sparse<unknown> | undefined, from: number): void {
  if (column === undefined) return;
  for (const [index, at] of column.rows.entries()) {
    const row = rows[at - from];
    if (row !== undefined) Object.assign(row, { [key]: column.values[index] });
  }
}

export function jsonOf(facts: Facts): string {
  try {
    const json = JSON.stringify(facts);
    return json === '{}' ? '' : json;
  } catch {
    // A payload that is not JSON (a cycle, a bigint) is a grammar's bug and must not cost the rows.
    const { payload, ...rest } = facts;
    if (payload === undefined) return '';
    return JSON.stringify({ ...rest, payload: { ...payload, values: payload.values.map(asJson) } });
  }
}

function asJson(value: unknown): unknown {
  try {
    JSON.stringify(value);
    return value;
  } catch (error) {
    return String(error);
  }
}

function set<Key extends keyof BookRow>(row: BookRow, key: Key, number: number | undefined, value: (number: number) => BookRow[Key]): void {
  if (number !== undefined && !Number.isNaN(number)) row[key] = value(number);
}
