import { CsvError, parse } from 'csv-parse/sync';
import type { NvsEntry } from '../../../../preload/contract/nvs.ts';
import type { Reason } from '../../../../preload/contract/reasons.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/talk-error.ts';
import { isNumberType } from './format.ts';
import { encodeValue } from './value.ts';

/** A file that a line of type 'file' names; null where there is none. */
export type NvsFileReader = (path: string) => Uint8Array | null;

const columns = ['key', 'type', 'encoding', 'value'] as const;
type Facts = Record<string, string | number>;
/** What is wrong with a line. */
type Fail = (reason: Reason<'nvs/bad-csv'>, facts?: Facts) => TalkError;
type Row = Record<(typeof columns)[number], string | undefined>;

/**
 * The values of a CSV for Espressif's NVS partition generator (ESP-IDF Programming Guide, "NVS Partition Generator Utility", CSV file format):
 * a header line with key, type, encoding and value in any order, lines of a namespace and of the values in it, '#' before a comment; what
 * stands beyond the header's columns is left out, as the generator does. Where that makes an unreadable image or stops with a stack trace (a
 * key twice, an unknown encoding), and for `file` lines without `readFile`, throws TalkError 'nvs/bad-csv' {line, reason} or 'nvs/bad-value'
 * {namespace, key, reason, line}; neither holds a value.
 */
export function parseNvsCsv(text: string, readFile?: NvsFileReader): NvsEntry[] {
  const { rows, line } = readRows(text);
  const header = rows.shift();
  if (header === undefined) throw badCsv(1, 'empty');
  const places = columns.map((name) => {
    const place = header.fields.indexOf(name);
    if (place < 0) throw badCsv(line(header.line), 'no-column', { column: name });
    return [name, place] as const;
  });

  const entries: NvsEntry[] = [];
  const seen = new Set<string>();
  let namespace: string | null = null;
  for (const { fields, line: at } of rows) {
    if (fields.every((field) => field.trim() === '')) continue;
    const row = Object.fromEntries(places.map(([name, place]) => [name, fields[place]])) as Row;
    const fail: Fail = (reason, facts) => badCsv(line(at), reason, facts);
    // Of a spreadsheet's own encoding (GBK) the name of a network would be one that nobody has.
    if (fields.some((field) => field.includes('\uFFFD'))) throw fail('not-utf8');
    if (row.key === undefined || row.key === '') throw fail('no-key');
    if (row.type === 'namespace') {
      namespace = row.key;
      continue;
    }
    if (namespace === null) throw fail('before-namespace');
    const entry = { namespace, key: row.key, ...valueIn(row, fail, readFile) };
    if (seen.has(`${namespace}\0${row.key}`)) throw fail('key-twice', { key: row.key, namespace });
    seen.add(`${namespace}\0${row.key}`);
    requireGood(entry, line(at));
    entries.push(entry);
  }
  return entries;
}

interface CsvRow {
  fields: string[];
  /** Where it ends, counted without comments. */
  line: number;
}

/** Rows, and the line of the text that a row's line is. Comments go first, wherever they stand: the generator drops them so. */
function readRows(text: string): { rows: CsvRow[]; line: (at: number) => number } {
  const numbers: number[] = [];
  const kept = text
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .filter((each, index) => !each.startsWith('#') && numbers.push(index + 1) > 0);
  const line = (at: number) => numbers[at - 1] ?? numbers.at(-1) ?? 1;
  try {
    const records = parse(kept.join('\n'), {
      record_delimiter: '\n',
      // A quotation mark within a value is itself unless the value begins with one.
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    return { rows: records.map(({ info, record }) => ({ fields: record, line: info.lines })), line };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Its own message quotes the file.
    const at = typeof error.lines === 'number' ? error.lines : 1;
    throw badCsv(line(at), error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'quotation-mark' : 'not-csv');
  }
}

function valueIn(row: Row, fail: Fail, readFile?: NvsFileReader): Pick<NvsEntry, 'type' | 'value'> {
  const encoding = row.encoding?.trim().toLowerCase();
  if (encoding === undefined || encoding === '') throw fail('no-encoding');
  if (row.value === undefined) throw fail('no-value');
  if (row.type === 'data') return encoded(encoding, row.value, fail);
  if (row.type !== 'file') throw fail('unknown-type', { type: row.type ?? '' });
  if (readFile === undefined) throw fail('files-not-read');
  const content = readFile(row.value);
  if (content === null) throw fail('file-unreadable');
  if (encoding === 'binary') return { type: 'hex', value: Buffer.from(content).toString('hex') };
  try {
    return encoded(encoding, new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content), fail);
  } catch (error) {
    if (isTalkError(error)) throw error;
    throw fail('file-not-text', { encoding });
  }
}

/** What an entry is in our words for an encoding in the generator's. */
function encoded(encoding: string, value: string, fail: Fail): Pick<NvsEntry, 'type' | 'value'> {
  if (isNumberType(encoding) || encoding === 'string' || encoding === 'base64') return { type: encoding, value };
  if (encoding === 'hex2bin') return { type: 'hex', value };
  const bytes = Buffer.from(value);
  if (encoding === 'binary') return { type: 'hex', value: bytes.toString('hex') };
  // 'blob_fill(64;0x00)': padded to a length; 'blob_sz_fill': with the length it had before it.
  const [, sized, length, padding] = /^blob_(sz_)?fill\((\d{1,6});0x([0-9a-f]{2})\)$/.exec(encoding) ?? [];
  if (length === undefined || padding === undefined) throw fail('unknown-encoding', { encoding });
  if (bytes.length > Number(length)) throw fail('longer-than-said', { saidBytes: Number(length) });
  const size = Buffer.alloc(sized === undefined ? 0 : 4);
  if (sized !== undefined) size.writeUInt32LE(bytes.length);
  const rest = Buffer.alloc(Number(length) - bytes.length, Number.parseInt(padding, 16));
  return { type: 'hex', value: Buffer.concat([size, bytes, rest]).toString('hex') };
}

/** A wrong value is told with its line. Of one with `${variables}` only the names: the rest shows when they are filled in. */
function requireGood(entry: NvsEntry, line: number): void {
  try {
    encodeValue(entry.value.includes('${') ? { ...entry, type: 'string', value: '' } : entry);
  } catch (error) {
    if (!isTalkError(error)) throw error;
    throw new TalkError(error.code, { ...error.value.data, line });
  }
}

function badCsv(line: number, reason: Reason<'nvs/bad-csv'>, facts: Facts = {}): TalkError {
  return new TalkError('nvs/bad-csv', { line, reason, ...facts });
}
