import type { LogRow } from '../../../../preload/contract/logs.ts';
import type { LogEventName } from '../events.ts';
import type { ParsedRow } from '../row.ts';
import { firstsOf } from './pattern-firsts.ts';

/** What a grammar can know of a line; the rest of the row is the parser's. */
export type LineFacts = Partial<
  Pick<LogRow, 'level' | 'deviceMs' | 'deviceTime' | 'tag' | 'file' | 'function' | 'line' | 'message' | 'event' | 'payload'>
>;

/** Several lines that belong together: a register dump, a wrapped line, a banner. */
export interface Block {
  /** The grammar that opened it, and its own name for the kind. */
  readonly grammar: string;
  readonly name: string;
  /** The row it began with. */
  readonly opener: ParsedRow;
  /** Rows in it so far. */
  readonly rows: number;
  /** Rows that other grammars, or none, have had since its last one: boards print from several tasks at once. */
  readonly gap: number;
  /** The text so far, for lines that were wrapped. */
  readonly text: string;
  /** The event and payload already told for it, so that a pair of rows does not tell one twice. */
  readonly event: string | undefined;
  readonly payload: unknown;
  /** The grammar's own, from the match that opened it; the grammar may write to it as the block goes on. */
  readonly state: unknown;
}

export interface GrammarMatch {
  facts: LineFacts;
  /** This line begins a block of that name. */
  opens?: string;
  /** With `opens`: what the grammar will want to know when the block goes on. */
  state?: unknown;
  /** This line continues the open block; `text` is then the block's text with this line. */
  continues?: { text?: string };
  /** Nothing after this line continues the block. */
  closes?: boolean;
}

/**
 * One way boards write lines. Stateless: what a grammar must remember of earlier lines is the block it opened. Several
 * interleave on one port, each with its own block; the first that knows a line has it.
 */
export interface Grammar {
  readonly name: string;
  /**
   * Every character that a line can begin with which opens nothing of an open block: other lines are not shown to the grammar while
   * it has no block. Absent: it sees every line.
   */
  readonly firsts?: string;
  /** `line` has no blanks nor other programs' stamps in front. `block` is the block this grammar has open, else null. */
  match(line: string, block: Block | null): GrammarMatch | null;
  /** Asked when no grammar's `match` knows the line: for what has no shape of its own and is known by what came before. */
  claim?(line: string, block: Block | null): GrammarMatch | null;
}

/** A line whose shape alone says what it means. Tables of these are most of a grammar. */
export interface Rule {
  readonly pattern: RegExp;
  readonly event?: LogEventName;
  /** A new object for each line: it is added to. */
  readonly facts?: (match: RegExpExecArray) => LineFacts;
}

/** The first rule that matches, as facts; null when none does. */
export function applyRules(rules: readonly Rule[], text: string): LineFacts | null {
  for (const rule of rulesFor(rules, text)) {
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    const facts = rule.facts?.(match) ?? {};
    if (rule.event !== undefined) facts.event ??= rule.event;
    return facts;
  }
  return null;
}

/** The rules of a table that a text with a certain first character can match, by the character's code. */
const tables = new WeakMap<readonly Rule[], Array<readonly Rule[] | undefined>>();

/** A table has dozens of rules and most begin with a letter of their own: a look at the text's first spares most of them. */
function rulesFor(rules: readonly Rule[], text: string): readonly Rule[] {
  const code = text.charCodeAt(0);
  if (!(code < 128)) return rules;
  const table = tables.get(rules) ?? newTable(rules);
  const known = table[code];
  if (known !== undefined) return known;
  const first = String.fromCharCode(code);
  const possible = rules.filter(({ pattern }) => firstsOf(pattern)?.has(first) ?? true);
  table[code] = possible;
  return possible;
}

function newTable(rules: readonly Rule[]): Array<readonly Rule[] | undefined> {
  const table = new Array<readonly Rule[] | undefined>(128).fill(undefined);
  tables.set(rules, table);
  return table;
}

/** Deeper JSON is noise or an attack; structured clone, which carries rows to the store, gives up at a few thousand. */
const MAX_JSON_DEPTH = 64;

/** The value of JSON text, or undefined when it is not JSON (a cut line, a board that prints almost-JSON) or nests too deep. */
export function parseJson(text: string): unknown {
  try {
    return nestsTooDeep(text) ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Brackets inside strings count too: who has that many of them open is not talking to us. */
function nestsTooDeep(text: string): boolean {
  if (text.length <= 2 * MAX_JSON_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) depth++;
    else if (code === 0x5d || code === 0x7d) depth--;
    if (depth > MAX_JSON_DEPTH) return true;
  }
  return false;
}
