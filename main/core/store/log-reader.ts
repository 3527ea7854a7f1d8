import type { Database } from 'better-sqlite3';
import type { LogMark } from '../../../preload/contract/logs.ts';
import { createBlockReader, rowsBySeq } from './block-reader.ts';
import { namesOf } from './block-row.ts';
import { createBlockText } from './block-text.ts';
import type { Handlers, LogBlockIndex, ReadRequests } from './requests.ts';

type LogReader = Pick<Handlers<ReadRequests>, 'log.blocks' | 'log.window' | 'log.lines' | 'log.tags' | 'log.marks'>;

type IndexRow = [firstSeq: number, rowCount: number, firstUs: number, lastUs: number, errors: number, warns: number, infos: number];

/** What is asked of a log while someone looks at it. */
export function createLogReader(database: Database): LogReader {
  const reader = createBlockReader(database);
  const blockCount = database.prepare<[number], number>('SELECT count(*) FROM log_block WHERE session_key = ?').pluck();
  // All of it stands in the index.
  const blocks = database
    .prepare<[number], IndexRow>(
      `SELECT first_seq, row_count, first_us, last_us, error_count, warn_count, info_count
       FROM log_block INDEXED BY log_block_index WHERE session_key = ? ORDER BY first_seq`,
    )
    .raw();
  const names = database.prepare<[number], { names: string }>('SELECT names FROM log_block WHERE session_key = ?');
  const ports = database.prepare<[number], string>('SELECT address FROM port WHERE session_key = ? ORDER BY port_key').pluck();
  const marks = database.prepare<[number], LogMark>('SELECT seq, note, colour FROM bookmark WHERE session_key = ? ORDER BY seq');
  // While a session is recorded, blocks are put together between one look and the next.
  const window = database.transaction((key: number, seqs: ArrayLike<number>) => rowsBySeq(database, reader, key, seqs));
  const indexed = database.transaction((key: number): LogBlockIndex => {
    const count = blockCount.get(key) ?? 0;
    const index = emptyIndex(count);
    let at = 0;
    for (const [firstSeq, rowCount, firstUs, lastUs, errors, warns, infos] of blocks.iterate(key)) {
      index.firstSeqs[at] = firstSeq;
      index.rowCounts[at] = rowCount;
      index.firstUs[at] = firstUs;
      index.lastUs[at] = lastUs;
      index.errors[at] = errors;
      index.warns[at] = warns;
      index.infos[at] = infos;
      index.length = firstSeq + rowCount;
      at++;
    }
    return index;
  });

  return {
    'log.blocks': ({ sessionId }) => indexed(reader.sessionKey(sessionId)),
    'log.window': ({ sessionId, seqs }) => window(reader.sessionKey(sessionId), seqs),
    'log.lines': createBlockText(database),
    'log.tags': ({ sessionId }) => {
      const key = reader.sessionKey(sessionId);
      const rowsOf = new Map<string, number>();
      for (const row of names.iterate(key)) {
        const { words, labelRows } = namesOf(row);
        for (const [index, tag] of words.entries()) {
          const rows = labelRows[index] ?? 0;
          if (rows > 0) rowsOf.set(tag, (rowsOf.get(tag) ?? 0) + rows);
        }
      }
      const tags = [...rowsOf].map(([tag, rows]) => ({ tag, rows })).sort((a, b) => b.rows - a.rows || (a.tag < b.tag ? -1 : 1));
      return { tags, ports: ports.all(key) };
    },
    'log.marks': ({ sessionId }) => marks.all(reader.sessionKey(sessionId)),
  };
}

function emptyIndex(count: number): LogBlockIndex {
  return {
    length: 0,
    firstSeqs: new Float64Array(count),
    rowCounts: new Uint32Array(count),
    firstUs: new Float64Array(count),
    lastUs: new Float64Array(count),
    errors: new Uint32Array(count),
    warns: new Uint32Array(count),
    infos: new Uint32Array(count),
  };
}
