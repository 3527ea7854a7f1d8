import type { LogDirection, LogFilter, LogLevel } from '../../../preload/contract/logs.ts';
import { blockColumns, columnsOf, directionOf, levelCodeOf } from '../logs/block.ts';
import { logLevels } from '../logs/filter.ts';
import type { ColumnReader } from '../logs/packed-columns.ts';
import { type BlockNames, type BlockRow, namesOf } from './block-row.ts';
import { createLineSearch } from './text-search.ts';

/** What is known of a block without its columns and texts. */
export type BlockHead = Pick<
  BlockRow,
  'first_seq' | 'row_count' | 'first_us' | 'last_us' | 'error_count' | 'warn_count' | 'info_count' | 'names'
>;

/** The rest of it, read as far as it is needed. */
export interface BlockBody {
  readonly columns: Uint8Array;
  readonly text: string;
}

/** A filter over blocks: what `rowMatcher` is for rows, and equal to it, without making rows of them. */
export interface BlockFilter {
  /** False when none of a block's rows can be wanted. */
  mayHold(head: BlockHead): boolean;
  /** 1 for each row that is wanted, of the rows `from` … before `to`. */
  judge(head: BlockHead, body: BlockBody, from: number, to: number): Uint8Array;
}

/** Leaves 1 only where the rows of a block pass one part of the filter. */
type Test = (rows: Uint8Array, names: BlockNames, columns: ColumnReader) => void;

/** Throws TalkError 'bad-request' for an expression that is none. */
export function createBlockFilter(filter: LogFilter): BlockFilter {
  const { ports, directions, tags, events, pattern, exclude, fromUs, toUs } = filter;
  const tests: Test[] = [];
  if (ports !== undefined) tests.push(portTest(ports));
  if (directions !== undefined) tests.push(directionTest(directions));
  if (fromUs !== undefined || toUs !== undefined) tests.push(timeTest(fromUs, toUs));
  if (tags !== undefined) tests.push(tagTest(tags));
  if (filter.minimumLevel !== undefined || filter.tagLevels !== undefined) tests.push(levelTest(filter));
  if (events !== undefined) tests.push(eventTest(events));
  const wanted = pattern === undefined || pattern.text === '' ? null : createLineSearch(pattern);
  const unwanted = (exclude ?? []).filter(({ text }) => text !== '').map(createLineSearch);
  return {
    mayHold(head) {
      if (!mayHoldLevel(filter, head)) return false;
      if ((fromUs !== undefined && head.last_us < fromUs) || (toUs !== undefined && head.first_us > toUs)) return false;
      if (ports === undefined && tags === undefined) return true;
      const { ports: own, words, labelRows } = namesOf(head);
      if (ports !== undefined && !own.some((port) => ports.includes(port))) return false;
      return tags === undefined || tags.includes('') || words.some((word, code) => labelRows[code] !== 0 && tags.includes(word));
    },
    judge(head, body, from, to) {
      const rows = new Uint8Array(head.row_count).fill(1, from, to);
      if (tests.length > 0) {
        const names = namesOf(head);
        const reader = columnsOf({ columns: body.columns as Uint8Array<ArrayBuffer>, rowCount: head.row_count });
        for (const test of tests) test(rows, names, reader);
      }
      const hasText = wanted !== null || unwanted.length > 0;
      if (!hasText || !rows.includes(1)) return rows;
      const { text } = body;
      wanted?.(text, rows, true);
      for (const search of unwanted) search(text, rows, false);
      return rows;
    },
  };
}

/** By the counts of severe rows, where a row without a level or one of a certain tag is not wanted besides. */
function mayHoldLevel({ minimumLevel, tagLevels, keepPlain }: LogFilter, head: BlockHead): boolean {
  if (tagLevels !== undefined || keepPlain === true) return true;
  if (minimumLevel === 'error') return head.error_count > 0;
  if (minimumLevel === 'warn') return head.error_count + head.warn_count > 0;
  return minimumLevel !== 'info' || head.error_count + head.warn_count + head.info_count > 0;
}

function portTest(ports: readonly string[]): Test {
  return (rows, names, columns) => {
    const isWanted = names.ports.map((port) => ports.includes(port));
    keep(rows, columns.read(blockColumns.port), (code) => isWanted[code] === true);
  };
}

function directionTest(directions: readonly LogDirection[]): Test {
  return (rows, _names, columns) => keep(rows, columns.read(blockColumns.kind), (kind) => directions.includes(directionOf(kind)));
}

function timeTest(fromUs = Number.NEGATIVE_INFINITY, toUs = Number.POSITIVE_INFINITY): Test {
  return (rows, _names, columns) => keep(rows, columns.read(blockColumns.at), (atUs) => atUs >= fromUs && atUs <= toUs);
}

function tagTest(tags: readonly string[]): Test {
  const wantsNone = tags.includes('');
  return (rows, { words }, columns) => {
    const isWanted = words.map((word) => tags.includes(word));
    keep(rows, labels(columns), (code) => (Number.isNaN(code) ? wantsNone : isWanted[code] === true));
  };
}

function eventTest(events: readonly string[]): Test {
  return (rows, { words }, columns) => {
    const isWanted = words.map((word) => events.length === 0 || events.some((name) => word.startsWith(name)));
    keep(rows, columns.read(blockColumns.event), (code) => isWanted[code] === true);
  };
}

function levelTest({ minimumLevel, tagLevels = {}, keepPlain = false }: LogFilter): Test {
  /** The least severe level that is wanted, as its code; 0: none is; absent: all are. */
  const codeOf = (level: string | undefined) => (level === undefined ? undefined : logLevels.indexOf(level as LogLevel) + 1);
  const common = codeOf(minimumLevel);
  return (rows, { words }, columns) => {
    const own = words.map((word) => (Object.hasOwn(tagLevels, word) ? tagLevels[word] : undefined));
    const limits = own.map((level) => codeOf(level) ?? common);
    const kinds = columns.read(blockColumns.kind);
    const labelOf = labels(columns);
    for (let i = 0; i < rows.length; i++) {
      const label = labelOf[i] as number;
      const limit = Number.isNaN(label) ? common : limits[label];
      const level = levelCodeOf(kinds[i] as number);
      const isWanted = limit === undefined || (limit > 0 && (level === 0 ? keepPlain : level <= limit));
      if (!isWanted) rows[i] = 0;
    }
  };
}

/** The tag of each row, or its file where it has no tag. */
function labels(columns: ColumnReader): Float64Array {
  const codes = columns.read(blockColumns.tag);
  const files = columns.read(blockColumns.file);
  for (let i = 0; i < codes.length; i++) if (Number.isNaN(codes[i])) codes[i] = files[i] as number;
  return codes;
}

function keep(rows: Uint8Array, numbers: Float64Array, isWanted: (number: number) => boolean): void {
  for (let i = 0; i < rows.length; i++) if (rows[i] === 1 && !isWanted(numbers[i] as number)) rows[i] = 0;
}
