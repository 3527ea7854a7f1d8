import { blockColumns, columnsOf, type Facts, factKeys, factsOf, jsonOf, type LogBlock } from './block.ts';
import { packColumns } from './packed-columns.ts';

/** Columns whose numbers are indices into the block's words. */
export const wordColumns: readonly number[] = [
  blockColumns.grammar,
  blockColumns.tag,
  blockColumns.file,
  blockColumns.function,
  blockColumns.event,
];

/** Blocks that follow each other without a gap, as one. */
export function joinBlocks(blocks: readonly LogBlock[]): LogBlock {
  const rowCount = sum(blocks, (block) => block.rowCount);
  const columns = Object.values(blockColumns).map(() => new Float64Array(rowCount));
  const ports = new Names();
  const words = new Names();
  const facts: Facts = {};
  let at = 0;
  for (const block of blocks) {
    const portCodes = ports.add(block.ports, block.portRows);
    const wordCodes = words.add(block.words, block.labelRows);
    const reader = columnsOf(block);
    for (const [index, column] of columns.entries()) {
      const numbers = reader.read(index);
      const codes = index === blockColumns.port ? portCodes : wordColumns.includes(index) ? wordCodes : null;
      if (codes !== null) for (let i = 0; i < numbers.length; i++) numbers[i] = codes[numbers[i] as number] ?? Number.NaN;
      column.set(numbers, at);
    }
    addFacts(facts, factsOf(block), at);
    at += block.rowCount;
  }
  return {
    firstSeq: blocks[0]?.firstSeq ?? 0,
    rowCount,
    firstUs: blocks.reduce((least, block) => Math.min(least, block.firstUs), Number.POSITIVE_INFINITY),
    lastUs: blocks.reduce((most, block) => Math.max(most, block.lastUs), Number.NEGATIVE_INFINITY),
    errorCount: sum(blocks, (block) => block.errorCount),
    warnCount: sum(blocks, (block) => block.warnCount),
    infoCount: sum(blocks, (block) => block.infoCount),
    ports: ports.names,
    portRows: ports.counts,
    words: words.names,
    labelRows: words.counts,
    columns: packColumns(columns),
    text: blocks.map((block) => block.text).join(''),
    facts: jsonOf(facts),
  };
}

/** Names of several blocks with one numbering. */
class Names {
  readonly names: string[] = [];
  readonly counts: number[] = [];
  readonly #codes = new Map<string, number>();

  /** The new code of each. */
  add(names: readonly string[], counts: readonly number[]): number[] {
    return names.map((name, index) => {
      const known = this.#codes.get(name);
      const code = known ?? this.names.push(name) - 1;
      if (known === undefined) this.#codes.set(name, code);
      this.counts[code] = (this.counts[code] ?? 0) + (counts[index] ?? 0);
      return code;
    });
  }
}

function addFacts(all: Facts, some: Facts, at: number): void {
  for (const key of factKeys) {
    const from = some[key];
    if (from === undefined) continue;
    const into: { rows: number[]; values: unknown[] } = all[key] ?? { rows: [], values: [] };
    for (const row of from.rows) into.rows.push(row + at);
    for (const value of from.values) into.values.push(value);
    Object.assign(all, { [key]: into });
  }
}

function sum(blocks: readonly LogBlock[], of: (block: LogBlock) => number): number {
  return blocks.reduce((total, block) => total + of(block), 0);
}
