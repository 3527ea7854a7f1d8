import type { LogBlock } from '../logs/block.ts';

/** A `log_block` as SQLite has it, without its keys. */
export interface BlockRow {
  first_seq: number;
  row_count: number;
  first_us: number;
  last_us: number;
  error_count: number;
  warn_count: number;
  info_count: number;
  names: string;
  columns: Uint8Array;
  facts: string;
  text: string;
}

export const blockRowColumns = 'first_seq, row_count, first_us, last_us, error_count, warn_count, info_count, names, columns, facts, text';

/** JSON of `names`: with it alone it is known whether a block can hold what is looked for. */
export type BlockNames = Pick<LogBlock, 'ports' | 'portRows' | 'words' | 'labelRows'>;

export function toBlockRow(block: LogBlock): BlockRow {
  const { ports, portRows, words, labelRows } = block;
  return {
    first_seq: block.firstSeq,
    row_count: block.rowCount,
    first_us: block.firstUs,
    last_us: block.lastUs,
    error_count: block.errorCount,
    warn_count: block.warnCount,
    info_count: block.infoCount,
    names: JSON.stringify({ ports, portRows, words, labelRows } satisfies BlockNames),
    columns: block.columns,
    facts: block.facts,
    // SQLite keeps text as UTF-8, in which half a surrogate pair has no place: it becomes one U+FFFD, so that lengths stay.
    text: block.text.toWellFormed(),
  };
}

export function fromBlockRow(row: BlockRow): LogBlock {
  return {
    firstSeq: row.first_seq,
    rowCount: row.row_count,
    firstUs: row.first_us,
    lastUs: row.last_us,
    errorCount: row.error_count,
    warnCount: row.warn_count,
    infoCount: row.info_count,
    ...namesOf(row),
    columns: row.columns as LogBlock['columns'],
    text: row.text,
    facts: row.facts,
  };
}

export function namesOf({ names }: Pick<BlockRow, 'names'>): BlockNames {
  return JSON.parse(names) as BlockNames;
}
