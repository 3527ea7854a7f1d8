import type { ParsedRow } from '../row.ts';
import { type Block, type Grammar, type GrammarMatch, type LineFacts, parseJson } from './grammar.ts';
import { freeMemoryOf } from './heap.ts';
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
  const first = text.charCodeAt(0);
  const bare = mayBeginHostPrefix(first) ? text.replace(hostPrefix, '') : text;
  const bareFirst = bare.charCodeAt(0);
  return bareFirst > 0x20 && bareFirst < 0x7f ? bare : bare.replace(/^[\s\uFFFD]+/, '');
}

/** A digit, `[`, `^` or the E of ESC. */
const mayBeginHostPrefix = (code: number) => (code >= 0x30 && code <= 0x39) || code === 0x5b || code === 0x5e || code === 0x45;

type OpenBlock = { -readonly [Key in keyof Block]: Block[Key] };

/** Reads lines with a list of grammars, and keeps the blocks they have open. */
export class Interpreter {
  readonly #grammars: readonly Grammar[];
  /** For each grammar the ASCII characters its lines begin with; null: any. */
  readonly #firsts: ReadonlyArray<Uint8Array | null>;
  /** Those that claim lines nobody knows, in order. */
  readonly #claiming: readonly number[];
  readonly #open: Array<OpenBlock | null>;
  #openCount = 0;

  constructor(grammars: readonly Grammar[]) {
    this.#grammars = grammars;
    this.#firsts = grammars.map(({ firsts }) => (firsts === undefined ? null : charactersOf(firsts)));
    this.#claiming = grammars.flatMap(({ claim }, index) => (claim === undefined ? [] : [index]));
    this.#open = grammars.map(() => null);
  }

  /** Adds to a row what its text says. */
  read(row: ParsedRow): void {
    const line = withoutHostPrefix(row.text);
    const first = line.charCodeAt(0);
    for (let index = 0; index < this.#grammars.length; index++) {
      const firsts = this.#firsts[index] ?? null;
      const block = this.#open[index] ?? null;
      if (block === null && firsts !== null && firsts[first] !== 1) continue;
      const grammar = this.#grammars[index] as Grammar;
      const found = grammar.match(line, block);
      if (found !== null) {
        this.#take(index, grammar, row, found);
        return;
      }
    }
    for (const index of this.#claiming) {
      const grammar = this.#grammars[index] as Grammar;
      const found = grammar.claim?.(line, this.#open[index] ?? null) ?? null;
      if (found !== null) {
        this.#take(index, grammar, row, found);
        return;
      }
    }
    row.grammar = plain.name;
    addCommonFacts(row);
    if (this.#openCount > 0) this.#widenGaps(-1);
  }

  #take(index: number, grammar: Grammar, row: ParsedRow, found: GrammarMatch): void {
    row.grammar = grammar.name;
    addFacts(row, found.facts);
    addCommonFacts(row);
    this.#follow(index, row, found);
  }

  #follow(index: number, row: ParsedRow, found: GrammarMatch): void {
    const block = this.#open[index] ?? null;
    if (found.continues !== undefined && block !== null) {
      row.opener = block.opener;
      block.rows++;
      block.gap = 0;
      if (found.continues.text !== undefined) block.text = found.continues.text;
      if (row.event !== undefined) block.event = row.event;
      if (row.payload !== undefined) block.payload = row.payload;
      if (found.closes === true) this.#set(index, null);
    } else if (found.opens !== undefined) {
      this.#set(index, {
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
    } else if (block !== null) this.#set(index, null);
    if (this.#openCount > 0) {
      // What a chip was printing ends with its reset.
      if (row.event === 'boot.rom' || row.event === 'boot.reset') this.#closeAll(index);
      else this.#widenGaps(index);
    }
  }

  #set(index: number, block: OpenBlock | null): void {
    const had = this.#open[index] ?? null;
    this.#openCount += (block === null ? 0 : 1) - (had === null ? 0 : 1);
    this.#open[index] = block;
  }

  #closeAll(except: number): void {
    for (let index = 0; index < this.#open.length; index++) if (index !== except) this.#set(index, null);
  }

  #widenGaps(except: number): void {
    for (let index = 0; index < this.#open.length; index++) {
      const block = this.#open[index] ?? null;
      if (block === null || index === except) continue;
      if (++block.gap > MAX_GAP) this.#set(index, null);
    }
  }
}

function charactersOf(firsts: string): Uint8Array {
  const marks = new Uint8Array(128);
  for (const character of firsts) marks[character.charCodeAt(0)] = 1;
  return marks;
}

/** One by one: rows keep one order of keys, and absent facts stay absent. */
export function addFacts(row: LineFacts, facts: LineFacts): void {
  if (facts.level !== undefined) row.level = facts.level;
  if (facts.deviceMs !== undefined) row.deviceMs = facts.deviceMs;
  if (facts.deviceTime !== undefined) row.deviceTime = facts.deviceTime;
  if (facts.tag !== undefined) row.tag = facts.tag;
  if (facts.file !== undefined) row.file = facts.file;
  if (facts.function !== undefined) row.function = facts.function;
  if (facts.line !== undefined) row.line = facts.line;
  if (facts.message !== undefined) row.message = facts.message;
  if (facts.event !== undefined) row.event = facts.event;
  if (facts.payload !== undefined) row.payload = facts.payload;
}

/** What any line may hold, whoever printed it: free memory, JSON. */
function addCommonFacts(row: ParsedRow): void {
  if (row.event === undefined && row.payload === undefined && mayTellMemory(row.message)) {
    const memory = freeMemoryOf(row.message);
    if (memory !== null) {
      row.event = 'heap';
      row.payload = memory;
    }
  }
  if (row.payload === undefined) addJson(row);
}

const mayTellMemory = (message: string) => message.includes('eap') || message.includes('emory') || message.includes('HEAP');

function addJson(row: ParsedRow): void {
  const { message } = row;
  if (message.length < 2 || !message.includes('}', message.length - 4)) return;
  const trimmed = message.trim();
  if (!(trimmed.startsWith('{') && trimmed.endsWith('}'))) return;
  const value = parseJson(trimmed);
  if (value !== undefined) row.payload = value;
}
