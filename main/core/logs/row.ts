import type { LogRow } from '../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import { ownBytes } from '../store/append.ts';

/** A row as the parser makes it: not yet numbered, on the core's clock. The log book takes it over and numbers it in place. */
export interface ParsedRow extends Omit<LogRow, 'seq'> {
  /** Host time of the first byte on the core's clock. */
  atUs: MonoUs;
  /** Where `raw` begins in the port's stream of its direction, as the recorder counts it; −1 for notices, which have no bytes. */
  offset: number;
  /** The row that this one continues. */
  opener?: ParsedRow | undefined;
  /** Says the same as the row before it of its port (device time aside). Set by the log book. */
  isRepeat?: boolean | undefined;
  /** Set by the log book when it numbers the row, as is `continues`. */
  seq?: number | undefined;
  /** Which log of this run `seq` counts in. Set by the log book. */
  logNumber?: number | undefined;
}

/** What a row is made with; all else is found out later. */
export type RowStart = Pick<ParsedRow, 'port' | 'atUs' | 'direction' | 'text' | 'raw' | 'offset' | 'grammar' | 'message'>;

/**
 * Every row is made here, with every key it may ever have: rows that gain keys one by one are of as many shapes as there are kinds of
 * lines, and whatever reads rows of many shapes takes several times as long.
 */
export function newRow(start: RowStart): ParsedRow {
  return {
    seq: undefined,
    port: start.port,
    atUs: start.atUs,
    direction: start.direction,
    text: start.text,
    raw: start.raw,
    grammar: start.grammar,
    level: undefined,
    deviceMs: undefined,
    deviceTime: undefined,
    tag: undefined,
    file: undefined,
    function: undefined,
    line: undefined,
    message: start.message,
    event: undefined,
    payload: undefined,
    continues: undefined,
    colours: undefined,
    offset: start.offset,
    opener: undefined,
    isRepeat: undefined,
    logNumber: undefined,
  };
}

/** A numbered row in session time, as the log book keeps it and the store stores it. */
export interface BookRow extends LogRow {
  offset: number;
  isRepeat: boolean;
}

/** A row without what only the parser and the book want to know of it. */
export function plainRow(row: BookRow): BookRow {
  return { ...contractRow(row), offset: row.offset, isRepeat: row.isRepeat };
}

/** A row as the contract has it, with bytes of its own: posting a view on a chunk would copy the whole chunk. */
export function contractRow(row: LogRow): LogRow {
  return {
    seq: row.seq,
    port: row.port,
    atUs: row.atUs,
    direction: row.direction,
    text: row.text,
    raw: ownBytes(row.raw),
    grammar: row.grammar,
    message: row.message,
    ...(row.level === undefined ? {} : { level: row.level }),
    ...(row.deviceMs === undefined ? {} : { deviceMs: row.deviceMs }),
    ...(row.deviceTime === undefined ? {} : { deviceTime: row.deviceTime }),
    ...(row.tag === undefined ? {} : { tag: row.tag }),
    ...(row.file === undefined ? {} : { file: row.file }),
    ...(row.function === undefined ? {} : { function: row.function }),
    ...(row.line === undefined ? {} : { line: row.line }),
    ...(row.event === undefined ? {} : { event: row.event }),
    ...(row.payload === undefined ? {} : { payload: row.payload }),
    ...(row.continues === undefined ? {} : { continues: row.continues }),
    ...(row.colours === undefined ? {} : { colours: row.colours }),
  };
}
