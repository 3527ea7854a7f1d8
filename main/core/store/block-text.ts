import type { Database } from 'better-sqlite3';
import type { LogTextStyle } from '../../../preload/contract/logs.ts';
import { blockColumns, columnsOf, directionOf, type Facts, factsOf } from '../logs/block.ts';
import { rowText, type TextRow } from '../logs/text.ts';
import { createBlockReader, type StoredBlock } from './block-reader.ts';
import type { LogLinesReply, LogLinesRequest } from './requests.ts';

/** Rows as lines of text, straight from their blocks. Throws TalkError 'session/not-found'. */
export function createBlockText(database: Database): (request: LogLinesRequest) => LogLinesReply {
  const reader = createBlockReader(database);
  // While a session is recorded, blocks are put together between one look and the next.
  const inOneView = database.transaction((work: () => LogLinesReply) => work());
  return ({ sessionId, seqs, style, startedWallMs, limitCharacters }) => {
    const key = reader.sessionKey(sessionId);
    return inOneView(() => {
      const texts: string[] = [];
      let left = limitCharacters;
      let at = 0;
      while (at < seqs.length && left >= 0) {
        const block = reader.blockAt(key, seqs[at] as number);
        if (block === undefined || (seqs[at] as number) < block.firstSeq) break;
        const rows: number[] = [];
        for (const end = block.firstSeq + block.rowCount; at < seqs.length && (seqs[at] as number) < end; at++)
          rows.push((seqs[at] as number) - block.firstSeq);
        const text = blockText(block, rows, style, startedWallMs);
        texts.push(text);
        left -= text.length;
      }
      return { text: texts.join(''), rows: at };
    });
  };
}

/** What `rowText` says of these rows (ascending) of a block, each with a line feed: one row's shape serves them all. */
export function blockText(block: StoredBlock, rows: readonly number[], style: LogTextStyle, startedWallMs: number): string {
  const columns = columnsOf(block);
  const times = columns.read(blockColumns.at);
  const ports = columns.read(blockColumns.port);
  const kinds = columns.read(blockColumns.kind);
  const messages = style.messageOnly ? [columns.read(blockColumns.messageStart), columns.read(blockColumns.messageCut)] : null;
  const deviceMs = style.deviceTime ? columns.read(blockColumns.deviceMs) : null;
  const facts = style.messageOnly || style.deviceTime ? factsOf(block) : {};
  const ownMessage = byRow(facts.message);
  const deviceTime = byRow(facts.deviceTime);
  const texts = block.utf8.toString('utf8');
  const line: TextRow = { atUs: 0, port: '', direction: 'received', text: '', message: '', deviceTime: undefined, deviceMs: undefined };
  const lines: string[] = [];
  let textAt = 0;
  let next = 0;
  for (const row of rows) {
    for (; next < row; next++) textAt = texts.indexOf('\n', textAt) + 1;
    const end = texts.indexOf('\n', textAt);
    line.text = texts.slice(textAt, end);
    line.atUs = times[row] as number;
    line.port = block.ports[ports[row] as number] ?? '';
    line.direction = directionOf(kinds[row] as number);
    if (messages !== null) {
      const [start, cut] = messages as [Float64Array, Float64Array];
      line.message = ownMessage.get(row) ?? line.text.slice(start[row], line.text.length - (cut[row] as number));
    }
    if (deviceMs !== null) {
      line.deviceTime = deviceTime.get(row);
      line.deviceMs = Number.isNaN(deviceMs[row]) ? undefined : deviceMs[row];
    }
    lines.push(rowText(line, style, startedWallMs));
  }
  lines.push('');
  return lines.join('\n');
}

function byRow(sparse: Facts['message']): Map<number, string> {
  return new Map(sparse?.rows.map((row, index) => [row, sparse.values[index] ?? '']));
}
