import type { LogTextStyle } from '../../../preload/contract/logs.ts';
import { type Redact, redactBytes, redactJson } from '../store/redact.ts';
import type { BookRow } from './row.ts';
import { rowText, wallTime } from './text.ts';

export type RowFormat = 'text' | 'jsonl' | 'csv';

export interface RowFormatOptions {
  style: LogTextStyle;
  /** Wall time of `atUs` 0. */
  startedWallMs: number;
  redact: Redact;
}

/** What stands before the first row of a file. */
export function fileHead(format: RowFormat): string {
  return format === 'csv' ? `${csvColumns.join(',')}\r\n` : '';
}

/** How a row stands in a file, its end included. */
export function rowFormatter(format: RowFormat, { style, startedWallMs, redact }: RowFormatOptions): (row: BookRow) => string {
  if (format === 'text') return (row) => `${redact(rowText(row, style, startedWallMs))}\n`;
  if (format === 'csv') return (row) => csvLine(row, startedWallMs, redact);
  return (row) => {
    const { raw, offset: _offset, isRepeat: _isRepeat, ...rest } = row;
    const rawBase64 = Buffer.from(redactBytes(redact, raw)).toString('base64');
    return `${JSON.stringify({ ...(redactJson(redact, rest) as object), rawBase64 })}\n`;
  };
}

/** `time` is local wall time, `seconds` from the session's start. */
const csvColumns = [
  ...['seq', 'time', 'seconds', 'device_ms', 'device_time', 'port', 'direction', 'level', 'tag'],
  ...['file', 'line', 'function', 'event', 'text', 'message', 'payload'],
];

function csvLine(row: BookRow, startedWallMs: number, redact: Redact): string {
  const payload = row.payload === undefined ? '' : JSON.stringify(redactJson(redact, row.payload));
  const texts = [row.port, row.direction, row.level, row.tag, row.file, row.line, row.function, row.event, row.text, row.message];
  const cells = [
    ...[row.seq, wallTime(startedWallMs + row.atUs / 1000), (row.atUs / 1e6).toFixed(6), row.deviceMs ?? ''],
    ...[row.deviceTime ?? '', ...texts.map((text) => text ?? '')].map((cell) => (typeof cell === 'string' ? redact(cell) : cell)),
    payload,
  ];
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * RFC 4180, every text quoted, as the tables of sessions are (sessions/export/tables.ts). A spreadsheet takes a cell that begins with = + - @ for
 * a formula, and AT replies begin with +: an apostrophe before it makes it text; so too after a semicolon or tab, where those part cells.
 */
function csvCell(cell: string | number): string {
  if (typeof cell === 'number') return String(cell);
  const text = cell.replace(/^(?=[\t\r\n])|(?<=^|[;\t])(?=[=+\-@＝＋－＠])/g, "'");
  return text === '' ? '' : `"${text.replaceAll('"', '""')}"`;
}
