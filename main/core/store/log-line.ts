import type { LogRow } from '../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';

/** A `log_line` as SQLite has it, without its port. */
export interface LogLine {
  seq: number;
  at_us: number;
  direction: LogRow['direction'];
  text: string;
  terminator: string | null;
  raw: Uint8Array | null;
  grammar: string;
  level: LogRow['level'] | null;
  device_ms: number | null;
  device_time: string | null;
  tag: string | null;
  file: string | null;
  function: string | null;
  line: number | null;
  message: string | null;
  event: string | null;
  payload: string | null;
  continues_seq: number | null;
  colours: string | null;
}

export const logLineColumns =
  'seq, at_us, direction, text, terminator, raw, grammar, level, device_ms, device_time, tag, file, function, line, message, event, payload, continues_seq, colours';

const terminators = ['\r\n', '\n', '', '\r'];

export function toLogLine(row: LogRow): LogLine {
  const terminator = terminatorOf(row);
  return {
    seq: row.seq,
    at_us: row.atUs,
    direction: row.direction,
    text: row.text,
    terminator,
    raw: terminator === null ? row.raw : null,
    grammar: row.grammar,
    level: row.level ?? null,
    device_ms: row.deviceMs ?? null,
    device_time: row.deviceTime ?? null,
    tag: row.tag ?? null,
    file: row.file ?? null,
    function: row.function ?? null,
    line: row.line ?? null,
    message: row.message === row.text ? null : row.message,
    event: row.event ?? null,
    payload: row.payload === undefined ? null : JSON.stringify(row.payload),
    continues_seq: row.continues ?? null,
    colours: row.colours === undefined ? null : JSON.stringify(row.colours),
  };
}

export function toLogRow(port: string, line: LogLine): LogRow {
  return {
    seq: line.seq,
    port,
    atUs: line.at_us as MonoUs,
    direction: line.direction,
    text: line.text,
    raw: line.raw === null ? new Uint8Array(Buffer.from(line.text + (line.terminator ?? ''))) : new Uint8Array(line.raw),
    grammar: line.grammar,
    ...(line.level === null ? {} : { level: line.level }),
    ...(line.device_ms === null ? {} : { deviceMs: line.device_ms }),
    ...(line.device_time === null ? {} : { deviceTime: line.device_time }),
    ...(line.tag === null ? {} : { tag: line.tag }),
    ...(line.file === null ? {} : { file: line.file }),
    ...(line.function === null ? {} : { function: line.function }),
    ...(line.line === null ? {} : { line: line.line }),
    message: line.message ?? line.text,
    ...(line.event === null ? {} : { event: line.event }),
    ...(line.payload === null ? {} : { payload: JSON.parse(line.payload) as unknown }),
    ...(line.continues_seq === null ? {} : { continues: line.continues_seq }),
    ...(line.colours === null ? {} : { colours: JSON.parse(line.colours) as NonNullable<LogRow['colours']> }),
  };
}

/**
 * What follows the text in the row's bytes, or null when they are not the text plus a line end (colours, undecodable
 * bytes). Most lines are, so their bytes need not be stored twice.
 */
function terminatorOf(row: LogRow): string | null {
  const textBytes = Buffer.byteLength(row.text);
  const rest = row.raw.byteLength - textBytes;
  if (rest < 0 || rest > 2) return null;
  const raw = Buffer.from(row.raw.buffer, row.raw.byteOffset, row.raw.byteLength);
  const terminator = raw.toString('latin1', textBytes);
  return terminators.includes(terminator) && raw.toString('utf8', 0, textBytes) === row.text ? terminator : null;
}
