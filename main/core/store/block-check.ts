import { z } from 'zod';
import { blockColumns, columnsOf, type LogBlock } from '../logs/block.ts';
import { countedBlock } from '../logs/block-cut.ts';
import type { BlockRow } from './block-row.ts';

/** What a block of ours can have: the append queue takes no larger one. */
export const BLOCK_LIMIT_BYTES = 128e6;
const ROW_LIMIT_BYTES = 16 << 20;
/** Ours have less than twice `BLOCK_ROWS`. Columns of equal numbers take no room in a file and much of it once read. */
const ROWS_LIMIT = 1 << 16;
/** A parser lets 64 through; what carries rows to the page gives up at a few thousand. */
export const MAX_JSON_DEPTH = 128;

const names = z.object({ ports: z.array(z.string()), words: z.array(z.string()) });

const sparse = <Value extends z.ZodType>(value: Value) =>
  z.object({ rows: z.array(z.number().int().min(0)), values: z.array(value) }).optional();
const facts = z.strictObject({
  deviceTime: sparse(z.string()),
  message: sparse(z.string()),
  payload: sparse(z.unknown()),
  colours: sparse(z.array(z.tuple([z.number().int().min(0), z.number().int().min(0), z.number().int().min(0)]))),
});

/**
 * A block that someone else made up, as one that every reader can trust; what can be counted is counted again. Throws an Error with
 * what is wrong with it.
 */
export function checkedBlock(row: BlockRow): LogBlock {
  const rowCount = natural(row.row_count, 'row_count');
  const firstSeq = natural(row.first_seq, 'first_seq');
  if (rowCount > ROWS_LIMIT) throw new Error(`${rowCount} rows`);
  const text = row.text;
  const lineEnds = endsOf(text, rowCount);
  const { ports, words } = names.parse(json(row.names, 'names'));
  if (row.facts !== '') checkFacts(row.facts, rowCount);
  const reader = columnsOf({ columns: new Uint8Array(row.columns), rowCount });
  const column = (name: keyof typeof blockColumns, isGood: (value: number, row: number) => boolean, isOptional = false) => {
    const values = reader.read(blockColumns[name]);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (!(Number.isNaN(value) ? isOptional : isGood(value, i))) throw new Error(`${name} of row ${firstSeq + i} is ${value}`);
    }
    return values;
  };
  const isWord = (value: number) => Number.isInteger(value) && value >= 0 && value < words.length;
  column('at', Number.isSafeInteger);
  column('port', (value) => Number.isInteger(value) && value >= 0 && value < ports.length);
  column('kind', (value) => Number.isInteger(value) && value >= 0 && value < 64 && (value & 7) < 6 && ((value >> 3) & 3) < 3);
  column('offset', (value) => Number.isSafeInteger(value) && value >= -1);
  column('length', (value) => Number.isInteger(value) && value >= 0 && value <= ROW_LIMIT_BYTES);
  const start = column('messageStart', (value) => Number.isInteger(value) && value >= 0, true);
  column('messageCut', (value, i) => {
    const length = (lineEnds[i] as number) - (i === 0 ? 0 : (lineEnds[i - 1] as number) + 1);
    return Number.isInteger(value) && value >= 0 && (start[i] || 0) + value <= length;
  });
  column('grammar', isWord);
  column('tag', isWord, true);
  column('file', isWord, true);
  column('function', isWord, true);
  column('event', isWord, true);
  column('line', Number.isSafeInteger, true);
  column('deviceMs', Number.isFinite, true);
  column('continues', (value, i) => Number.isInteger(value) && value > 0 && value <= firstSeq + i, true);
  column('colour', (value) => Number.isInteger(value) && value >= 0 && value < 256, true);
  return countedBlock({ firstSeq, rowCount, ports, words, columns: new Uint8Array(row.columns), text, facts: row.facts });
}

/** Where each row's text ends. */
function endsOf(text: string, rowCount: number): number[] {
  const ends: number[] = [];
  for (let at = text.indexOf('\n'); at >= 0 && ends.length <= rowCount; at = text.indexOf('\n', at + 1)) ends.push(at);
  if (ends.length !== rowCount || ends.at(-1) !== text.length - 1) throw new Error(`not ${rowCount} lines`);
  return ends;
}

function checkFacts(text: string, rowCount: number): void {
  if (depthOf(text) > MAX_JSON_DEPTH) throw new Error('facts nest too deep');
  for (const [name, column] of Object.entries(facts.parse(json(text, 'facts')))) {
    if (column === undefined) continue;
    const isGood = column.rows.length === column.values.length && column.rows.every((row) => row < rowCount);
    if (!isGood) throw new Error(`${name} of rows that are not there`);
  }
}

/** How deep JSON nests, in one pass: an expression would look for the end of a string that has none again and again. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}

function json(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${what} are not JSON`, { cause: error });
  }
}

function natural(value: number, what: string): number {
  // Seqs travel as 32 bits.
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new Error(`${what} ${value}`);
  return value;
}
