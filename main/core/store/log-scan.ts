import type { Database } from 'better-sqlite3';
import type { LogFilter, LogLevel } from '../../../preload/contract/logs.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type LogLine, logLineColumns, toLogRow } from './log-line.ts';
import { createRedact, type Redact, redactBytes, redactChunks, redactJson } from './redact.ts';
import type { BulkRequests, Handlers } from './requests.ts';

const levels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'verbose'];

type LogScan = Pick<Handlers<BulkRequests>, 'log.search' | 'log.export'>;

/** Whole-log work: every row of a port is read once, in order. */
export function createLogScan(database: Database): LogScan {
  const portKey = database
    .prepare<[string, string], number>('SELECT port_key FROM port JOIN session s USING (session_key) WHERE s.id = ? AND address = ?')
    .pluck();
  const lines = database.prepare<[number], LogLine>(`SELECT ${logLineColumns} FROM log_line WHERE port_key = ? ORDER BY seq`);
  const texts = database
    .prepare<[number], [number, string, LogLevel | null]>('SELECT seq, text, level FROM log_line WHERE port_key = ? ORDER BY seq')
    .raw();
  const chunks = database.prepare<[number], { bytes: Buffer }>(
    "SELECT bytes FROM raw_chunk WHERE port_key = ? AND direction = 'received' ORDER BY ordinal",
  );

  function keyOf(sessionId: string, port: string): number {
    const key = portKey.get(sessionId, port);
    if (key === undefined) throw new TalkError('not-found', { what: 'port', id: port });
    return key;
  }

  return {
    'log.search': ({ sessionId, port, filter, limit }) => {
      const accepts = matcher(filter);
      const seqs: number[] = [];
      let totalRows = 0;
      let truncated = false;
      for (const [seq, text, level] of texts.iterate(keyOf(sessionId, port))) {
        totalRows++;
        if (truncated || !accepts(text, level)) continue;
        if (seqs.length < limit) seqs.push(seq);
        else truncated = true;
      }
      return { seqs, totalRows, truncated };
    },
    'log.export': ({ sessionId, port, format, secrets }) => {
      const key = keyOf(sessionId, port);
      const redact = createRedact({ includeIdentities: true, secrets });
      const parts: Uint8Array[] = [];
      if (format === 'raw') for (const { bytes } of redactChunks(redact, chunks.iterate(key))) parts.push(bytes);
      else
        for (const line of lines.iterate(key))
          parts.push(Buffer.from(format === 'text' ? redact(textLine(line)) : jsonLine(redact, port, line)));
      return { data: new Uint8Array(Buffer.concat(parts)) };
    },
  };
}

/**
 * Whether a line is wanted. With a minimum level, lines that have no level are not: nothing says they matter that much.
 * Throws TalkError 'bad-request' for a regexp that is none.
 */
function matcher(filter: LogFilter): (text: string, level: LogLevel | null) => boolean {
  const limit = filter.minimumLevel === undefined ? null : levels.indexOf(filter.minimumLevel);
  const isLevel = (level: LogLevel | null) => limit === null || (level !== null && levels.indexOf(level) <= limit);
  const isText = textMatcher(filter);
  return (text, level) => isLevel(level) && isText(text);
}

function textMatcher({ text, isRegexp, isCaseSensitive }: LogFilter): (text: string) => boolean {
  if (text === undefined || text === '') return () => true;
  if (isRegexp) {
    const regexp = compile(text, isCaseSensitive ? '' : 'i');
    return (line) => regexp.test(line);
  }
  if (isCaseSensitive) return (line) => line.includes(text);
  const lower = text.toLowerCase();
  return (line) => line.toLowerCase().includes(lower);
}

function compile(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    // Unicode mode refuses harmless escapes such as \- that people type.
  }
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new TalkError('bad-request', { issues: [{ path: ['filter', 'text'], message: String(error) }] }, { cause: error });
  }
}

const arrows = { received: ' ', sent: '>', notice: '#' } as const;

/** Host time in seconds from the session's start, whether it was sent ('>') or is ours ('#'), the text. */
function textLine(line: LogLine): string {
  return `${(line.at_us / 1e6).toFixed(6).padStart(12)} ${arrows[line.direction]} ${line.text}\n`;
}

function jsonLine(redact: Redact, port: string, line: LogLine): string {
  const { raw, ...row } = toLogRow(port, line);
  return `${JSON.stringify(redactJson(redact, { ...row, rawBase64: Buffer.from(redactBytes(redact, raw)).toString('base64') }))}\n`;
}
