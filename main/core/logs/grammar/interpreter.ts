import type { ParsedRow } from '../row.ts';
import { type Block, type Grammar, type GrammarMatch, type LineFacts, parseJson } from './grammar.ts';
import { freeMemoryOf } from './heap.ts';
import { firstBit, PatternFilter } from './pattern-filter.ts';
import { plain } from './plain.ts';

/** Rows of others that a block survives. What is farther apart is not one thing. */
const MAX_GAP = 100;

/**
 * Other programs' stamps before the board's own text: `17:54:44.041 -> ` (Arduino), `[14:04:29]` (ESPHome, PlatformIO), with
 * `收←◆` (LLCOM), and colour codes copied as letters.
 */
const hostPrefix = /^(?:\d\d:\d\d:\d\d(?:\.\d+)? -> ?|\[\d\d:\d\d:\d\d(?:\.\d+)?\](?:收←◆| )?|(?:ESC|\^\[\[?)\[?[\d;]*m)+/;
/** The line as a grammar sees it: no stamps, blanks or undecodable noise (as before a ROM's first line) in front. */
export function withoutHostPrefix(text: string): string {
  const bare = mayBeginHostPrefix(text) ? text.replace(hostPrefix, '') : text;
  const bareFirst = bare.charCodeAt(0);
  return bareFirst > 0x20 && bareFirst < 0x7f ? bare : bare.replace(/^[\s\uFFFD]+/, '');
}

/** By one character of what a stamp begins with: most lines have a bracket or a digit in front and no stamp. */
function mayBeginHostPrefix(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first === 0x5b) return text.charCodeAt(3) === COLON;
  if (first >= 0x30 && first <= 0x39) return text.charCodeAt(2) === COLON;
  return first === 0x5e || (first === 0x45 && text.charCodeAt(1) === 0x53);
}

const COLON = 0x3a;
const BRACE = 0x7b;

type OpenBlock = { -readonly [Key in keyof Block]: Block[Key] };

/** A grammar at work on one stream. */
interface Reader {
  readonly grammar: Grammar;
  readonly bit: number;
  block: OpenBlock | null;
}

/** What lines each of a list of grammars can know. Made once: every port has an interpreter. */
const filters = new WeakMap<readonly Grammar[], PatternFilter>();

function filterOf(grammars: readonly Grammar[]): PatternFilter {
  let filter = filters.get(grammars);
  if (filter === undefined) {
    filter = new PatternFilter(grammars.map(({ begins }) => begins ?? []));
    filters.set(grammars, filter);
  }
  return filter;
}

/** Reads lines with a list of grammars, and keeps the blocks they have open. */
export class Interpreter {
  readonly #readers: readonly Reader[];
  readonly #filter: PatternFilter;
  /** Those that claim lines nobody knows. */
  readonly #claiming: readonly Reader[];
  /** The bits of those that have a block open. */
  #open = 0;

  constructor(grammars: readonly Grammar[]) {
    this.#filter = filterOf(grammars);
    this.#readers = grammars.map((grammar, index) => ({ grammar, bit: 1 << index, block: null }));
    this.#claiming = this.#readers.filter(({ grammar }) => grammar.claim !== undefined);
  }

  /** Adds to a row what its text says. */
  read(row: ParsedRow): void {
    const line = withoutHostPrefix(row.text);
    for (let possible = this.#filter.possible(line) | this.#open; possible !== 0; possible &= possible - 1) {
      const reader = this.#readers[firstBit(possible)] as Reader;
      const found = reader.grammar.match(line, reader.block);
      if (found === null) continue;
      this.#take(reader, row, found);
      return;
    }
    for (const reader of this.#claiming) {
      const found = reader.grammar.claim?.(line, reader.block) ?? null;
      if (found === null) continue;
      this.#take(reader, row, found);
      return;
    }
    row.grammar = plain.name;
    addCommonFacts(row);
    if (this.#open !== 0) this.#widenGaps(null);
  }

  /** Whether a grammar has a block open. */
  isOpen(grammar: Grammar): boolean {
    return this.#open !== 0 && this.#readers.some((reader) => reader.grammar === grammar && reader.block !== null);
  }

  /** What goes out to the board: it may answer without an echo. The row is not changed. */
  sent(row: ParsedRow): void {
    for (const reader of this.#readers) {
      const found = reader.grammar.sent?.(row.text) ?? null;
      if (found !== null) this.#follow(reader, row, found);
    }
  }

  #take(reader: Reader, row: ParsedRow, found: GrammarMatch): void {
    row.grammar = reader.grammar.name;
    addFacts(row, found.facts);
    addCommonFacts(row);
    this.#follow(reader, row, found);
    if (this.#open === 0) return;
    // What a chip was printing ends with its reset.
    if (row.event === 'boot.rom' || row.event === 'boot.reset') this.#closeAll(reader);
    else this.#widenGaps(reader);
  }

  #follow(reader: Reader, row: ParsedRow, found: GrammarMatch): void {
    const { block } = reader;
    if (found.continues && block !== null) {
      row.opener = block.opener;
      block.rows++;
      block.gap = 0;
      if (found.text !== null) block.text = found.text;
      if (row.event !== undefined) block.event = row.event;
      if (row.payload !== undefined) block.payload = row.payload;
      if (found.closes) this.#set(reader, null);
    } else if (found.opens !== null) {
      this.#set(reader, {
        grammar: row.grammar,
        name: found.opens,
        opener: row,
        rows: 1,
        gap: 0,
        text: row.text,
        event: row.event,
        payload: row.payload,
        state: found.state,
      });
    } else if (block !== null) this.#set(reader, null);
  }

  #set(reader: Reader, block: OpenBlock | null): void {
    this.#open = block === null ? this.#open & ~reader.bit : this.#open | reader.bit;
    reader.block = block;
  }

  #closeAll(except: Reader): void {
    for (const reader of this.#readers) if (reader !== except) this.#set(reader, null);
  }

  #widenGaps(except: Reader | null): void {
    for (let open = this.#open; open !== 0; open &= open - 1) {
      const reader = this.#readers[firstBit(open)] as Reader;
      if (reader.block === null || reader === except) continue;
      if (++reader.block.gap > MAX_GAP) this.#set(reader, null);
    }
  }
}

/** One by one: rows keep one order of keys. */
function addFacts(row: ParsedRow, facts: LineFacts): void {
  row.level = facts.level;
  row.deviceMs = facts.deviceMs;
  row.deviceTime = facts.deviceTime;
  row.tag = facts.tag;
  row.file = facts.file;
  row.function = facts.function;
  row.line = facts.line;
  row.message = facts.message;
  row.event = facts.event;
  row.payload = facts.payload;
}

/** What any line may hold, whoever printed it: free memory, JSON. */
function addCommonFacts(row: ParsedRow): void {
  if (row.payload !== undefined) return;
  if (row.event === undefined && tellsMemory.test(row.message)) {
    const memory = freeMemoryOf(row.message);
    if (memory !== null) {
      row.event = 'heap';
      row.payload = memory;
    }
  }
  if (row.payload === undefined) addJson(row);
}

const tellsMemory = /eap|emory|HEAP/;

function addJson(row: ParsedRow): void {
  const { message } = row;
  const first = message.charCodeAt(0);
  // Most begin with a letter.
  if (first !== BRACE && first > 0x20 && first < 0x80) return;
  if (message.length < 2 || !message.includes('}', message.length - 4)) return;
  const trimmed = message.trim();
  if (!(trimmed.startsWith('{') && trimmed.endsWith('}'))) return;
  const value = parseJson(trimmed);
  if (value !== undefined) row.payload = value;
}
