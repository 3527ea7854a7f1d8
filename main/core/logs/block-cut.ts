import { blockColumns, columnsOf, type Facts, factKeys, factsOf, jsonOf, type LogBlock, levelCodeOf } from './block.ts';
import { wordColumns } from './block-join.ts';
import { packColumns } from './packed-columns.ts';

/** What a block says by itself; the rest is counted of it. */
type Uncounted = Pick<LogBlock, 'firstSeq' | 'rowCount' | 'ports' | 'words' | 'columns' | 'text' | 'facts'>;

/**
 * The block as several that follow each other, of at most so many rows and about so many bytes of text and facts, but of one row at least.
 * Throws RangeError when its columns are damaged.
 */
export function* cutBlock(block: LogBlock, limit: { rows: number; bytes: number }): Generator<LogBlock> {
  const facts = factsOf(block);
  const bytesOf = factBytesOf(facts, block.rowCount);
  const parts: Part[] = [];
  const partOfRow = new Uint32Array(block.rowCount);
  let part: Part = { from: 0, to: 0, textFrom: 0, textTo: 0, bytes: 0, facts: {} };
  for (let row = 0; row < block.rowCount; row++) {
    const textTo = block.text.indexOf('\n', part.textTo) + 1;
    const own = Buffer.byteLength(block.text.slice(part.textTo, textTo)) + (bytesOf[row] ?? 0);
    if (row === 0 || row - part.from >= limit.rows || part.bytes + own > limit.bytes) {
      part = { from: row, to: row, textFrom: part.textTo, textTo: part.textTo, bytes: 0, facts: {} };
      parts.push(part);
    }
    partOfRow[row] = parts.length - 1;
    part.to = row + 1;
    part.textTo = textTo;
    part.bytes += own;
  }
  for (const key of factKeys)
    for (const [index, row] of (facts[key]?.rows ?? []).entries()) {
      const own = parts[partOfRow[row] ?? 0];
      if (own === undefined) continue;
      own.facts[key] ??= { rows: [], values: [] };
      const fact = own.facts[key];
      fact.rows.push(row - own.from);
      fact.values.push(facts[key]?.values[index]);
    }
  for (const each of parts) yield partOf(block, each);
}

/** Rows `from` … before `to` of a block, and where their texts are in its text. */
interface Part {
  from: number;
  to: number;
  textFrom: number;
  textTo: number;
  bytes: number;
  facts: Record<string, { rows: number[]; values: unknown[] }>;
}

/** A block of what it says, with all that is counted. */
export function countedBlock(block: Uncounted): LogBlock {
  const reader = columnsOf(block);
  const at = reader.read(blockColumns.at);
  const levels = tally(reader.read(blockColumns.kind).map(levelCodeOf), 6);
  const file = reader.read(blockColumns.file);
  // As `labelOf` has it.
  const labels = reader.read(blockColumns.tag).map((code, row) => (Number.isNaN(code) ? (file[row] as number) : code));
  return {
    ...block,
    firstUs: at.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    lastUs: at.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
    errorCount: levels[1] ?? 0,
    warnCount: levels[2] ?? 0,
    infoCount: levels[3] ?? 0,
    portRows: tally(reader.read(blockColumns.port), block.ports.length),
    labelRows: tally(labels, block.words.length),
  };
}

function partOf(block: LogBlock, { from, to, textFrom, textTo, facts }: Part): LogBlock {
  const reader = columnsOf(block);
  const columns = Object.values(blockColumns).map((index) => reader.read(index, from, to));
  const ports = new UsedNames(block.ports);
  const words = new UsedNames(block.words);
  for (const [index, numbers] of columns.entries()) {
    const names = index === blockColumns.port ? ports : wordColumns.includes(index) ? words : null;
    if (names !== null) for (let row = 0; row < numbers.length; row++) numbers[row] = names.codeOf(numbers[row] as number);
  }
  return countedBlock({
    firstSeq: block.firstSeq + from,
    rowCount: to - from,
    ports: ports.names,
    words: words.names,
    columns: packColumns(columns),
    text: block.text.slice(textFrom, textTo),
    facts: jsonOf(facts),
  });
}

/** Those of a block's names that its part has, numbered anew. */
class UsedNames {
  readonly names: string[] = [];
  readonly #all: readonly string[];
  readonly #codes = new Map<number, number>();

  constructor(all: readonly string[]) {
    this.#all = all;
  }

  codeOf(code: number): number {
    if (Number.isNaN(code)) return code;
    const known = this.#codes.get(code) ?? this.names.push(this.#all[code] ?? '') - 1;
    this.#codes.set(code, known);
    return known;
  }
}

function factBytesOf(facts: Facts, rowCount: number): Float64Array {
  const bytes = new Float64Array(rowCount);
  for (const key of factKeys)
    for (const [index, row] of (facts[key]?.rows ?? []).entries())
      bytes[row] = (bytes[row] ?? 0) + Buffer.byteLength(JSON.stringify(facts[key]?.values[index]) ?? '');
  return bytes;
}

/** How often each code is there; NaN is none. */
function tally(codes: Float64Array, count: number): number[] {
  const counts = Array.from({ length: count }, () => 0);
  for (const code of codes) if (!Number.isNaN(code)) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
